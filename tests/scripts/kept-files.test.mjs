// deploy/compose/backup-files.sh and restore-files.sh of a fitted tree (SEAWORTHY_TREE) whose service keeps a SQLite database
// in a file: with the tree's own kept.mjs, a real database and real archives, and a stand-in for docker.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { addStandins, place, run, tree } from "./standin.mjs";

// Records its last words; `run` is the container's command on this machine, with the container's /app in a folder.
const DOCKER = `#!/usr/bin/env bash
set -uo pipefail
while [[ $1 != run && $1 != stop && $1 != up ]]; do shift; done
printf '%s\\n' "$*" >>"\${STANDIN}/calls"
[[ ! -e \${STANDIN}/fails-$1 ]] || exit 1
[[ $1 == run ]] || exit 0
while [[ $1 != app-blue ]]; do shift; done
shift
words=()
for word; do
  case \${word} in
    /app/deploy/*) words+=("\${TREE}\${word#/app}") ;;
    /app/*) words+=("\${STANDIN}\${word}") ;;
    *) words+=("\${word}") ;;
  esac
done
exec node "\${words[@]}"
`;

const writers = [];
async function stopWriting() {
  for (const writer of writers.splice(0)) {
    writer.kill("SIGKILL");
    await once(writer, "close");
  }
}
afterEach(stopWriting);

/** A machine where slot blue serves, with a database of one row and an upload. */
function machine() {
  const root = place({ docker: DOCKER });
  const data = join(root, "app/var");
  mkdirSync(join(data, "uploads"), { recursive: true });
  mkdirSync(join(root, "releases/one"), { recursive: true });
  for (const script of ["backup-files.sh", "restore-files.sh", "compose.yaml"]) {
    addStandins(root, { [`../releases/one/${script}`]: readFileSync(join(tree, "deploy/compose", script), "utf8") });
  }
  writeFileSync(join(root, "state"), "slot=blue\nimage=notes@sha256:1\nrelease=one\n");
  writeFileSync(join(data, "uploads/a.txt"), "a");
  const database = new DatabaseSync(join(data, "notes.db"));
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('first')");
  database.close();
  return { root, data };
}

/** Writes into the database until it is killed, with what is not yet in its file beside it. */
async function writer(data) {
  const code = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(${JSON.stringify(join(data, "notes.db"))}, { timeout: 5000 });
    const insert = database.prepare("INSERT INTO notes VALUES ('more')");
    const write = () => { database.exec("BEGIN"); insert.run(); insert.run(); database.exec("COMMIT"); setTimeout(write, 1); };
    write();
    console.log("writes");`;
  const child = spawn(process.execPath, ["--no-warnings", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  writers.push(child);
  await once(child.stdout, "data");
}

const script = (root, name, ...args) => run(root, join(root, "releases/one", name), args, { env: { TREE: tree } });
const archives = (root) => (existsSync(join(root, "backups")) ? readdirSync(join(root, "backups")) : []);

function rows(data) {
  const database = new DatabaseSync(join(data, "notes.db"));
  const { count } = database.prepare("SELECT count(*) AS count FROM notes").get();
  const { integrity_check: sound } = database.prepare("PRAGMA integrity_check").get();
  const { journal_mode: journal } = database.prepare("PRAGMA journal_mode").get();
  database.close();
  return { count, sound, journal };
}

async function backup(root) {
  const { status, output } = await script(root, "backup-files.sh");
  assert.equal(status, 0, output);
  const [name] = archives(root);
  return join(root, "backups", name);
}

test("a backup is the database at one moment while the service writes, and a restore puts it back", async () => {
  const { root, data } = machine();
  await writer(data);
  const archive = await backup(root);
  assert.ok(!readdirSync(data).some((name) => name.startsWith(".archive-")), "its own folder is left behind");
  await stopWriting();
  writeFileSync(join(data, "uploads/b.txt"), "later");
  const later = rows(data).count;

  const { status, output } = await script(root, "restore-files.sh", archive);
  assert.equal(status, 0, output);
  const restored = rows(data);
  assert.deepEqual([restored.sound, restored.journal, restored.count % 2], ["ok", "wal", 1], "not at one moment");
  assert.ok(restored.count <= later && restored.count > 1, `${restored.count} of ${later} rows`);
  assert.deepEqual(readdirSync(join(data, "uploads")), ["a.txt"]);
  const before = readdirSync(data).find((name) => name.startsWith(".before-"));
  assert.deepEqual(rows(join(data, before)).count, later, "what was written after the backup is lost");
  assert.match(output, /restored; what was there before is in \.before-/);
  const calls = readFileSync(join(root, "calls"), "utf8").split("\n").map((line) => line.split(" ")[0]);
  assert.deepEqual(calls.filter(Boolean), ["run", "stop", "run", "up"]);

  // A second backup leaves out what the restore moved away.
  assert.equal((await script(root, "restore-files.sh", await backup(root))).status, 0);
  assert.equal(rows(data).count, restored.count);
});

test("a backup that fails leaves nothing that looks like one, and old ones go", async () => {
  const { root } = machine();
  const old = await backup(root);
  const past = new Date(Date.now() - 40 * 24 * 3600 * 1000);
  utimesSync(old, past, past);
  writeFileSync(join(root, "fails-run"), "");
  assert.notEqual((await script(root, "backup-files.sh")).status, 0);
  assert.deepEqual(archives(root), [old.split("/").at(-1)], "a part is left, or the old one went without a new one");
});

test("old archives go once there is a new one", async () => {
  const { root } = machine();
  const old = join(root, "backups/20200101T000000.files.tar.gz");
  mkdirSync(join(root, "backups"));
  writeFileSync(old, "");
  utimesSync(old, new Date(2020, 0), new Date(2020, 0));
  await backup(root);
  assert.equal(existsSync(old), false);
});

test("an archive that is not whole changes nothing", async () => {
  const { root, data } = machine();
  const archive = await backup(root);
  writeFileSync(archive, readFileSync(archive).subarray(0, 200));
  const { status, output } = await script(root, "restore-files.sh", archive);
  assert.equal(status, 1);
  assert.match(output, /no whole archive; nothing has changed/);
  assert.equal(rows(data).count, 1);
});

test("an archive of something else changes nothing, and the service starts again", async () => {
  const { root, data } = machine();
  const other = join(root, "other.tar.gz");
  await run(root, "tar", ["--create", "--gzip", `--file=${other}`, "-C", root, "state"]);
  const { status, output } = await script(root, "restore-files.sh", other);
  assert.equal(status, 1);
  assert.match(output, /the archive has no .*app.var/);
  assert.equal(rows(data).count, 1);
  assert.match(readFileSync(join(root, "calls"), "utf8"), /\nup .*app-blue\n$/);
});

test("a service that does not stop is not restored under", async () => {
  const { root, data } = machine();
  const archive = await backup(root);
  writeFileSync(join(root, "fails-stop"), "");
  const { status, output } = await script(root, "restore-files.sh", archive);
  assert.equal(status, 1);
  assert.match(output, /does not stop/);
  assert.equal(readdirSync(data).some((name) => name.startsWith(".before-")), false);
});

test("before the first deploy both say so", async () => {
  const { root } = machine();
  writeFileSync(join(root, "state"), "");
  const archive = join(root, "a.tar.gz");
  await run(root, "tar", ["--create", "--gzip", `--file=${archive}`, "-C", root, "state"]);
  assert.match((await script(root, "backup-files.sh")).output, /nothing is deployed yet/);
  assert.match((await script(root, "restore-files.sh", archive)).output, /nothing is deployed yet/);
});
