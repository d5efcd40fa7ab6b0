import assert from "node:assert/strict";
import { test } from "node:test";
import { makeReport, reportOrder } from "../src/jobs/reports.ts";

test("counts words", () => {
  assert.deepEqual(makeReport({ text: " call me\n Ishmael " }), { words: 3 });
  assert.deepEqual(makeReport({ text: " " }), { words: 0 });
});

test("an order without a usable text is refused", () => {
  for (const data of [{}, { text: "" }, { text: "x".repeat(1001) }, { text: "a", more: 1 }, null]) {
    assert.equal(reportOrder.safeParse(data).success, false);
  }
});
