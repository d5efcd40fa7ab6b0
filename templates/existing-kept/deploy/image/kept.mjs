// One archive of the folders that stay, and back again. deploy/compose/backup-files.sh and restore-files.sh run it in the
// service's image, beside the service.
//   node kept.mjs archive FOLDER...          writes a tar to stdout
//   node kept.mjs restore BEFORE FOLDER...   reads one from stdin; what was there moves to FOLDER/BEFORE
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";

/** How a file of SQLite begins, see its documentation of the file format. */
const SQLITE = Buffer.from("SQLite format 3\0");

/** How long to wait for another process that holds the database, ms. */
const BUSY_MS = 30_000;

/** What belongs to this file, at the top of a folder that stays. */
const OWN = /^\.(archive|restoring|before)-/;

function beginsLikeSqlite(file) {
  const start = Buffer.alloc(SQLITE.length);
  const opened = fs.openSync(file, "r");
  try {
    fs.readSync(opened, start, 0, start.length, 0);
  } finally {
    fs.closeSync(opened);
  }
  return start.equals(SQLITE);
}

/** What SQLite keeps beside a database belongs to one moment of it, and not into a copy of another. */
function isBesideDatabase(folder, name) {
  const database = /^(.+)-(?:wal|shm|journal)$/.exec(name)?.[1];
  const file = database && path.join(folder, database);
  return Boolean(file) && fs.existsSync(file) && beginsLikeSqlite(file);
}

/** A copy of a database as it is at one moment, while others read and write it. */
async function copyDatabase(from, to) {
  const { DatabaseSync } = await import("node:sqlite");
  const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
  const database = new DatabaseSync(from);
  let mode;
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    mode = database.prepare("PRAGMA journal_mode").get().journal_mode;
    database.exec(`VACUUM INTO ${quoted(to)}`);
  } finally {
    database.close();
  }
  // A copy has the journal of a new database.
  const copy = new DatabaseSync(to);
  copy.exec(`PRAGMA journal_mode = ${mode}`);
  copy.close();
}

/** Copies a folder: databases at one moment, other files as links, which take no room. */
async function copy(from, to, skipped = () => false) {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [from, to].map((folder) => path.join(folder, entry.name));
    if (skipped(entry.name)) continue;
    if (entry.isDirectory()) await copy(source, target);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target);
    else if (!entry.isFile() || isBesideDatabase(from, entry.name)) continue;
    else if (beginsLikeSqlite(source)) await copyDatabase(source, target);
    else fs.linkSync(source, target);
  }
}

function tar(stdio, ...words) {
  const { status, error } = spawnSync("tar", words, { stdio });
  if (error) throw error;
  if (status !== 0) throw new Error(`tar ended with ${status}`);
}

/** Runs `task` with a new folder in each of the folders, and removes them, and those of a run that was killed. */
async function within(folders, prefix, task) {
  for (const folder of folders) {
    for (const name of fs.readdirSync(folder)) {
      if (name.startsWith(prefix)) fs.rmSync(path.join(folder, name), { recursive: true });
    }
  }
  const stages = folders.map((folder) => fs.mkdtempSync(path.join(folder, prefix)));
  try {
    return await task(stages);
  } finally {
    for (const stage of stages) fs.rmSync(stage, { recursive: true, force: true });
  }
}

/** `/app/data` is `app/data` in an archive. */
const inArchive = (folder) => folder.slice(1);

async function archive(folders) {
  await within(folders, ".archive-", async (stages) => {
    for (const [index, folder] of folders.entries()) {
      await copy(folder, path.join(stages[index], inArchive(folder)), (name) => OWN.test(name));
    }
    const parts = folders.flatMap((folder, index) => ["-C", stages[index], inArchive(folder)]);
    tar(["ignore", "inherit", "inherit"], "--create", "--file=-", ...parts);
  });
}

/** Moves what is in a folder, but for what belongs to this file. */
function moveAll(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const name of fs.readdirSync(from)) {
    if (!OWN.test(name)) fs.renameSync(path.join(from, name), path.join(to, name));
  }
}

async function restore(before, folders) {
  await within(folders, ".restoring-", async (stages) => {
    const [first] = stages;
    tar(["inherit", "inherit", "inherit"], "--extract", "--file=-", "-C", first);
    const unpacked = folders.map((folder) => path.join(first, inArchive(folder)));
    const absent = folders.filter((_, index) => !fs.existsSync(unpacked[index]));
    if (absent.length > 0) throw new Error(`the archive has no ${absent.join(" and no ")}`);
    // A rename does not cross from one volume to another, and nothing has changed until all of it is in place.
    const ready = unpacked.map((from, index) => {
      if (index === 0) return from;
      fs.cpSync(from, path.join(stages[index], "new"), { recursive: true });
      return path.join(stages[index], "new");
    });
    for (const [index, folder] of folders.entries()) {
      moveAll(folder, path.join(folder, before));
      moveAll(ready[index], folder);
    }
  });
}

const [command, ...words] = process.argv.slice(2);
try {
  if (command === "archive" && words.length > 0) await archive(words);
  else if (command === "restore" && words.length > 1) await restore(words[0], words.slice(1));
  else throw new Error("usage: kept.mjs archive FOLDER... | restore BEFORE FOLDER...");
} catch (error) {
  console.error(`kept.mjs: ${error.message}`);
  process.exitCode = 1;
}
