a {
  x
}
b {
  mine
  x
}
c {
  x
}
