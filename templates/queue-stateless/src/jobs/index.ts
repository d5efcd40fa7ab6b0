import type { Handlers } from "../ops/work.ts";
import type { WorkerServices } from "../ops/worker-services.ts";
import { makeReport, REPORT, reportOrder } from "./reports.ts";

/** Every job of the worker. What comes out of the queue is checked again: another version may have put it in. */
export function handlersOf(_services: WorkerServices): Handlers {
  return {
    [REPORT]: async (data) => makeReport(reportOrder.parse(data)),
  };
}
