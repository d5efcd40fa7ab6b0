import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { openStorage, StorageUnavailable } from "../src/ops/storage.ts";

// Signing asks nobody; the SDK looks for them here first.
process.env["AWS_ACCESS_KEY_ID"] = "test";
process.env["AWS_SECRET_ACCESS_KEY"] = "test";

const ID = "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11";

const settings = {
  AWS_REGION: "eu-central-1",
  S3_BUCKET: "files",
  S3_ENDPOINT: undefined,
  UPLOAD_MAX_BYTES: 1000,
};

function storageAt(t: TestContext, endpoint?: string) {
  const storage = openStorage({ ...settings, S3_ENDPOINT: endpoint }, createLogger("silent"));
  t.after(() => storage.close());
  return storage;
}

/** Answers as S3 would, on this machine. */
async function s3(t: TestContext, answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return storageAt(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

interface Policy {
  expiration: string;
  conditions: (Record<string, string> | (string | number)[])[];
}

test("a form holds its client to one key, one type, a size and encryption, for a short time", async (t) => {
  const form = await storageAt(t).signUpload("acme", "image/png");
  assert.equal(form.url, "https://files.s3.eu-central-1.amazonaws.com/");
  const text = Buffer.from(form.fields["Policy"] ?? "", "base64").toString();
  const { expiration, conditions } = JSON.parse(text) as Policy;
  const demanded = conditions.map((condition) => JSON.stringify(condition));
  for (const condition of [
    { bucket: "files" },
    { key: `incoming/tenants/acme/${form.id}` },
    { "Content-Type": "image/png" },
    { "x-amz-server-side-encryption": "AES256" },
    ["content-length-range", 1, settings.UPLOAD_MAX_BYTES],
  ]) {
    const asked = JSON.stringify(condition);
    assert.ok(demanded.includes(asked), `${asked}: ${text}`);
  }
  // "starts-with" and the like would leave a choice.
  assert.deepEqual(
    conditions.filter(Array.isArray).map(([kind]) => kind),
    ["content-length-range"],
  );
  const seconds = (Date.parse(expiration) - Date.now()) / 1000;
  assert.ok(seconds > 0 && seconds <= form.expiresIn, expiration);
  assert.equal(form.fields["key"], `incoming/tenants/acme/${form.id}`);
});

test("every form is for another file", async (t) => {
  const storage = storageAt(t);
  const sign = () => storage.signUpload("acme", "image/png");
  assert.notEqual((await sign()).id, (await sign()).id);
});

test("a tenant is a part of the key and never a path", async (t) => {
  const storage = storageAt(t);
  for (const tenant of ["", ".", "..", "a/b", "../umbrella", "a\\b", "a b", "ä", "x".repeat(65)]) {
    await assert.rejects(storage.signUpload(tenant, "image/png"), /A tenant has/);
    await assert.rejects(storage.keep(tenant, ID), /A tenant has/);
    await assert.rejects(storage.signDownload(tenant, ID), /A tenant has/);
  }
  for (const id of ["", "..", `../umbrella/${ID}`]) {
    await assert.rejects(storage.keep("acme", id), /is a UUID/);
    await assert.rejects(storage.signDownload("acme", id), /is a UUID/);
  }
});

test("a link is to one kept file, is saved and not shown, and ends soon", async (t) => {
  const storage = await s3(t, (_request, response) => response.end());
  const download = await storage.signDownload("acme", ID.toUpperCase());
  assert.ok(download);
  const { pathname, searchParams } = new URL(download.url);
  assert.equal(pathname, `/files/tenants/acme/${ID}`);
  assert.equal(searchParams.get("response-content-disposition"), "attachment");
  assert.equal(searchParams.get("X-Amz-Expires"), String(download.expiresIn));
});

test("keeping copies a file out of what is removed, encrypted", async (t) => {
  const seen: unknown[] = [];
  const storage = await s3(t, ({ method, url, headers }, response) => {
    const source = headers["x-amz-copy-source"];
    seen.push([method, url?.split("?")[0], source, headers["x-amz-server-side-encryption"]]);
    response.end("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>");
  });
  assert.equal(await storage.keep("acme", ID), true);
  assert.deepEqual(seen, [
    ["PUT", `/files/tenants/acme/${ID}`, `files/incoming/tenants/acme/${ID}`, "AES256"],
  ]);
});

test("a file that never came is not there", async (t) => {
  const storage = await s3(t, ({ method }, response) => {
    response.statusCode = 404;
    response.end(method === "HEAD" ? "" : "<Error><Code>NoSuchKey</Code></Error>");
  });
  assert.equal(await storage.keep("acme", ID), false);
  assert.equal(await storage.signDownload("acme", ID), undefined);
});

test("an S3 that fails, forbids or is away is not available", async (t) => {
  const failing = await s3(t, (_request, response) => {
    response.statusCode = 500;
    response.end();
  });
  const forbidding = await s3(t, (_request, response) => {
    response.statusCode = 403;
    response.end();
  });
  // Nobody listens there.
  for (const storage of [failing, forbidding, storageAt(t, "http://127.0.0.1:1")]) {
    await assert.rejects(storage.signDownload("acme", ID), StorageUnavailable);
    await assert.rejects(storage.keep("acme", ID), StorageUnavailable);
  }
});
