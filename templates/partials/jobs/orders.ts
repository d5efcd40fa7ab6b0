[# The service's side of the example: what the routes know of it. Ends a file that imports Jobs and randomUUID. #]
export type ReportState =
  | { state: "waiting" | "failed" | "unknown" | "unavailable" }
  | { state: "done"; report: Report };

/** What the routes know of the queue. */
export interface Reports {
  /** Returns the id to ask for the report with; undefined while the queue takes no orders. */
  order(order: ReportOrder): Promise<string | undefined>;
  find(id: string): Promise<ReportState>;
}

export function reportsOf(jobs: Jobs): Reports {
  return {
    async order(order) {
      // Not counted up, so that nobody guesses the id of somebody else's report.
      const id = randomUUID();
      return (await jobs.add(REPORT, order, id)) ? id : undefined;
    },

    async find(id) {
      const found = await jobs.find(id);
      if ("name" in found && found.name !== REPORT) return { state: "unknown" };
      if (found.state !== "done") return { state: found.state };
      return { state: "done", report: found.result as Report };
    },
  };
}
