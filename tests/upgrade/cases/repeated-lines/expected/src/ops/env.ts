a {
  x
}
b {
  mine
  x
}
c {
  news
}
