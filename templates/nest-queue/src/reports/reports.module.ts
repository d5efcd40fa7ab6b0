import { Module } from "@nestjs/common";
import { reportsOf } from "../jobs/reports.ts";
import type { Jobs } from "../ops/queue.ts";
import { JOBS } from "../ops/services.module.ts";
import { REPORTS, ReportsController } from "./reports.controller.ts";

@Module({
  controllers: [ReportsController],
  providers: [{ provide: REPORTS, inject: [JOBS], useFactory: (jobs: Jobs) => reportsOf(jobs) }],
})
export class ReportsModule {}
