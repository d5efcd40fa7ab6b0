import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportState, Reports } from "../src/jobs/reports.ts";
import { reportRoutes } from "../src/routes/reports.ts";
import { testApp } from "./support.ts";

const ID = "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11";

/** A queue that holds one job. */
function holding(found: ReportState): Reports {
  return {
    order: async () => (found.state === "unavailable" ? undefined : ID),
    find: async (id) => (id === ID ? found : { state: "unknown" }),
  };
}

async function serving(found: ReportState) {
  const app = await testApp();
  reportRoutes(app, holding(found));
  return app;
}

test("an order is accepted, and says where to ask for the report", async () => {
  const app = await serving({ state: "waiting" });
  const response = await app.inject({
    method: "POST",
    url: "/reports",
    payload: { text: "whale" },
  });
  assert.equal(response.statusCode, 202);
  assert.equal(response.headers.location, `/reports/${ID}`);
  assert.deepEqual((await app.inject(`/reports/${ID}`)).json(), { state: "waiting" });
});

test("an order without a usable text is refused", async () => {
  const app = await serving({ state: "waiting" });
  for (const payload of [{}, { text: "" }, { text: "x".repeat(1001) }, { text: "a", more: 1 }]) {
    const response = await app.inject({ method: "POST", url: "/reports", payload });
    assert.equal(response.statusCode, 400);
  }
});

test("an id that was never given out is not found", async () => {
  const app = await serving({ state: "waiting" });
  assert.equal((await app.inject("/reports/7")).statusCode, 400);
  assert.equal((await app.inject(`/reports/${ID.replace("0", "1")}`)).statusCode, 404);
});

test("while the queue is away, clients are told to come back", async () => {
  const app = await serving({ state: "unavailable" });
  const order = { method: "POST", url: "/reports", payload: { text: "a" } } as const;
  for (const response of [await app.inject(order), await app.inject(`/reports/${ID}`)]) {
    assert.equal(response.statusCode, 503);
    assert.equal(response.headers["retry-after"], "5");
  }
});
