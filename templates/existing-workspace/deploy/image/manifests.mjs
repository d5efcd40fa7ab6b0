/**
 * Leaves of a workspace what an install reads, for a layer of its own in the image:
 *   node deploy/image/manifests.mjs FILE|FOLDER/...
 * Each package.json stays, and what is named. Its script `prepare` goes: it is for a repository, and sees neither Git nor
 * sources here.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const named = process.argv.slice(2);
const files = readdirSync(".", { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());

for (const file of files) {
  const name = path.join(file.parentPath, file.name);
  if (file.name === "package.json") {
    withoutPrepare(name);
  } else if (!named.some((it) => (it.endsWith("/") ? name.startsWith(it) : name === it))) {
    rmSync(name);
  }
}

/** @param {string} name */
function withoutPrepare(name) {
  const manifest = JSON.parse(readFileSync(name, "utf8"));
  if (!manifest.scripts?.prepare) return;
  delete manifest.scripts.prepare;
  writeFileSync(name, `${JSON.stringify(manifest, null, 2)}\n`);
}
