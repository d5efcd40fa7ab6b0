import { Body, Controller, Get, Inject, NotFoundException, Param, Post, Res } from "@nestjs/common";
import type { Response } from "express";
import * as z from "zod";
import { type ReportOrder, type Reports, reportOrder } from "../jobs/reports.ts";
import { ZodPipe } from "../zod.pipe.ts";

/** Stands for the Reports, which are an interface and nothing at run time. */
export const REPORTS = Symbol("REPORTS");

const reportParams = z.object({ id: z.uuid() });

/** A report takes longer than a request should: it is ordered here, and asked for until it is there. */
@Controller("reports")
export class ReportsController {
  constructor(@Inject(REPORTS) private readonly reports: Reports) {}

  @Post()
  async order(
    @Body(new ZodPipe(reportOrder)) order: ReportOrder,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const id = await this.reports.order(order);
    if (id === undefined) return unavailable(response);
    response.status(202).location(`/reports/${id}`);
    return { id };
  }

  @Get(":id")
  async find(
    @Param(new ZodPipe(reportParams)) { id }: z.output<typeof reportParams>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const found = await this.reports.find(id);
    if (found.state === "unknown") throw new NotFoundException("No such report");
    return found.state === "unavailable" ? unavailable(response) : found;
  }
}

/** No exception, which the log would hold for a mistake in here. */
function unavailable(response: Response): object {
  response.status(503).set("retry-after", "5");
  return { error: "Reports are not available now" };
}
