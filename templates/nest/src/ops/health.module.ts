import { type DynamicModule, Module } from "@nestjs/common";
import { HealthController } from "./health.controller.ts";
import { Health } from "./health.ts";

@Module({ controllers: [HealthController] })
export class HealthModule {
  static forRoot(health: Health): DynamicModule {
    return { module: HealthModule, providers: [{ provide: Health, useValue: health }] };
  }
}
