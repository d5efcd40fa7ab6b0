test("the addresses of one IPv6 network count as one client", () => {
  assert.equal(network("192.0.2.1"), "192.0.2.1");
  assert.equal(network("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
  assert.equal(network("2001:db8:0:7::1"), network("2001:DB8:0:7:ffff:1:2:3"));
  assert.notEqual(network("2001:db8:0:7::1"), network("2001:db8:0:8::1"));
  assert.equal(network("fe80::1%eth0"), "fe80:0:0:0");
  assert.equal(network("::1"), "0:0:0:0");
});
