import type { IncomingMessage } from "node:http";
import proxyaddr from "proxy-addr";
import { trustedProxies } from "./proxies.ts";

const isTrusted = proxyaddr.compile(trustedProxies);

/** The client's own address, as the proxies tell it that may: see proxies.ts. */
export function clientAddress(request: IncomingMessage): string {
  return proxyaddr(request, isTrusted);
}
