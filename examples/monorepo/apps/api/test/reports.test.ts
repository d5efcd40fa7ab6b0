import assert from "node:assert/strict";
import { test } from "node:test";
import { makeReport, reportOrder } from "../src/jobs/reports.ts";

/** A store of 250 notes, every tenth about whales. */
const all = Array.from({ length: 250 }, (_, index) => ({
  id: String(250 - index),
  text: index % 10 === 0 ? "a whale" : "a ship",
  createdAt: new Date(0),
}));
const store = {
  list: async (limit: number, before: string | undefined) =>
    all.filter(({ id }) => before === undefined || Number(id) < Number(before)).slice(0, limit),
};

test("counts the notes on all pages", async () => {
  const { signal } = new AbortController();
  assert.deepEqual(await makeReport({ text: "whale" }, store, signal), { notes: 25 });
  assert.deepEqual(await makeReport({ text: "kraken" }, store, signal), { notes: 0 });
});

test("stops when its time is over", async () => {
  const signal = AbortSignal.abort(new Error("over"));
  await assert.rejects(makeReport({ text: "whale" }, store, signal), /over/);
});

test("an order without a usable text is refused", () => {
  for (const data of [{}, { text: "" }, { text: "x".repeat(1001) }, { text: "a", more: 1 }, null]) {
    assert.equal(reportOrder.safeParse(data).success, false);
  }
});
