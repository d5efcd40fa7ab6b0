import type { TestContext } from "node:test";
import { Module, type ModuleMetadata } from "@nestjs/common";
import { type AppOptions, buildApp } from "../src/app.ts";
import { createLogger } from "../src/logger.ts";
import { Health } from "../src/ops/health.ts";

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

@Module({})
class TestModule {}

/** Serves the app with a module of a test, without dependencies, until the test ends. */
export async function serve(
  context: Pick<TestContext, "after">,
  module: ModuleMetadata = {},
  options: Partial<AppOptions> = {},
): Promise<Fetch> {
  const logger = createLogger("silent");
  const app = await buildApp({
    logger,
    health: new Health(logger),
    corsOrigins: [],
    imports: [{ module: TestModule, ...module }],
    ...options,
  });
  await app.listen(0, "127.0.0.1");
  context.after(async () => {
    const closed = app.close();
    app.getHttpServer().closeAllConnections();
    await closed;
  });
  const url = await app.getUrl();
  return (path, init) => fetch(url + path, init);
}

export function post(body: unknown): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}
