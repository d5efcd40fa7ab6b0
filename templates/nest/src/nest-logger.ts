import type { LoggerService } from "@nestjs/common";
import type { Level, Logger } from "pino";

/** They list every module and route at each start: of use only to who looks for a mistake. */
const STARTING: ReadonlySet<unknown> = new Set([
  "InstanceLoader",
  "NestApplication",
  "NestFactory",
  "RouterExplorer",
  "RoutesResolver",
]);

/** What Nest and its `Logger` say, as lines of the service's own log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(STARTING.has(rest.at(-1)) ? "debug" : "info", message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write("fatal", message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write("error", message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write("warn", message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write("debug", message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write("trace", message, rest);
  }

  /** Nest puts the name of the class that speaks last, and what it adds to the message before it. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const fields = { context: rest.at(-1), details: rest.slice(0, -1) };
    if (message instanceof Error) this.logger[level]({ ...fields, err: message }, message.message);
    else if (typeof message === "string") this.logger[level](fields, message);
    else this.logger[level]({ ...fields, message }, "logged");
  }
}
