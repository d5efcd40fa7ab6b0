import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ReportState, Reports } from "../src/jobs/reports.ts";
import { REPORTS, ReportsController } from "../src/reports/reports.controller.ts";
import { post, serve } from "./support.ts";

const ID = "0b0e7bb1-3c5b-4c54-8a4d-0f5d8a6a3f11";

/** Serves the routes with a queue that holds one job. */
function serveWith(t: TestContext, found: ReportState) {
  const reports: Reports = {
    order: async () => (found.state === "unavailable" ? undefined : ID),
    find: async (id) => (id === ID ? found : { state: "unknown" }),
  };
  return serve(t, {
    controllers: [ReportsController],
    providers: [{ provide: REPORTS, useValue: reports }],
  });
}

test("an order is accepted, and says where to ask for the report", async (t) => {
  const request = await serveWith(t, { state: "waiting" });
  const response = await request("/reports", post({ text: "whale" }));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("location"), `/reports/${ID}`);
  assert.deepEqual(await response.json(), { id: ID });
  assert.deepEqual(await (await request(`/reports/${ID}`)).json(), { state: "waiting" });
});

test("an order without a usable text is refused", async (t) => {
  const request = await serveWith(t, { state: "waiting" });
  for (const body of [{}, { text: "" }, { text: "x".repeat(1001) }, { text: "a", more: 1 }]) {
    assert.equal((await request("/reports", post(body))).status, 400);
  }
});

test("an id that was never given out is not found", async (t) => {
  const request = await serveWith(t, { state: "waiting" });
  assert.equal((await request("/reports/7")).status, 400);
  const response = await request(`/reports/${ID.replace("0", "1")}`);
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: "No such report" });
});

test("while the queue is away, clients are told to come back", async (t) => {
  const request = await serveWith(t, { state: "unavailable" });
  for (const response of [
    await request("/reports", post({ text: "a" })),
    await request(`/reports/${ID}`),
  ]) {
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.deepEqual(await response.json(), { error: "Reports are not available now" });
  }
});
