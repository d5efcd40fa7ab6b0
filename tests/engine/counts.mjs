// What a file of tests did, in numbers: printed when it ends, and appended to SEAWORTHY_COUNTS as one line of JSON.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import path from "node:path";
import { after } from "node:test";

const counts = { images_built: 0, requests_sent: 0, requests_failed: 0, checks: 0 };

/** count({ images_built: 1 }). A key that is new here is summed like the others. */
export function count(more) {
  for (const [key, number] of Object.entries(more)) counts[key] = (counts[key] ?? 0) + number;
}

/** What the engine says must be what the file says. Prints it: people read these numbers. */
export function same(what, actual, expected) {
  count({ checks: 1 });
  assert.deepEqual(actual, expected, `${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  console.log(`  ${what}: ${typeof actual === "string" ? actual : JSON.stringify(actual)}`);
}

/** `why` is for the failure: what was seen instead. */
export function holds(what, condition, why = "") {
  count({ checks: 1 });
  assert.ok(condition, `not so: ${what}. ${why}`);
  console.log(`  ${what}`);
}

after(() => {
  const file = path.basename(process.argv[1] ?? "").replace(/\.test\.mjs$/, "");
  const words = Object.entries(counts).map(([key, number]) => `${key.replaceAll("_", " ")} ${number}`);
  console.log(`engine: ${file}: ${words.join(", ")}`);
  if (process.env.SEAWORTHY_COUNTS) {
    appendFileSync(process.env.SEAWORTHY_COUNTS, `${JSON.stringify({ step: "engine", file, ...counts })}\n`);
  }
});
