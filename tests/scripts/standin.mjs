// Stand-ins on PATH for what the emitted scripts call, and a way to run a script of a rendered tree with them.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const tree = process.env.SEAWORTHY_TREE;
if (!tree) throw new Error("SEAWORTHY_TREE must name a rendered repository");

/** A folder of its own with a bin/ in which each stand-in is a script: { name: text }. */
export function place(standins) {
  const root = mkdtempSync(join(tmpdir(), "scripts-"));
  mkdirSync(join(root, "bin"));
  addStandins(root, standins);
  return root;
}

export function addStandins(root, standins) {
  for (const [name, text] of Object.entries(standins)) {
    writeFileSync(join(root, "bin", name), text);
    chmodSync(join(root, "bin", name), 0o755);
  }
}

/** Runs a program in a process group of its own, so that a stand-in can kill all of it. */
export function run(root, program, args, { env = {}, input = "", cwd = tree } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      detached: true,
      env: { PATH: `${root}/bin:${process.env.PATH}`, HOME: root, STANDIN: root, ...env },
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.stdin.on("error", () => {}); // a script may end before it has read everything
    child.stdin.end(input);
    child.on("close", (status) => resolve({ status, output }));
  });
}
