import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { createLogger } from "../src/logger.ts";
import { Connections } from "../src/ops/connections.ts";
import { Health } from "../src/ops/health.ts";
import { type Closer, shutDown } from "../src/ops/shutdown.ts";

async function shutDownWith(closers: readonly Closer[], stopServing = async () => {}) {
  const logger = createLogger("silent");
  const health = new Health(logger);
  const server = createServer();
  const plan = { server, health, logger, delayMs: 0, timeoutMs: 1000, stopServing, closers };
  return { clean: await shutDown(plan, new Connections(server)), health };
}

test("requests end before what they use is closed, in order", async () => {
  const order: string[] = [];
  const closing = (name: string) => async () => {
    order.push(name);
  };
  const closers = ["redis", "database"].map((name) => ({ name, close: closing(name) }));

  const { clean, health } = await shutDownWith(closers, closing("requests"));
  assert.deepEqual(order, ["requests", "redis", "database"]);
  assert.equal(clean, true);
  assert.equal((await health.report()).status, "shutting-down");
});

test("one that cannot be closed does not keep the others open", async () => {
  let closed = false;
  const { clean } = await shutDownWith([
    { name: "redis", close: () => Promise.reject(new Error("broken")) },
    {
      name: "database",
      close: async () => {
        closed = true;
      },
    },
  ]);
  assert.equal(closed, true);
  assert.equal(clean, false);
});
