a {
  x
}
b {
  x
}
c {
  news
}
