/** Who may say who the client is, in X-Forwarded-For: it follows from what stands in front of the service. */

/** Proxies on private networks may; nobody else may. */
export const trustedProxies = ["loopback", "linklocal", "uniquelocal"];
