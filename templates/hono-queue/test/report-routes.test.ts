import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportState, Reports } from "../src/jobs/reports.ts";
import { reportRoutes } from "../src/routes/reports.ts";
import { post, send, testApp } from "./support.ts";

const ID = "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11";

/** A queue that holds one job. */
function holding(found: ReportState): Reports {
  return {
    order: async () => (found.state === "unavailable" ? undefined : ID),
    find: async (id) => (id === ID ? found : { state: "unknown" }),
  };
}

function serving(found: ReportState) {
  const app = testApp();
  reportRoutes(app, holding(found));
  return (path: string, init?: RequestInit) => send(app, path, init);
}

test("an order is accepted, and says where to ask for the report", async () => {
  const request = serving({ state: "waiting" });
  const response = await request("/reports", post({ text: "whale" }));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("location"), `/reports/${ID}`);
  assert.deepEqual(await (await request(`/reports/${ID}`)).json(), { state: "waiting" });
});

test("an order without a usable text is refused", async () => {
  const request = serving({ state: "waiting" });
  for (const body of [{}, { text: "" }, { text: "x".repeat(1001) }, { text: "a", more: 1 }]) {
    assert.equal((await request("/reports", post(body))).status, 400);
  }
});

test("an id that was never given out is not found", async () => {
  const request = serving({ state: "waiting" });
  assert.equal((await request("/reports/7")).status, 400);
  assert.equal((await request(`/reports/${ID.replace("0", "1")}`)).status, 404);
});

test("while the queue is away, clients are told to come back", async () => {
  const request = serving({ state: "unavailable" });
  for (const response of [
    await request("/reports", post({ text: "a" })),
    await request(`/reports/${ID}`),
  ]) {
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
  }
});
