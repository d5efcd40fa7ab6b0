// A container registry in memory, as far as `docker push` and `docker pull NAME@DIGEST` need it: with a password, like a
// real one, and on this machine's loopback address, which engines trust without TLS.
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Resolves to { name, user, password, logins, close }: images are called `${name}/REPOSITORY@DIGEST`. */
export async function startRegistry() {
  const user = "deployer";
  const password = randomUUID();
  const store = { blobs: new Map(), manifests: new Map(), uploads: new Map() };
  const allowed = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const registry = { user, password, logins: 0 };
  const server = createServer(async (request, response) => {
    const answer = (status, headers = {}, body = "") => response.writeHead(status, headers).end(body);
    if (request.headers.authorization !== allowed) {
      request.resume();
      return answer(401, { "www-authenticate": 'Basic realm="tests"' });
    }
    if (request.url === "/v2/") registry.logins += 1;
    const body = await bodyOf(request);
    return route(store, request, body, answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  registry.name = `127.0.0.1:${server.address().port}`;
  registry.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return registry;
}

function route(store, { method, url }, body, answer) {
  const { pathname, searchParams } = new URL(url, "http://registry");
  const [, repository, kind, rest] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
  if (kind === undefined) return answer(pathname === "/v2/" ? 200 : 404);
  if (kind === "manifests") return manifest(store.manifests, { method, repository, reference: rest }, body, answer);
  if (rest.startsWith("uploads/")) return upload(store, { method, repository, id: rest.slice(8), searchParams }, body, answer);
  const blob = store.blobs.get(rest);
  if (!blob) return answer(404);
  return answer(200, { "content-length": blob.length, "docker-content-digest": rest }, method === "HEAD" ? "" : blob);
}

function upload({ blobs, uploads }, { method, repository, id, searchParams }, body, answer) {
  const at = id || randomUUID();
  const whole = Buffer.concat([uploads.get(at) ?? Buffer.alloc(0), body]);
  if (method === "PUT") {
    uploads.delete(at);
    const digest = searchParams.get("digest");
    if (digest !== digestOf(whole)) return answer(400);
    blobs.set(digest, whole);
    return answer(201, { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest });
  }
  uploads.set(at, whole);
  return answer(202, { location: `/v2/${repository}/blobs/uploads/${at}`, range: `0-${Math.max(0, whole.length - 1)}` });
}

function manifest(manifests, { method, repository, reference }, body, answer) {
  if (method === "PUT") {
    const found = { bytes: body, type: JSON.parse(body).mediaType, digest: digestOf(body) };
    manifests.set(`${repository}@${reference}`, found).set(`${repository}@${found.digest}`, found);
    return answer(201, { location: `/v2/${repository}/manifests/${found.digest}`, "docker-content-digest": found.digest });
  }
  const found = manifests.get(`${repository}@${reference}`);
  if (!found) return answer(404);
  const headers = { "content-type": found.type, "content-length": found.bytes.length, "docker-content-digest": found.digest };
  return answer(200, headers, method === "HEAD" ? "" : found.bytes);
}
