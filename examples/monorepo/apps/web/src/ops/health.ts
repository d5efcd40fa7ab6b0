/** What the service can say about itself. Knows no web framework: health-routes.ts serves it. */

/** One dependency may take this long to answer before it counts as down. */
export const CHECK_LIMIT_MS = 1000;

export type State = "up" | "down";

export interface Report {
  status: "ok" | "degraded" | "unavailable" | "shutting-down";
  checks: Record<string, { status: State }>;
}

export interface Dependency {
  name: string;
  /** Without it the service cannot work: down means not ready. Otherwise down means degraded. */
  required: boolean;
  /** Rejects when the dependency is down. */
  ping: () => Promise<unknown>;
}

interface HealthLogger {
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
}

export class Health {
  readonly #checks: Check[] = [];
  readonly #logger: HealthLogger;
  readonly #limitMs: number;
  #shuttingDown = false;

  constructor(logger: HealthLogger, limitMs = CHECK_LIMIT_MS) {
    this.#logger = logger;
    this.#limitMs = limitMs;
  }

  watch(dependency: Dependency): void {
    this.#checks.push(new Check(dependency, this.#limitMs, this.#logger));
  }

  /** From now on the service is not ready, and says so without asking its dependencies. */
  beginShutdown(): void {
    this.#shuttingDown = true;
  }

  async report(): Promise<Report> {
    if (this.#shuttingDown) return { status: "shutting-down", checks: {} };
    const results = await Promise.all(
      this.#checks.map(async (check) => ({ check, status: await check.state() })),
    );
    const down = results.filter(({ status }) => status === "down");
    return {
      status: overall(down.map(({ check }) => check.dependency)),
      checks: Object.fromEntries(
        results.map(({ check, status }) => [check.dependency.name, { status }]),
      ),
    };
  }
}

/** Degraded still serves: taking every instance out would turn a slow service into none. */
export function isReady(report: Report): boolean {
  return report.status === "ok" || report.status === "degraded";
}

function overall(down: readonly Dependency[]): Report["status"] {
  if (down.length === 0) return "ok";
  return down.some(({ required }) => required) ? "unavailable" : "degraded";
}

class Check {
  readonly dependency: Dependency;
  readonly #limitMs: number;
  readonly #logger: HealthLogger;
  #last: State = "up";
  #attempt: Promise<State> | undefined;

  constructor(dependency: Dependency, limitMs: number, logger: HealthLogger) {
    this.dependency = dependency;
    this.#limitMs = limitMs;
    this.#logger = logger;
  }

  /**
   * Joins the attempt under way, so that probes never pile up behind a dependency that hangs.
   * An attempt past its limit has already settled as "down": whoever joins it learns that at once.
   */
  state(): Promise<State> {
    this.#attempt ??= this.#start();
    return this.#attempt;
  }

  async #start(): Promise<State> {
    const ping = Promise.resolve().then(() => this.dependency.ping());
    const done = () => {
      this.#attempt = undefined;
    };
    ping.then(done, done);
    try {
      await withLimit(ping, this.#limitMs);
      this.#note("up");
      return "up";
    } catch (error) {
      this.#note("down", error);
      return "down";
    }
  }

  /** Logs changes only: during an outage every probe would say the same. */
  #note(state: State, error?: unknown): void {
    if (state === this.#last) return;
    this.#last = state;
    const dependency = this.dependency.name;
    if (state === "up") this.#logger.info({ dependency }, "dependency is up again");
    else this.#logger.warn({ dependency, err: error }, "dependency is down");
  }
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
