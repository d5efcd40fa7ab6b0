// A stand-in for Docker on one host: enough of it to take deploy.sh through every failure. Its state is a JSON file, so
// that it outlives a script that was killed.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place, run, tree } from "./standin.mjs";

export const files = join(tree, "deploy/compose");
export const script = readFileSync(join(files, "deploy.sh"), "utf8");
export const migrates = script.includes("migrates=true");
export const keys = script.match(/required_keys=\((.*)\)/)[1].split(" ");
export const hasWorker = script.includes("WORKER_IMAGE");
/** Of the worker that belongs to the image of the same digit. */
export const workerImage = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(63)}0`;
export const image = (digit) => `ghcr.io/acme/orders@sha256:${digit.repeat(64)}`;

const DOCKER = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require("node:fs");
const argv = process.argv.slice(2);
const file = process.env.STANDIN + "/docker.json";
const all = JSON.parse(readFileSync(file, "utf8"));
const words = argv.join(" ").replace(/--(project-directory|env-file|file|config) \\S+ ?/g, "");
all.calls.push(words);
const fault = all.faults[all.calls.length] ?? all.faults[Object.keys(all.faults).find((key) => isNaN(key) && words.includes(key))];
const save = () => writeFileSync(file, JSON.stringify(all));
const done = (status = 0) => { save(); if (fault === "kill after") process.kill(0, "SIGKILL"); process.exit(status); };
if (fault === "kill") { save(); process.kill(0, "SIGKILL"); }
if (fault === "fail") { console.error("the stand-in fails this call"); done(1); }

if (words.startsWith("image inspect")) { const names = argv.filter((word) => word.includes("@sha256:")); const known = names.every((name) => all.images.includes(name)); if (known) console.log(names.join("\\n")); done(known ? 0 : 1); }
if (words.startsWith("login")) { all.login = readFileSync(0, "utf8").trim(); done(); }
if (words.startsWith("pull")) { all.images.push(argv.at(-1)); done(); }
if (words.startsWith("compose up")) {
  let broken = false;
  for (const service of argv.filter((word) => /^((app|worker)-(blue|green)|caddy|database|redis)$/.test(word))) {
    const image = service.startsWith("worker-") ? process.env.WORKER_IMAGE : process.env.IMAGE;
    if (words.includes("--force-recreate") || !all.running[service]) all.running[service] = image;
    broken ||= /^(app|worker)-/.test(service) && all.broken.includes(all.running[service]);
  }
  done(broken ? 1 : 0);
}
if (words.startsWith("compose stop")) { for (const service of argv.slice(argv.indexOf("stop") + 1)) delete all.running[service]; done(); }
if (words.startsWith("compose run")) { all.migrated.push(process.env.IMAGE); done(all.badMigrations.includes(process.env.IMAGE) ? 1 : 0); }
if (words.startsWith("ps") && words.includes("oneoff")) { if (all.earlierMigration > 0) { all.earlierMigration -= 1; console.log("1f2e3d"); } done(); }
if (words.startsWith("ps")) { const slot = words.match(/service=(app-\\w+)/)?.[1]; if (all.running[slot]) console.log(slot); done(); }
if (words.startsWith("inspect")) { console.log(all.running[argv.at(-1)]); done(); }
if (words.startsWith("image ls")) { console.log([...new Set(all.images)].join("\\n")); done(); }
if (words.startsWith("image rm")) { all.images = all.images.filter((name) => name !== argv.at(-1)); done(); }
if (words.startsWith("compose port")) console.log("127.0.0.1:8081");
if (words.includes("pg_dump")) console.log("dump");
done();
`;

// What a request gets: 0 when the slot that Caddy is pointed at, or that a header names, runs a version that works.
const CURL = `#!/usr/bin/env node
const { existsSync, readFileSync } = require("node:fs");
const all = JSON.parse(readFileSync(process.env.STANDIN + "/docker.json", "utf8"));
const green = existsSync(process.env.STANDIN + "/home/caddy/slot/green");
const asked = process.argv.join(" ").match(/Slot: (blue|green)/)?.[1];
// As users ask, after the switch.
if (all.curlKills && !asked && process.argv.includes("--dump-header")) process.kill(0, "SIGKILL");
const image = all.running["app-" + (asked ?? (green ? "green" : "blue"))];
console.log("HTTP/1.1 200 OK\\r\\n" + (green && !all.stuck ? "Slot: green\\r\\n" : ""));
process.exit(all.running.caddy && image && !all.broken.includes(image) && !all.mute.includes(image) ? 0 : 22);
`;

const NO_SLEEP = "#!/bin/sh\n";

export function host({ env = keys.map((key) => `${key}=x`).join("\n") } = {}) {
  const root = place({ docker: DOCKER, curl: CURL, sleep: NO_SLEEP });
  const home = join(root, "home");
  const statePath = join(root, "docker.json");
  mkdirSync(home);
  writeFileSync(join(home, ".env"), `${env}\n`, { mode: 0o600 });
  const fresh = { calls: [], faults: {}, images: [], running: {}, broken: [], mute: [], stuck: false, curlKills: false, migrated: [], badMigrations: [], earlierMigration: 0 };
  writeFileSync(statePath, JSON.stringify(fresh));
  const read = () => JSON.parse(readFileSync(statePath, "utf8"));
  return {
    home,
    get docker() {
      return read();
    },
    /** Changes the stand-in's state, and forgets the calls so far. */
    set(change) {
      writeFileSync(statePath, JSON.stringify({ ...read(), calls: [], faults: {}, ...change }));
    },
    /** `edit` changes deploy.sh, as other answers would have. */
    deploy(name, args = hasWorker ? [image(name), workerImage(name)] : [image(name)], { input = "token\n", edit = (text) => text } = {}) {
      const release = join(home, "releases", name);
      cpSync(files, release, { recursive: true });
      writeFileSync(join(release, "deploy.sh"), edit(script));
      for (const file of readdirSync(release).filter((name) => name.endsWith(".sh"))) chmodSync(join(release, file), 0o755);
      return run(root, join(release, "deploy.sh"), args, { input, env: { REGISTRY_USER: "someone" } });
    },
    rollBack: () => run(root, join(home, "current/deploy.sh"), ["--rollback"]),
    /** The image that a request reaches now, or null. */
    async serving() {
      const { status } = await run(root, "curl", ["http://localhost"]);
      const docker = read();
      const green = (await run(root, "test", ["-e", join(home, "caddy/slot/green")])).status === 0;
      return status === 0 ? docker.running[green ? "app-green" : "app-blue"] : null;
    },
    /** Service -> image of the workers. */
    workers: () => Object.fromEntries(Object.entries(read().running).filter(([service]) => service.startsWith("worker-"))),
    slots: () => Object.keys(read().running).filter((service) => service.startsWith("app-")),
    file: (name) => readFileSync(join(home, name), "utf8"),
  };
}
