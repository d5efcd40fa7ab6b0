import { Module, type ModuleMetadata } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import type { Logger } from "pino";
import { logRequests } from "./access-log.ts";
import { ErrorFilter } from "./error.filter.ts";
import { NestLogger } from "./nest-logger.ts";
import { HealthModule } from "./ops/health.module.ts";
import type { Health } from "./ops/health.ts";
import { trustedProxies } from "./ops/proxies.ts";

export interface AppOptions {
  logger: Logger;
  health: Health;
  corsOrigins: readonly string[];
  /** The modules of the service; a test gives its own, with fakes. */
  imports: NonNullable<ModuleMetadata["imports"]>;
}

/** Larger than any body that a route expects, small enough that many at once fit in memory. */
const BODY_LIMIT_BYTES = 64 * 1024;

@Module({})
class RootModule {}

/** Everything that all routes share. */
export async function buildApp(options: AppOptions): Promise<NestExpressApplication> {
  const root = {
    module: RootModule,
    imports: [HealthModule.forRoot(options.health), ...options.imports],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: new NestLogger(options.logger),
    // What fails here is for the caller to handle: Nest would end the process.
    abortOnError: false,
    // JSON alone, with a limit: below.
    bodyParser: false,
  });
  app.set("trust proxy", trustedProxies);
  app.use(logRequests(options.logger));
  app.useSecurityHeaders();
  if (options.corsOrigins.length > 0) {
    app.enableCors({ origin: allowedOrigins(options.corsOrigins) });
  }
  app.useBodyParser("json", { limit: BODY_LIMIT_BYTES });
  app.useGlobalFilters(new ErrorFilter());
  return app;
}

/** The cors middleware compares the entries of a list literally: "*" works only on its own. */
function allowedOrigins(origins: readonly string[]): string | string[] {
  return origins.includes("*") ? "*" : [...origins];
}
