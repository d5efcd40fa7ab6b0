/** What browsers may do with the answers of this service. */

/** On every answer, files included. */
export const RESPONSE_HEADERS = [
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  // Caddy, in front, has a certificate and sends http to https. Browsers ignore this over http.
  { key: "Strict-Transport-Security", value: "max-age=31536000" },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "SAMEORIGIN" },
];

/**
 * Scripts run only with the nonce of their page, or when such a script loads them. Next puts the nonce
 * on its own. It is new for each answer, so pages are rendered for each request.
 */
export function contentSecurityPolicy(nonce: string, isDevelopment: boolean): string {
  // In development React evaluates code to rebuild the stacks of errors, and styles come without a nonce.
  const scripts = isDevelopment ? " 'unsafe-eval'" : "";
  const styles = isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`;
  const rules = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${scripts}`,
    `style-src 'self' ${styles}`,
    "img-src 'self' blob: data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ];
  return rules.join("; ");
}

/**
 * What lets a browser read an answer from a page of another origin; nothing for origins that are not
 * listed. "*" lists all.
 */
export function corsHeaders(
  origin: string | null,
  allowed: readonly string[],
): Record<string, string> {
  if (allowed.length === 0) return {};
  if (allowed.includes("*")) return { "access-control-allow-origin": "*" };
  // Caches must not give the answer for one origin to another.
  const vary = { vary: "Origin" };
  if (origin === null || !allowed.includes(origin)) return vary;
  return { ...vary, "access-control-allow-origin": origin };
}
