/** Settings that are right on a developer's machine and wrong anywhere else. */

interface Rule {
  key: string;
  refuses: (value: string) => boolean;
  /** Follows the key's name. Never the value: it may be a secret. */
  because: string;
}

// biome-ignore format: one line per rule, however long
const rules: readonly Rule[] = [
  { key: "CORS_ORIGINS", refuses: allowsAnyOrigin, because: "allows any origin (*)" },
];

/** Runs everywhere but in development and test: an unknown APP_ENV gets the strict treatment. */
export function productionProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const appEnv = given["APP_ENV"];
  if (appEnv === "development" || appEnv === "test") return [];
  return rules
    .filter(({ key, refuses }) => refuses(given[key] ?? ""))
    .map(({ key, because }) => `${key} ${because}, which only development and test may do`);
}

function allowsAnyOrigin(value: string): boolean {
  return value.split(",").some((part) => part.trim() === "*");
}
