// deploy/scripts/smoke-test.sh of a rendered tree (SEAWORTHY_TREE), against a real server.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { place, run, tree } from "./standin.mjs";

let answer;
const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  response.statusCode = answer(request.url, asked.length);
  response.end();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => server.close());
const url = `http://127.0.0.1:${server.address().port}`;

async function smoke(respond, target = url) {
  answer = respond;
  asked.length = 0;
  return await run(place({}), join(tree, "deploy/scripts/smoke-test.sh"), [target], { env: { SMOKE_ATTEMPTS: "3", SMOKE_PAUSE: "0" } });
}

test("passes when both answer 200, with or without a slash at the end", async () => {
  const { status, output } = await smoke(() => 200, `${url}/`);
  assert.equal(status, 0, output);
  assert.deepEqual(asked, ["/livez", "/readyz"]);
});

test("gives a service time", async () => {
  assert.equal((await smoke((_, count) => (count > 2 ? 200 : 503))).status, 0);
});

test("fails with the path and the last answer, after the attempts allowed", async () => {
  const { status, output } = await smoke((path) => (path === "/readyz" ? 503 : 200));
  assert.equal(status, 1);
  assert.match(output, /\/readyz: no 200 in 3 attempts; the last answer: 503/);
  assert.equal(asked.length, 4);
});

test("fails when nothing listens", async () => {
  const { status, output } = await smoke(() => 200, "http://127.0.0.1:1");
  assert.equal(status, 1);
  assert.match(output, /connect/i);
});

for (const target of ["", "ftp://example.com", "http://a b"]) {
  test(`refuses ${JSON.stringify(target)}`, async () => {
    const { status, output } = await smoke(() => 200, target);
    assert.equal(status, 2);
    assert.match(output, /APP_URL/);
  });
}
