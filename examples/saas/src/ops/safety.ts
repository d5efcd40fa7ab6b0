/** Settings that are right on a developer's machine and wrong anywhere else. */

interface Rule {
  key: string;
  refuses: (value: string) => boolean;
  /** Follows the key's name. Never the value: it may be a secret. */
  because: string;
  /** Values of APP_ENV; a developer's machine and CI when left out. */
  allowedIn?: readonly string[];
}

const local: readonly string[] = ["development", "test"];
/** Before production, a service is used with its test keys. */
// biome-ignore format: one line, however many environments
const beforeProduction: readonly string[] = ["development", "test", "staging"];

// biome-ignore format: one line per rule, however long
const rules: readonly Rule[] = [
  { key: "CORS_ORIGINS", refuses: allowsAnyOrigin, because: "allows any origin (*)" },
  { key: "DATABASE_URL", refuses: isLoopback, because: "points to this machine" },
  { key: "DATABASE_URL", refuses: hasExamplePassword, because: "has the password of .env.example" },
  { key: "REDIS_URL", refuses: isUnprotected, because: "has neither TLS (rediss:) nor a password" },
  { key: "S3_ENDPOINT", refuses: isPlain, because: "is not https" },
  { key: "CLERK_PUBLISHABLE_KEY", refuses: isTestKey, because: "looks like a test key", allowedIn: beforeProduction },
  { key: "CLERK_PUBLISHABLE_KEY", refuses: (value) => value === "pk_test_replace-me", because: "has the value of .env.example" },
  { key: "CLERK_SECRET_KEY", refuses: isTestKey, because: "looks like a test key", allowedIn: beforeProduction },
  { key: "CLERK_SECRET_KEY", refuses: (value) => value === "sk_test_replace-me", because: "has the value of .env.example" },
];

/** An unknown APP_ENV gets the strict treatment. */
export function productionProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const appEnv = given["APP_ENV"] ?? "an unnamed environment";
  return rules
    .filter(({ allowedIn = local }) => !allowedIn.includes(appEnv))
    .filter(({ key, refuses }) => refuses(given[key] ?? ""))
    .map(({ key, because }) => `${key} ${because}, which ${appEnv} may not do`);
}

function allowsAnyOrigin(value: string): boolean {
  return value.split(",").some((part) => part.trim() === "*");
}

function isLoopback(value: string): boolean {
  const url = URL.parse(value);
  if (url === null) return false;
  // PostgreSQL also takes the host as a parameter; a path there is a socket, as managed proxies use.
  const host = url.searchParams.get("host") ?? url.hostname;
  return /^(|localhost|.+\.localhost|127\.[\d.]+|0\.0\.0\.0|\[?::1\]?)$/i.test(host);
}

function hasExamplePassword(value: string): boolean {
  return URL.parse(value)?.password === "local-development-only";
}

function isUnprotected(value: string): boolean {
  const url = URL.parse(value);
  return url?.protocol === "redis:" && url.password === "";
}

function isPlain(value: string): boolean {
  return /^http:/i.test(value);
}

/** sk_test_, pk_test_, rk_test_ and the like: the form that payment and login providers share. */
function isTestKey(value: string): boolean {
  return /^([a-z]+[_-])?test[_-]/i.test(value);
}
