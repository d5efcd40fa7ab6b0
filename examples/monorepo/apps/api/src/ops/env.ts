/**
 * The configuration, read from environment variables when the server starts.
 * Importing this file reads nothing: builds and tests need no environment.
 */
import * as z from "zod";
import { productionProblems } from "./safety.ts";

// biome-ignore format: one line per key, however long
const schema = z.object({
  /** Deployment environment. Safety checks for production run in all but development and test. */
  APP_ENV: z.enum(["development", "test", "api-staging", "api-production"]),
  /** Port to listen on. */
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  /** Least severe level that is logged. */
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
  /** Comma-separated origins whose pages may call the API. Empty: same origin only. */
  CORS_ORIGINS: originList(),
  /** Milliseconds in which a stopping instance still accepts connections, while load balancers notice. */
  SHUTDOWN_DELAY_MS: z.coerce.number().int().min(0).max(30000).default(2000),
  /** Milliseconds after which a shutdown that has not finished is cut short. */
  SHUTDOWN_TIMEOUT_MS: z.coerce.number().int().min(1000).max(30000).default(25000),
  /** PostgreSQL connection string. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Most connections of one instance; one more is kept for health checks. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(100).default(8),
  /** Redis connection string. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Jobs that one worker runs at once, each with at most one database connection. */
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(10),
});

export type Env = Readonly<z.infer<typeof schema>>;

type Source = Readonly<Record<string, string | undefined>>;

/** Every problem at once. It names keys and never repeats a value, which may be a secret. */
export class EnvError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["Invalid environment:", ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.name = "EnvError";
    this.problems = problems;
  }
}

/** All keys, with the checks that keep development values out of production. */
export function loadEnv(source: Source = process.env): Env {
  const given = withoutBlanks(source);
  const result = schema.safeParse(given);
  const problems = describe(result.error, given);
  problems.push(...productionProblems(given));
  if (!result.success || problems.length > 0) throw new EnvError(problems);
  return result.data;
}

/** Migrations run as a job of their own, which is given no other key. */
export function loadDatabaseUrl(source: Source = process.env): string {
  const given = withoutBlanks(source);
  const result = schema.pick({ DATABASE_URL: true }).safeParse(given);
  if (!result.success) throw new EnvError(describe(result.error, given));
  return result.data.DATABASE_URL;
}

/** For entry points: prints what is wrong with the environment, without a stack, and exits. */
export function orExit<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** Compose writes an unset variable as an empty one, so blank means unset. */
function withoutBlanks(source: Source): Source {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()));
}

function describe(error: z.ZodError | undefined, given: Source): string[] {
  return (error?.issues ?? []).map((issue) => {
    const key = String(issue.path[0]);
    return given[key] === undefined ? `${key} is missing` : `${key} ${explain(issue)}`;
  });
}

/** zod's own messages may quote the input, so the text comes from the rule that was broken. */
function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "invalid_format":
      return `is not a valid ${issue.format}`;
    case "invalid_type":
      return `must be of type ${issue.expected}`;
    case "too_small":
      return `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return "is malformed";
  }
}

/** "https://a.example, https://b.example", or "*" for any origin. */
function originList() {
  const origin = z.union([z.literal("*"), z.string().refine(isOrigin)]);
  return z
    .string()
    .default("")
    .transform((text) => text.split(",").map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ""))
    .pipe(z.array(origin));
}

/** Scheme, host and port only, as browsers send it: with a path it would never match. */
function isOrigin(text: string): boolean {
  return URL.parse(text)?.origin === text;
}
