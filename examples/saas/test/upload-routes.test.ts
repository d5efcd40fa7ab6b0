import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Storage, StorageUnavailable } from "../src/ops/storage.ts";
import { uploadRoutes } from "../src/routes/uploads.ts";
import { type Uploads, uploadsOf } from "../src/uploads.ts";
import { testApp } from "./support.ts";

async function serving(t: TestContext, served: Uploads) {
  const app = await testApp();
  uploadRoutes(app, served);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => app.close());
  return (path: string, init?: RequestInit) => fetch(url + path, init);
}

function post(body: unknown) {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

const ID = "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11";

const FORM = { id: ID, url: "https://files.example", fields: {}, expiresIn: 300, maxBytes: 1000 };

/** Holds one file, of the tenant whose name the test's requests bear. */
const storage: Storage = {
  signUpload: async () => FORM,
  keep: async (tenant, id) => tenant === "acme" && id === ID,
  signDownload: async (tenant, id) =>
    tenant === "acme" && id === ID ? { url: FORM.url, expiresIn: 60 } : undefined,
  close: () => {},
};

const uploads = uploadsOf(storage, async (headers) => headers["x-test-tenant"]?.toString());

const acme = { "x-test-tenant": "acme" };

function create(body: unknown): RequestInit {
  const init = post(body);
  return { ...init, headers: { ...init.headers, ...acme } };
}

test("a form is handed out, the file kept, and a link to it handed out", async (t) => {
  const request = await serving(t, uploads);
  const created = await request("/uploads", create({ contentType: "image/png" }));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get("location"), `/uploads/${ID}`);
  assert.equal(created.headers.get("cache-control"), "no-store");
  assert.deepEqual(await created.json(), FORM);

  const kept = await request(`/uploads/${ID}`, { method: "PUT", headers: acme });
  assert.equal(kept.status, 200);

  const found = await request(`/uploads/${ID}`, { headers: acme });
  assert.equal(found.status, 200);
  assert.equal(found.headers.get("cache-control"), "no-store");
  assert.deepEqual(await found.json(), { url: FORM.url, expiresIn: 60 });
});

test("types that are not on the list are refused, and names of a client's choice", async (t) => {
  const request = await serving(t, uploads);
  for (const body of [{}, { contentType: "text/html" }, { contentType: "image/png", id: ID }]) {
    assert.equal((await request("/uploads", create(body))).status, 400);
  }
});

test("the file of another tenant is not found", async (t) => {
  const request = await serving(t, uploads);
  const other = { "x-test-tenant": "umbrella" };
  for (const method of ["GET", "PUT"]) {
    assert.equal((await request(`/uploads/${ID}`, { method, headers: other })).status, 404);
    assert.equal((await request("/uploads/7", { method, headers: acme })).status, 400);
  }
});

test("nobody gets in while src/tenant.ts names no tenant", async (t) => {
  const nobody = uploadsOf(storage, async () => undefined);
  const request = await serving(t, nobody);
  for (const method of ["GET", "PUT"]) {
    assert.equal((await request(`/uploads/${ID}`, { method, headers: acme })).status, 401);
  }
  assert.equal((await request("/uploads", create({ contentType: "image/png" }))).status, 401);
});

test("while S3 is away, clients are told to come back", async (t) => {
  const away = () => Promise.reject(new StorageUnavailable("timeout"));
  const broken = { ...storage, signUpload: away, keep: away, signDownload: away };
  const uploads = uploadsOf(broken, async () => "acme");
  const request = await serving(t, uploads);
  for (const response of [
    await request("/uploads", create({ contentType: "image/png" })),
    await request(`/uploads/${ID}`, { method: "PUT" }),
    await request(`/uploads/${ID}`),
  ]) {
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
  }
});
