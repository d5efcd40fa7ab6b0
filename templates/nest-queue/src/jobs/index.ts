import type { Handlers } from "../ops/work.ts";
import type { ReportJob } from "./report.job.ts";
import { REPORT } from "./reports.ts";

/** Every job of the worker, and the provider that does it. */
export function handlersOf(report: ReportJob): Handlers {
  return {
    [REPORT]: (data, signal) => report.run(data, signal),
  };
}
