// `init -y` in what the ecosystem's own scaffolders make: nothing of theirs changes, `review` finds nothing, and the image
// builds, starts, is healthy, and stops under load without failing a request.
//
// SEAWORTHY_SCAFFOLDS   how many of them (3 by default, other ones for each commit that changes what is emitted), `all`, or
//                       names with semicolons between them
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, eventually, inspect, run, sleep } from "./docker.mjs";
import { startLoad } from "./load.mjs";
import { ordered } from "./rotation.mjs";
import { LOCK, SCAFFOLDS } from "./scaffolds.mjs";
import { seaworthy, Stack, treeFolder } from "./support.mjs";

const CLIENTS = 20;

const asked = process.env.SEAWORTHY_SCAFFOLDS ?? "3";
const inOrder = ordered(Object.keys(SCAFFOLDS));
const named = inOrder.filter((name) => asked === "all" || asked.split(";").includes(name));
const chosen = named.length > 0 ? named : inOrder.slice(0, Number(asked));
if (chosen.length === 0) throw new Error(`SEAWORTHY_SCAFFOLDS=${asked} asks for nothing; there are ${inOrder.join(", ")}`);
console.log(`scaffolds: ${chosen.length} of ${inOrder.length}: ${chosen.join(", ")}`);

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

for (const name of chosen) {
  const { app = "", args, change, exits = 0, manager = "npm", needsManifest, page, service, counts } = SCAFFOLDS[name];
  describe(`init after ${name}`, () => {
    test("fits, and stops under load without failing a request", async () => {
      const { project, port, directory } = await treeFolder();
      mkdirSync(directory, { recursive: true });
      if (needsManifest) await run("npm", ["init", "--yes"], { cwd: directory });
      if (args) await run("npx", ["--yes", ...args], { cwd: directory });
      change?.(directory);
      // Settings of installs often hold a token. This one is for all of them, and harmless.
      appendFileSync(path.join(directory, ".npmrc"), "fund=false\n");
      const [command, ...install] = LOCK[manager];
      // A lock file that is empty keeps Yarn from looking for a project above.
      if (manager === "yarn4") writeFileSync(path.join(directory, "yarn.lock"), "");
      await run(command, install, { cwd: directory });
      rmSync(path.join(directory, "node_modules"), { recursive: true, force: true });
      const before = hashes(directory);
      const folder = app === "" ? [] : ["--set", `stack.app-dir=${app}`];
      await seaworthy("init", directory, "--yes", "--set", `project.name=${project}`, "--set", `stack.port=${port}`, ...folder);
      const after = hashes(directory);
      const changed = [...before].filter(([file, hash]) => after.get(file) !== hash).map(([file]) => file);
      same("files of theirs that changed", changed, []);
      // Fails when it finds anything.
      await seaworthy("review", directory);

      const own = path.join(directory, app);
      copyFileSync(path.join(own, ".env.example"), path.join(own, ".env"));
      // As in production: on a developer's machine the delay is 0.
      appendFileSync(path.join(own, ".env"), "SHUTDOWN_DELAY_MS=2000\n");
      const stack = new Stack({ preset: name, name: project, port, directory: own });
      try {
        const { ms } = await stack.up();
        holds(`healthy after ${Math.round(ms / 1000)} s, with the build`, true);
        same(`${page} answers`, (await stack.fetch({ path: page })).status, 200);
        const settings = "console.log([\".npmrc\", \".yarnrc.yml\", \".yarn\"].filter((name) => require(\"node:fs\").existsSync(`/app/${name}`)).join())";
        same("settings of installs in the image", await docker("exec", await stack.container(), "node", "-e", settings), "");
        if (service) await readiness(stack, service);
        const load = startLoad({ port, clients: CLIENTS, request: () => ({ path: page }) });
        await sleep(3000);
        load.stopConnecting();
        const container = await stack.container();
        await docker("stop", container);
        const { answered, failed, failures } = await load.stop();
        same("requests failed", [failed, failures], [0, []]);
        holds("there was load", answered > 5 * CLIENTS);
        same("exit code", (await inspect(container, ".State")).ExitCode, exits);
        if (counts) await kept(stack, counts, answered);
      } finally {
        await stack.down();
      }
    });
  });
}

/** The service is not ready without what it needs, lives on, and is ready again by itself. */
async function readiness(stack, service) {
  await stack.compose("stop", "--timeout", "5", service);
  await eventually("not ready without it", async () => (await stack.fetch({ path: "/readyz" })).status === 503);
  same("/livez without it", (await stack.fetch({ path: "/livez" })).status, 200);
  await stack.compose("start", service);
  await eventually("ready again", async () => (await stack.fetch({ path: "/readyz" })).status === 200);
}

/** What was written is there in another container of the same image, and in a backup of it. */
async function kept(stack, page, answered) {
  await stack.compose("up", "--detach", "--force-recreate", "--wait");
  const { count } = await (await stack.fetch({ path: page })).json();
  holds("what was answered is kept", count >= answered, `${count} of ${answered}`);
  const listed = await docker("exec", await stack.container(), "sh", "-c", "node --no-warnings /app/deploy/image/kept.mjs archive /app/data | tar --list");
  same("files in an archive", listed.split("\n").filter((name) => !name.endsWith("/")), ["app/data/notes.db"]);
}
