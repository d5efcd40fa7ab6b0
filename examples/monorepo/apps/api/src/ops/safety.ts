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

// biome-ignore format: one line per rule, however long
const rules: readonly Rule[] = [
  { key: "CORS_ORIGINS", refuses: allowsAnyOrigin, because: "allows any origin (*)" },
  { key: "DATABASE_URL", refuses: isLoopback, because: "points to this machine" },
  { key: "DATABASE_URL", refuses: hasExamplePassword, because: "has the password of .env.example" },
  { key: "REDIS_URL", refuses: isUnprotected, because: "has neither TLS (rediss:) nor a password" },
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
