// Files: real requests with what the service signs. S3 is moto's, on this machine.
//
// It takes any form that names a bucket and a key: what S3 holds a client to stands in the policy of the form, and is held to
// here as S3 does it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { eventually, exampleEnv, freePort, request, startDependencies, startService, startTool, stopEverything, tree } from "../support.mjs";

const BUCKET = "orders-files";
const REGION = "eu-central-1";
const MAX_BYTES = 2000;
const SECRET = "test-secret";
const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: SECRET };

let s3;
let storage;

before(async () => {
  const port = await freePort();
  s3 = `http://127.0.0.1:${port}`;
  startTool("moto_server", ["--host", "127.0.0.1", "--port", String(port)]);
  await eventually("moto answers", async () => (await request(port, { path: "/moto-api/" })).status === 200, 30_000);
  const place = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
  assert.equal((await fetch(`${s3}/${BUCKET}`, { method: "PUT", body: place })).status, 200);
  Object.assign(process.env, keys);
  storage = await open(s3);
});
after(async () => {
  storage?.close();
  await stopEverything();
});

test("a file goes there and comes back, once it is kept", async () => {
  const { id, ...form } = await storage.signUpload("acme", "image/png");
  assert.equal(await storage.keep("acme", id), false, "nothing was sent");
  const file = new Uint8Array([0x89, 0x50, 0, 255]);
  const sent = await send(form, file);
  assert.ok(sent.ok, await sent.text());
  assert.equal(await storage.signDownload("acme", id), undefined, "nobody kept it");

  assert.equal(await storage.keep("acme", id), true);
  assert.equal(await storage.keep("acme", id), true);
  const { url } = await storage.signDownload("acme", id);
  const found = await fetch(url);
  assert.equal(found.status, 200);
  assert.deepEqual(new Uint8Array(await found.arrayBuffer()), file);
  assert.equal(found.headers.get("content-type"), "image/png");
  assert.equal(found.headers.get("content-disposition"), "attachment");
  assert.equal(found.headers.get("x-amz-server-side-encryption"), "AES256");
  const listed = await (await fetch(`${s3}/${BUCKET}?prefix=tenants/`)).text();
  assert.deepEqual([...listed.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key), [`tenants/acme/${id}`]);
});

test("another tenant finds, keeps and reads nothing of it", async () => {
  const { id, ...form } = await storage.signUpload("acme", "image/png");
  assert.ok((await send(form, new Uint8Array(10))).ok);
  assert.equal(await storage.keep("umbrella", id), false);
  assert.equal(await storage.keep("acme", id), true);
  assert.equal(await storage.signDownload("umbrella", id), undefined);
});

test("too large, empty, of another type, under another key, unencrypted: refused by the policy of the form", async () => {
  const form = await storage.signUpload("acme", "image/png");
  const given = { ...form.fields, bucket: BUCKET };
  assert.deepEqual(refused(given, 1), []);
  assert.deepEqual(refused(given, MAX_BYTES), []);
  assert.deepEqual(refused(given, 0), ["content-length-range"]);
  assert.deepEqual(refused(given, MAX_BYTES + 1), ["content-length-range"]);
  assert.deepEqual(refused({ ...given, "Content-Type": "text/html" }, 1), ["Content-Type"]);
  assert.deepEqual(refused({ ...given, key: `incoming/tenants/umbrella/${form.id}` }, 1), ["key"]);
  assert.deepEqual(refused({ ...given, bucket: "another" }, 1), ["bucket"]);
  const { "x-amz-server-side-encryption": _, ...plain } = given;
  assert.deepEqual(refused(plain, 1), ["x-amz-server-side-encryption"]);
  assert.deepEqual(refused({ ...given, acl: "public-read" }, 1), ["acl is not in the policy"]);
  assert.deepEqual(refused({ ...given, Policy: Buffer.from("{}").toString("base64") }, 1), ["signature"]);
});

test("a silent S3 is given up within the time that the plan gives it", async () => {
  const sockets = new Set();
  const silent = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
  const hanging = await open(`http://127.0.0.1:${await new Promise((done) => silent.once("listening", () => done(silent.address().port)))}`);
  const start = performance.now();
  await assert.rejects(hanging.signDownload("acme", "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11"), { name: "StorageUnavailable" });
  const ms = performance.now() - start;
  hanging.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
  assert.ok(ms > 2000 && ms < 11_500, `${ms} ms`);
});

test("the service as emitted lets nobody in, and is ready without S3", async () => {
  const { env } = await startDependencies();
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const service = await startService({ ...env, ...keys, S3_BUCKET: BUCKET, AWS_REGION: REGION, S3_ENDPOINT: endpoint });
  const headers = { "content-type": "application/json", authorization: "Bearer acme", "x-tenant": "acme" };
  const body = JSON.stringify({ contentType: "image/png" });
  assert.equal((await service.get("/uploads", { method: "POST", headers, body })).status, 401);
  await eventually("ready", async () => (await service.get("/readyz")).status === 200);
  service.signal("SIGTERM");
  assert.equal((await service.exited).code, 0);
});

async function open(endpoint) {
  const { openStorage } = await import(pathToFileURL(path.join(tree, "dist/ops/storage.js")));
  const { createLogger } = await import(pathToFileURL(path.join(tree, "dist/logger.js")));
  const settings = { ...exampleEnv, S3_BUCKET: BUCKET, AWS_REGION: REGION, S3_ENDPOINT: endpoint, UPLOAD_MAX_BYTES: MAX_BYTES };
  return openStorage(settings, createLogger("silent"));
}

/** As a browser does: the fields, then the file. */
function send({ url, fields }, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([file]), "../../name of the client.html");
  return fetch(url, { method: "POST", body: form });
}

/** What S3 would refuse a form for, by the rules of its POST policies: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
function refused({ Policy, ...fields }, size) {
  const [, date, region, service] = fields["X-Amz-Credential"].split("/");
  const sign = (key, text) => createHmac("sha256", key).update(text).digest();
  const key = [date, region, service, "aws4_request"].reduce(sign, `AWS4${SECRET}`);
  if (sign(key, Policy).toString("hex") !== fields["X-Amz-Signature"]) return ["signature"];
  const { expiration, conditions } = JSON.parse(Buffer.from(Policy, "base64").toString());
  const problems = [];
  if (Date.parse(expiration) < Date.now()) problems.push("expiration");
  const named = new Set(["X-Amz-Signature"]);
  for (const condition of conditions) {
    if (Array.isArray(condition)) {
      const [kind, low, high] = condition;
      assert.equal(kind, "content-length-range");
      if (size < low || size > high) problems.push(kind);
      continue;
    }
    const [[name, value]] = Object.entries(condition);
    named.add(name);
    if (fields[name] !== value) problems.push(name);
  }
  const unnamed = Object.keys(fields).filter((name) => !named.has(name));
  return [...problems, ...unnamed.map((name) => `${name} is not in the policy`)];
}
