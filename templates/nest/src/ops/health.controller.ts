import { Controller, Get, Header, Inject, Res } from "@nestjs/common";
import type { Response } from "express";
import { Health, isReady, type Report } from "./health.ts";

@Controller()
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  /** The process only. A restart would not mend a dependency, so none is asked. */
  @Get("livez")
  @Header("cache-control", "no-store")
  live(): object {
    return { status: "ok" };
  }

  /** Whether a load balancer should send requests here. */
  @Get("readyz")
  @Header("cache-control", "no-store")
  ready(@Res({ passthrough: true }) response: Response): Promise<Report> {
    return this.report(response);
  }

  /** The same for people and monitors. Public, so it names nothing but states. */
  @Get("health")
  @Header("cache-control", "no-store")
  async all(@Res({ passthrough: true }) response: Response): Promise<object> {
    const report = await this.report(response);
    return { ...report, uptimeSeconds: Math.floor(process.uptime()) };
  }

  private async report(response: Response): Promise<Report> {
    const report = await this.health.report();
    response.status(isReady(report) ? 200 : 503);
    return report;
  }
}
