// Repositories as the ecosystem's own scaffolders make them, for init.test.mjs.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Files by their paths, each with its text; objects become JSON. */
function write(directory, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}

/** Replaces a part of a file, which has to be there. */
function replace(directory, name, part, by) {
  const file = path.join(directory, name);
  const text = readFileSync(file, "utf8");
  if (text.search(part) === -1) throw new Error(`${name} has no ${part}:\n${text}`);
  writeFileSync(file, text.replaceAll(part, by));
}

/** Changes package.json. */
function edit(directory, change) {
  const file = path.join(directory, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

/**
 * A page that only exists when a script of the repository ran at install, with its own file and a package that only
 * development has.
 */
function addInstallScript(directory) {
  edit(directory, (manifest) => {
    manifest.scripts.postinstall = "node make-page.js";
    manifest.devDependencies = { ms: "2.1.3" };
  });
  const script = 'require("node:fs").writeFileSync("public/made.txt", require("ms")(60000));\n';
  writeFileSync(path.join(directory, "make-page.js"), script);
}

/** A version with its hash, a patch without which nothing installs, and a script that must not run in an image. */
function addPatch(directory) {
  edit(directory, (manifest) => {
    manifest.packageManager = `pnpm@${versions.pnpm}+sha512.0`;
    manifest.dependencies.ms = "2.1.3";
    manifest.pnpm = { patchedDependencies: { "ms@2.1.3": "patches/ms.patch" } };
    manifest.scripts.prepare = "git rev-parse --git-dir";
  });
  mkdirSync(path.join(directory, "patches"));
  const patch = "diff --git a/license.md b/license.md\n--- a/license.md\n+++ b/license.md\n@@ -1,1 +1,1 @@\n-The MIT License (MIT)\n+MIT\n";
  writeFileSync(path.join(directory, "patches/ms.patch"), patch);
}

/**
 * What was made becomes `apps/api` of a workspace, with a package that has to be built before it and an app that is not
 * deployed. A page of the service comes from that package.
 */
function makeWorkspace(directory, { link, root, turbo }) {
  const api = path.join(directory, "apps/api");
  const made = readdirSync(directory);
  mkdirSync(api, { recursive: true });
  for (const name of made) renameSync(path.join(directory, name), path.join(api, name));
  const put = (file, content) => write(directory, { [file]: content });
  const tools = { typescript: "~5.9.3" };
  put("package.json", { name: "acme", private: true, devDependencies: turbo ? { turbo: "2.11.11" } : {}, ...root });
  if (turbo) put("turbo.json", { tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } } });
  edit(api, (manifest) => {
    manifest.name = "@acme/api";
    manifest.scripts.build = "tsc";
    manifest.scripts.prepare = "git rev-parse --git-dir";
    delete manifest.scripts["build:ts"];
    manifest.scripts.start = "npm run build && fastify start -l info dist/app.js";
    manifest.dependencies["@acme/greeting"] = link;
  });
  put("apps/api/src/routes/greeting/index.ts", `import { greeting } from "@acme/greeting";
import { FastifyPluginAsync } from "fastify";
const route: FastifyPluginAsync = async (fastify) => {
  fastify.get("/", async () => greeting("you"));
};
export default route;
`);
  put("packages/greeting/package.json", {
    name: "@acme/greeting",
    version: "1.0.0",
    private: true,
    main: "dist/index.js",
    types: "dist/index.d.ts",
    scripts: { build: "tsc" },
    dependencies: { ms: "2.1.3" },
    devDependencies: tools,
  });
  const compilerOptions = { target: "es2022", module: "commonjs", declaration: true, outDir: "dist", rootDir: "src", strict: true };
  put("packages/greeting/tsconfig.json", { compilerOptions, include: ["src"] });
  put("packages/greeting/src/index.ts", 'export const greeting = (name: string): string => `hello ${name}`;\n');
  // With turborepo it is started, too: there are two services then, and each has its files in its folder.
  const scripts = turbo ? { start: "node index.js" } : {};
  put("apps/web/package.json", { name: "@acme/web", version: "1.0.0", private: true, scripts, dependencies: { "is-odd": "3.0.1" } });
}

/** What was made becomes `apps/web` of a workspace with another service, which is not built into its image. */
function besideAnother(directory) {
  const made = readdirSync(directory);
  mkdirSync(path.join(directory, "apps/web"), { recursive: true });
  for (const name of made) renameSync(path.join(directory, name), path.join(directory, "apps/web", name));
  write(directory, {
    "package.json": { name: "acme", private: true, workspaces: ["apps/*"] },
    "apps/other/package.json": { name: "other", version: "1.0.0", private: true, scripts: { start: "node index.js" } },
  });
}

/** What each package manager is called with to write a lock file, in a version that people have. */
const versions = { pnpm: "10.34.9", yarn4: "4.13.0", yarn1: "1.22.22", bun: "1.4.5" };
export const LOCK = {
  npm: ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
  pnpm: ["npx", "--yes", `pnpm@${versions.pnpm}`, "install", "--lockfile-only", "--ignore-scripts", "--no-frozen-lockfile"],
  yarn4: ["npx", "--yes", `--package=@yarnpkg/cli-dist@${versions.yarn4}`, "yarn", "install", "--mode=update-lockfile", "--no-immutable"],
  yarn1: ["npx", "--yes", `yarn@${versions.yarn1}`, "install", "--ignore-scripts", "--no-progress"],
  bun: ["npx", "--yes", `bun@${versions.bun}`, "install", "--lockfile-only", "--ignore-scripts"],
};

/** The fonts of the template come from a host that a build should not need. */
function withoutFonts(directory) {
  replace(directory, "app/layout.tsx", /^import \{ Geist.*\n/gm, "");
  replace(directory, "app/layout.tsx", /const geist\w+ = Geist\w*\(\{[^}]*\}\);\n/g, "");
  replace(directory, "app/layout.tsx", / className=\{`[^`]*`\}/g, "");
}

/** `next start` reads its settings, and TypeScript is not in the image. */
function plainSettings(directory) {
  withoutFonts(directory);
  rmSync(path.join(directory, "next.config.ts"));
  write(directory, { "next.config.mjs": "export default { reactStrictMode: true };\n" });
}

/** A build that is a server by itself. */
function standalone(directory) {
  withoutFonts(directory);
  replace(directory, "next.config.ts", /NextConfig = \{/g, 'NextConfig = {\n  output: "standalone",');
}

const NEXT = ["--ts", "--app", "--no-eslint", "--no-tailwind", "--no-src-dir", "--import-alias", "@/*", "--use-npm", "--skip-install", "--disable-git", "--yes"];

/** create-hono gets its templates from an API that is not everywhere; this is what its template for Node.js comes to. */
function hono(directory) {
  write(directory, {
    "package.json": {
      name: "hono",
      type: "module",
      private: true,
      scripts: { dev: "tsx watch src/index.ts", start: "cross-env NODE_ENV=production node --env-file=.env src/index.ts" },
      dependencies: { "@hono/node-server": "2.1.8", hono: "4.13.19" },
      devDependencies: { "cross-env": "7.0.3", tsx: "4.23.15" },
    },
    "src/index.ts": `import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("Hello Hono!"));
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
`,
  });
}

/** Jest brings a program for each platform, and a lock file that a registry could not complete with all of them fails `npm ci`. */
function withoutJest(directory) {
  edit(directory, (manifest) => {
    const keep = (entries, wanted) => Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
    manifest.scripts = keep(manifest.scripts, (name) => !/^(test|lint)/.test(name));
    manifest.devDependencies = keep(manifest.devDependencies, (name) => /^(@nestjs\/(cli|schematics)|@types\/(express|node)|typescript)$/.test(name));
    delete manifest.jest;
  });
}

/** Tables by knex, and a pool that follows from the environment. */
function knex(directory) {
  write(directory, {
    "package.json": {
      name: "knex",
      private: true,
      scripts: { start: "NODE_ENV=production node server.js", "db:migrate": "knex migrate:latest" },
      dependencies: { express: "5.1.0", knex: "3.1.0", pg: "8.16.3" },
    },
    "knexfile.js": `const { DB_HOST: host, DB_USER: user, DB_PASS: password, DB_NAME: database } = process.env;
module.exports = { client: "pg", connection: { host, user, password, database }, pool: { min: 0, max: Number(process.env.DATABASE_POOL_MAX) } };
`,
    "migrations/20240101000000_entries.js": `exports.up = (knex) => knex.schema.createTable("entries", (table) => table.increments());
exports.down = (knex) => knex.schema.dropTable("entries");
`,
    "server.js": `const express = require("express");
const knex = require("knex")(require("./knexfile.js"));
const app = express();
app.get("/entries", async (request, response) => {
  await knex("entries").insert({});
  response.json(await knex("entries").count());
});
app.listen(process.env.PORT || 3000);
`,
  });
}

/** A database in a file, and a page that counts in it. */
function sqlite(directory) {
  write(directory, {
    "package.json": { name: "sqlite", private: true, type: "module", scripts: { start: "node server.js" } },
    "server.js": `import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(process.env.DB_FILE ?? "notes.db", { timeout: 5000 });
database.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS notes (text TEXT)");
const insert = database.prepare("INSERT INTO notes VALUES ('a')");
const count = database.prepare("SELECT count(*) AS count FROM notes");
createServer((request, response) => {
  if (request.url === "/notes") insert.run();
  response.setHeader("content-type", "application/json").end(JSON.stringify(count.get()));
}).listen(process.env.PORT || 3000);
`,
  });
}

/**
 * What each scaffolder is called with, what is then changed, who installs, and a page that its service answers; `service` is
 * what its readiness depends on, `exits` with what its own code ends on SIGTERM, `counts` a page that counts what is kept.
 */
const EXPRESS = ["express-generator@4.16.1", "--no-view", "--force", "."];
const FASTIFY = ["fastify-cli@7.4.1", "generate", ".", "--lang=ts", "--integrate"];
export const SCAFFOLDS = {
  "express-generator": { args: EXPRESS, page: "/users" },
  "express-generator with a script at install": { args: EXPRESS, change: addInstallScript, page: "/made.txt" },
  "fastify-cli": { needsManifest: true, args: FASTIFY, page: "/example" },
  "express-generator, pnpm 10 with a patch": { args: EXPRESS, change: addPatch, manager: "pnpm", page: "/users" },
  "express-generator, Yarn 1": { args: EXPRESS, manager: "yarn1", page: "/users" },
  "express-generator with a script at install, Bun": { args: EXPRESS, change: addInstallScript, manager: "bun", page: "/made.txt" },
  "fastify-cli, Yarn 4": {
    needsManifest: true,
    args: FASTIFY,
    change: (directory) => writeFileSync(path.join(directory, ".yarnrc.yml"), "nodeLinker: node-modules\n"),
    manager: "yarn4",
    page: "/example",
  },
  "fastify-cli, npm workspace": {
    args: FASTIFY,
    needsManifest: true,
    change: (directory) => makeWorkspace(directory, { link: "*", root: { workspaces: ["apps/*", "packages/*"] } }),
    page: "/greeting",
  },
  "fastify-cli, pnpm workspace with turborepo": {
    args: FASTIFY,
    needsManifest: true,
    change: (directory) => {
      makeWorkspace(directory, { link: "workspace:*", root: { packageManager: `pnpm@${versions.pnpm}` }, turbo: true });
      writeFileSync(path.join(directory, "pnpm-workspace.yaml"), "packages:\n  - apps/*\n  - packages/*\n");
    },
    manager: "pnpm",
    app: "apps/api",
    page: "/greeting",
  },
  "fastify-cli, Yarn 1 workspace": {
    args: FASTIFY,
    needsManifest: true,
    change: (directory) => makeWorkspace(directory, { link: "1.0.0", root: { workspaces: ["apps/*", "packages/*"] } }),
    manager: "yarn1",
    page: "/greeting",
  },
  "nest new": {
    args: ["@nestjs/cli@11.0.13", "new", ".", "--package-manager", "npm", "--skip-git", "--skip-install", "--language", "ts"],
    change: withoutJest,
    page: "/",
  },
  "create-next-app": { args: ["create-next-app@15.5.28", ".", ...NEXT], change: plainSettings, page: "/" },
  "create-next-app, standalone": { args: ["create-next-app@16.4.3", ".", ...NEXT], change: standalone, page: "/", exits: 143 },
  "create-next-app, standalone in a workspace": {
    args: ["create-next-app@16.4.3", ".", ...NEXT],
    change: (directory) => {
      standalone(directory);
      besideAnother(directory);
    },
    app: "apps/web",
    page: "/",
    exits: 143,
  },
  hono: { change: hono, page: "/" },
  "node:sqlite": { change: sqlite, page: "/notes", counts: "/" },
  "knex and PostgreSQL": { change: knex, page: "/entries", service: "database" },
};
