// What is too long for every run is taken in turns: other parts for each commit that changes what is emitted, the same
// ones for the same commit, so that a failure can be repeated.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
// What is emitted follows from these folders alone.
const emitting = ["log", "-1", "--format=%H", "--", "src", "templates", "presets"];

/** The last commit that changes what is emitted. */
export const commit = execFileSync("git", emitting, { cwd: root, encoding: "utf8" }).trim();

/** Sorts by it; another order for each such commit. */
export const place = (name) => createHash("sha256").update(`${commit} ${name}`).digest("hex");

/** The names in this commit's order. */
export const ordered = (names) => [...names].sort((one, other) => (place(one) < place(other) ? -1 : 1));
