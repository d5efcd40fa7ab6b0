import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { pino } from "pino";
import { NestLogger } from "../src/nest-logger.ts";

function logged(say: (logger: NestLogger) => void) {
  const lines: object[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  say(new NestLogger(pino({ level: "info", timestamp: false, base: null }, stream)));
  return lines;
}

test("a class of the service speaks in the service's log", () => {
  const lines = logged((logger) => {
    logger.log("note kept", "NotesController");
    logger.error(new TypeError("wrong"), "NotesController");
  });
  assert.partialDeepStrictEqual(lines, [
    { level: 30, context: "NotesController", msg: "note kept" },
    { level: 50, context: "NotesController", msg: "wrong", err: { type: "TypeError" } },
  ]);
});

test("what Nest lists at each start is left out", () => {
  assert.deepEqual(
    logged((logger) => logger.log("Mapped {/notes, GET} route", "RouterExplorer")),
    [],
  );
});
