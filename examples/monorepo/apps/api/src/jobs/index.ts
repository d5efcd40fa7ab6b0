import type { Handlers } from "../ops/work.ts";
import type { WorkerServices } from "../ops/worker-services.ts";
import { noteStore } from "../store/notes.ts";
import { makeReport, REPORT, reportOrder } from "./reports.ts";

/** Every job of the worker. What comes out of the queue is checked again: another version may have put it in. */
export function handlersOf(services: WorkerServices): Handlers {
  const notes = noteStore(services.database.pool);
  return {
    [REPORT]: (data, signal) => makeReport(reportOrder.parse(data), notes, signal),
  };
}
