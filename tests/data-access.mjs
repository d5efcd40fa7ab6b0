// What each data access writes for a migration, and where the database remembers it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const pg = {
  applied: "SELECT name, run_on FROM migrations ORDER BY id",
  /** Adds a migration; `age` makes it older than the first one, as if it came from a branch that was merged late. */
  add(tree, name, sql, age = "newer") {
    writeFileSync(path.join(tree, `migrations/${age === "newer" ? "0002" : "0000"}_${name}.sql`), sql);
  },
  remove(tree, name) {
    rmSync(path.join(tree, `migrations/0002_${name}.sql`));
  },
};

const drizzle = {
  applied: "SELECT id, hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id",
  add(tree, name, sql, age = "newer") {
    const tag = `0001_${name}`;
    writeFileSync(path.join(tree, `migrations/${tag}.sql`), sql.replaceAll(";\n", ";\n--> statement-breakpoint\n"));
    change(tree, (entries) => {
      const first = entries[0];
      return [...entries, { ...first, idx: 1, tag, when: first.when + (age === "newer" ? 1000 : -1000) }];
    });
  },
  remove(tree, name) {
    rmSync(path.join(tree, `migrations/0001_${name}.sql`));
    change(tree, (entries) => entries.filter(({ tag }) => tag !== `0001_${name}`));
  },
};

const prisma = {
  applied: "SELECT id, checksum, migration_name, finished_at FROM _prisma_migrations ORDER BY migration_name",
  add(tree, name, sql, age = "newer") {
    const folder = path.join(tree, `prisma/migrations/${age === "newer" ? "20260102" : "20251231"}000000_${name}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, "migration.sql"), sql);
  },
  remove(tree, name) {
    rmSync(path.join(tree, `prisma/migrations/20260102000000_${name}`), { recursive: true });
  },
};

function change(tree, edit) {
  const file = path.join(tree, "migrations/meta/_journal.json");
  const journal = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...journal, entries: edit(journal.entries) }, null, 2));
}

/** The means of the tree's data access. Every tree begins with one migration. */
export function dataAccess(tree) {
  const of = { "drizzle.config.ts": drizzle, "prisma.config.ts": prisma };
  const config = Object.keys(of).find((file) => existsSync(path.join(tree, file)));
  return config === undefined ? pg : of[config];
}
