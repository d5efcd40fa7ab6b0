// Removes what a run made in the engine and on disk:
//   node tests/engine/clean.mjs DIRECTORY      the one that SEAWORTHY_TREES named
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/** Goes on whatever fails: what is not removed here, nobody removes. */
export function clean(directory) {
  const env = { ...process.env, POSTGRES_PASSWORD: "unused" };
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const tree = path.join(directory, name, "tree");
    if (!existsSync(path.join(tree, "compose.yaml"))) continue;
    const down = ["down", "--volumes", "--rmi", "local", "--remove-orphans", "--timeout", "1"];
    const { status, stderr } = spawnSync("docker", ["compose", "--project-directory", tree, ...down], { env, encoding: "utf8" });
    if (status !== 0) console.error(`${tree} is not removed from the engine: ${stderr}`);
  }
  rmSync(directory, { recursive: true, force: true });
}

if (import.meta.main) clean(process.argv[2]);
