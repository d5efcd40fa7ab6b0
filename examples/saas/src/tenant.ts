/** As Node.js hands out the headers of a request: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type TenantOf = (headers: RequestHeaders) => Promise<string | undefined>;

/**
 * The tenant (organisation, account, user) on whose behalf a request comes: every file belongs to one.
 *
 * Yours to connect to your sign-in: verify the session or token of the request here, and return the tenant that it proves.
 * Never take the tenant from a header, path or body as it is: a client could name any. Until it is connected nobody is signed
 * in, and /uploads answers 401.
 */
export async function tenantOf(_headers: RequestHeaders): Promise<string | undefined> {
  return undefined;
}
