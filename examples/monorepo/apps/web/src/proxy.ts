import { type NextRequest, NextResponse } from "next/server";
import { context } from "./context.ts";
import { contentSecurityPolicy, corsHeaders } from "./ops/security.ts";

/** Files and health checks need neither a policy nor an answer to other origins. */
export const config = { matcher: "/((?!_next/static/|livez$|readyz$|health$).*)" };

/** Runs before routes and pages. */
export function proxy(request: NextRequest): NextResponse {
  return request.nextUrl.pathname.startsWith("/api/") ? forApi(request) : forPage(request);
}

function forApi(request: NextRequest): NextResponse {
  const allowed = corsHeaders(request.headers.get("origin"), context().corsOrigins);
  if (request.method !== "OPTIONS") return NextResponse.next({ headers: allowed });
  const preflight = {
    "access-control-allow-headers": "content-type",
    "access-control-allow-methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
  };
  return new NextResponse(null, { status: 204, headers: { ...allowed, ...preflight } });
}

function forPage(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  // Next reads the nonce from the policy of the request.
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}
