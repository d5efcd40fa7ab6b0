/** Files of tenants: which types there may be, and what clients are answered. The routes pass it on. */
import { type Storage, StorageUnavailable } from "./ops/storage.ts";
import { type RequestHeaders, type TenantOf, tenantOf } from "./tenant.ts";

/** S3 takes the client's word for the type. Leave out what browsers run: HTML, SVG, JavaScript. */
export const CONTENT_TYPES = ["application/pdf", "image/jpeg", "image/png", "image/webp"] as const;

export type ContentType = (typeof CONTENT_TYPES)[number];

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: object;
}

export interface Uploads {
  /** Signs a form for a new file. */
  create(headers: RequestHeaders, contentType: ContentType): Promise<Answer>;
  /** The client has sent it. */
  keep(headers: RequestHeaders, id: string): Promise<Answer>;
  /** Signs a link to it. */
  find(headers: RequestHeaders, id: string): Promise<Answer>;
}

/** What is signed is for the one who asked. */
const UNSHARED = { "cache-control": "no-store" };

const UNKNOWN: Answer = { status: 404, headers: {}, body: { error: "No such upload" } };

export function uploadsOf(storage: Storage, tenantOfRequest: TenantOf = tenantOf): Uploads {
  async function asTenant(
    headers: RequestHeaders,
    work: (tenant: string) => Promise<Answer>,
  ): Promise<Answer> {
    const tenant = await tenantOfRequest(headers);
    if (tenant === undefined) {
      return { status: 401, headers: {}, body: { error: "Not signed in" } };
    }
    try {
      return await work(tenant);
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      const body = { error: "Uploads are not available now" };
      return { status: 503, headers: { "retry-after": "5" }, body };
    }
  }

  return {
    create: (headers, contentType) =>
      asTenant(headers, async (tenant) => {
        const form = await storage.signUpload(tenant, contentType);
        const location = `/uploads/${form.id}`;
        return { status: 201, headers: { ...UNSHARED, location }, body: form };
      }),
    keep: (headers, id) =>
      asTenant(headers, async (tenant) => {
        const kept = await storage.keep(tenant, id);
        return kept ? { status: 200, headers: {}, body: { id } } : UNKNOWN;
      }),
    find: (headers, id) =>
      asTenant(headers, async (tenant) => {
        const download = await storage.signDownload(tenant, id);
        return download ? { status: 200, headers: UNSHARED, body: download } : UNKNOWN;
      }),
  };
}
