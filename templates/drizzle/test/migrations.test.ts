import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generateDrizzleJson } from "drizzle-kit/api";
import * as schema from "../src/store/schema.ts";

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../migrations/meta/${file}.json`, import.meta.url), "utf8"));
const journal: { idx: number; when: number; tag: string }[] = read("_journal").entries;
const snapshots = journal.map(({ idx }) => read(`${String(idx).padStart(4, "0")}_snapshot`));

// Where this fails, the script migrations:generate writes the migration that is missing.
test("the migrations make the tables of the schema", () => {
  const { id, prevId, ...made } = snapshots.at(-1);
  const wanted = JSON.parse(JSON.stringify(generateDrizzleJson(schema, prevId)));
  assert.deepEqual({ ...wanted, id }, { ...made, id, prevId });
});

// Two branches that were merged: the migration of the later one has to be generated again.
test("each migration follows on the one before", () => {
  for (const [index, { tag, when }] of journal.entries()) {
    const before = journal[index - 1];
    if (!before) continue;
    assert.ok(when > before.when, `${tag} is older than ${before.tag}`);
    assert.equal(
      snapshots[index].prevId,
      snapshots[index - 1].id,
      `${tag} does not know ${before.tag}`,
    );
  }
});
