// Removes what a run made in the engine and on disk:
//   node tests/engine/clean.mjs DIRECTORY      the one that SEAWORTHY_TREES named
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/** Goes on whatever fails: what is not removed here, nobody removes. */
export function clean(directory) {
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const tree = path.join(directory, name, "tree");
    if (!existsSync(path.join(tree, "compose.yaml"))) continue;
    const down = ["down", "--volumes", "--remove-orphans", "--timeout", "1"];
    docker(["compose", "--project-directory", tree, ...down]);
    // All that were built for the project, also those that lost their tag to a later build.
    const project = /^name: (.+)$/m.exec(readFileSync(path.join(tree, "compose.yaml"), "utf8"))[1];
    const images = docker(["images", "--quiet", "--filter", `label=com.docker.compose.project=${project}`]);
    if (images !== "") docker(["image", "rm", "--force", ...new Set(images.split("\n"))]);
  }
  rmSync(directory, { recursive: true, force: true });
}

function docker(args) {
  const env = { ...process.env, POSTGRES_PASSWORD: "unused" };
  const { status, stdout, stderr } = spawnSync("docker", args, { env, encoding: "utf8" });
  if (status !== 0) console.error(`docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

if (import.meta.main) clean(process.argv[2]);
