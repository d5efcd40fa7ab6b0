// `init -y` in what the ecosystem's own scaffolders make: nothing of theirs changes, and the image builds, starts, is
// healthy, and stops under load without failing a request.
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, inspect, run, sleep } from "./docker.mjs";
import { startLoad } from "./load.mjs";
import { seaworthy, Stack, treeFolder } from "./support.mjs";

const CLIENTS = 20;

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

/** What each package manager is called with to write a lock file, in a version that people have. */
const versions = { pnpm: "10.34.9", yarn4: "4.13.0", yarn1: "1.22.22", bun: "1.4.5" };
const LOCK = {
  npm: ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
  pnpm: ["npx", "--yes", `pnpm@${versions.pnpm}`, "install", "--lockfile-only", "--ignore-scripts", "--no-frozen-lockfile"],
  yarn4: ["npx", "--yes", `--package=@yarnpkg/cli-dist@${versions.yarn4}`, "yarn", "install", "--mode=update-lockfile", "--no-immutable"],
  yarn1: ["npx", "--yes", `yarn@${versions.yarn1}`, "install", "--ignore-scripts", "--no-progress"],
  bun: ["npx", "--yes", `bun@${versions.bun}`, "install", "--lockfile-only", "--ignore-scripts"],
};

/** What each scaffolder is called with, what is then changed, who installs, and a page that its service answers. */
const EXPRESS = ["express-generator@4.16.1", "--no-view", "."];
const FASTIFY = ["fastify-cli@7.4.1", "generate", ".", "--lang=ts"];
const SCAFFOLDS = {
  "express-generator": { args: EXPRESS, page: "/users" },
  "express-generator with a script at install": { args: EXPRESS, change: addInstallScript, page: "/made.txt" },
  "fastify-cli": { args: FASTIFY, page: "/example" },
  "express-generator, pnpm 10 with a patch": { args: EXPRESS, change: addPatch, manager: "pnpm", page: "/users" },
  "express-generator, Yarn 1": { args: EXPRESS, manager: "yarn1", page: "/users" },
  "express-generator with a script at install, Bun": { args: EXPRESS, change: addInstallScript, manager: "bun", page: "/made.txt" },
  "fastify-cli, Yarn 4": {
    args: FASTIFY,
    change: (directory) => writeFileSync(path.join(directory, ".yarnrc.yml"), "nodeLinker: node-modules\n"),
    manager: "yarn4",
    page: "/example",
  },
};

/** Path -> hash of every file. */
function hashes(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((file) => {
      const name = path.join(file.parentPath, file.name);
      return [path.relative(folder, name), createHash("sha256").update(readFileSync(name)).digest("hex")];
    }),
  );
}

for (const [name, { args, change, manager = "npm", page }] of Object.entries(SCAFFOLDS)) {
  describe(`init after ${name}`, () => {
    test("fits, and stops under load without failing a request", async () => {
      const { project, port, directory } = await treeFolder();
      mkdirSync(directory, { recursive: true });
      await run("npm", ["init", "--yes"], { cwd: directory });
      await run("npx", ["--yes", ...args, ...(args === FASTIFY ? ["--integrate"] : ["--force"])], { cwd: directory });
      change?.(directory);
      const [command, ...install] = LOCK[manager];
      // A lock file that is empty keeps Yarn from looking for a project above.
      if (manager === "yarn4") writeFileSync(path.join(directory, "yarn.lock"), "");
      await run(command, install, { cwd: directory });
      rmSync(path.join(directory, "node_modules"), { recursive: true, force: true });
      const before = hashes(directory);
      await seaworthy("init", directory, "--yes", "--set", `project.name=${project}`, "--set", `stack.port=${port}`);
      const after = hashes(directory);
      const changed = [...before].filter(([file, hash]) => after.get(file) !== hash).map(([file]) => file);
      same("files of theirs that changed", changed, []);

      copyFileSync(path.join(directory, ".env.example"), path.join(directory, ".env"));
      // As in production: on a developer's machine the delay is 0.
      appendFileSync(path.join(directory, ".env"), "SHUTDOWN_DELAY_MS=2000\n");
      const stack = new Stack({ preset: name, name: project, port, directory });
      await stack.up();
      const load = startLoad({ port, clients: CLIENTS, request: () => ({ path: page }) });
      await sleep(3000);
      load.stopConnecting();
      const container = await stack.container();
      await docker("stop", container);
      const { answered, failed, failures } = await load.stop();
      same("requests failed", [failed, failures], [0, []]);
      holds("there was load", answered > 5 * CLIENTS);
      same("exit code", (await inspect(container, ".State")).ExitCode, 0);
    });
  });
}
