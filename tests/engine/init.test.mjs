// `init -y` in what the ecosystem's own scaffolders make: nothing of theirs changes, and the image builds, starts, is
// healthy, and stops under load without failing a request.
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, inspect, run, sleep } from "./docker.mjs";
import { startLoad } from "./load.mjs";
import { seaworthy, Stack, treeFolder } from "./support.mjs";

const CLIENTS = 20;

/**
 * A page that only exists when a script of the repository ran at install, with its own file and a package that only
 * development has.
 */
function addInstallScript(directory) {
  const file = path.join(directory, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  manifest.scripts.postinstall = "node make-page.js";
  manifest.devDependencies = { ms: "2.1.3" };
  writeFileSync(file, JSON.stringify(manifest, null, 2));
  const script = 'require("node:fs").writeFileSync("public/made.txt", require("ms")(60000));\n';
  writeFileSync(path.join(directory, "make-page.js"), script);
}

/** What each scaffolder is called with, what is then changed, and a page that its service answers. */
const SCAFFOLDS = {
  "express-generator": { args: ["express-generator@4.16.1", "--no-view", "."], page: "/users" },
  "express-generator with a script at install": {
    args: ["express-generator@4.16.1", "--no-view", "."],
    change: addInstallScript,
    page: "/made.txt",
  },
  "fastify-cli": { args: ["fastify-cli@7.4.1", "generate", ".", "--lang=ts"], page: "/example" },
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

for (const [name, { args, change, page }] of Object.entries(SCAFFOLDS)) {
  describe(`init after ${name}`, () => {
    test("fits, and stops under load without failing a request", async () => {
      const { project, port, directory } = await treeFolder();
      mkdirSync(directory, { recursive: true });
      await run("npm", ["init", "--yes"], { cwd: directory });
      await run("npx", ["--yes", ...args, ...(name === "fastify-cli" ? ["--integrate"] : ["--force"])], { cwd: directory });
      change?.(directory);
      await run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
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
