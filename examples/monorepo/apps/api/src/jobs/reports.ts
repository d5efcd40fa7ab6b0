/** An example of a job: in how many notes does a text occur? */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Jobs } from "../ops/queue.ts";
import type { NoteStore } from "../store/notes.ts";

export const REPORT = "report";

export const reportOrder = z.strictObject({ text: z.string().min(1).max(1000) });

export type ReportOrder = z.output<typeof reportOrder>;

export interface Report {
  notes: number;
}

const PAGE = 100;

/** Only reads, so a second run does no harm and gives a newer answer. */
export async function makeReport(
  { text }: ReportOrder,
  store: Pick<NoteStore, "list">,
  signal: AbortSignal,
): Promise<Report> {
  let notes = 0;
  let before: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await store.list(PAGE, before);
    notes += page.filter((note) => note.text.includes(text)).length;
    before = page.at(-1)?.id;
    if (page.length < PAGE) return { notes };
  }
}

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
