// Versions of one service as images in a registry. The first is built from the emitted Dockerfile; the others are that
// image with a change of their own, since what is shown here is the deploy and not the build.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { count } from "../counts.mjs";
import { docker, run } from "../docker.mjs";
import { seaworthy } from "../support.mjs";
import { startRegistry } from "./registry.mjs";

/** Every answer tells which version gave it, and one route takes its time. */
const MARK = `
  app.addHook("onSend", async (_request, reply) => {
    reply.header("x-release", process.env["RELEASE"] ?? "none");
  });
  app.get("/slow", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return {};
  });
`;

/** What is wrong with a version, as lines of a Dockerfile. */
export const FAULTS = {
  // It runs, and never listens.
  hangs: 'CMD ["-e", "setInterval(() => {}, 1000)"]',
  crashes: 'CMD ["dist/no-such-file.js"]',
  // Healthy from within, and out of reach for everybody else.
  mute: `CMD ["-e", "require('http').createServer((_, r) => r.end()).listen(process.env.PORT, '127.0.0.1')"]`,
};

/** `COPY` of a migration whose SQL is in the text. */
export function migration(name, sql) {
  return `COPY <<"END" /app/migrations/${name}.sql\n${sql}\nEND`;
}

/** Resolves to { build, close }. */
export async function startVersions() {
  const folder = mkdtempSync(path.join(tmpdir(), "seaworthy-versions-"));
  const registry = await startRegistry();
  const base = `${path.basename(folder).toLowerCase()}:base`;
  const made = new Set([base]);
  const docker_ = ["--config", path.join(folder, "docker")];
  await run("docker", [...docker_, "login", registry.name, "--username", registry.user, "--password-stdin"], { input: registry.password });
  await buildBase(path.join(folder, "orders"), base);

  return {
    registry,
    /** Builds a version of `project`, pushes it, forgets it here, and resolves to its name by digest. */
    async build(project, release, lines = "") {
      const tag = `${registry.name}/acme/${project}:${release}`;
      const dockerfile = `FROM ${base}\nENV RELEASE=${release}\nLABEL org.opencontainers.image.title=${project}\n${lines}\n`;
      await run("docker", ["build", "--quiet", "--tag", tag, "-"], { input: dockerfile });
      count({ images_built: 1 });
      const { stdout } = await run("docker", [...docker_, "push", tag]);
      await docker("rmi", tag);
      return `${tag.slice(0, -release.length - 1)}@${/sha256:[0-9a-f]{64}/.exec(stdout)[0]}`;
    },
    async close() {
      for (const tag of made) await docker("rmi", "--force", tag);
      registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function buildBase(tree, tag) {
  await seaworthy("new", tree, "--preset", "api", "--yes", "--no-install");
  await run("npm", ["install", "--package-lock-only", "--silent", "--no-audit", "--no-fund"], { cwd: tree });
  const file = path.join(tree, "src/app.ts");
  const source = readFileSync(file, "utf8");
  const marked = source.replace("  healthRoutes(app, options.health);", `${MARK}$&`);
  assert.notEqual(marked, source, "src/app.ts has no place for the mark");
  writeFileSync(file, marked);
  await run("docker", ["build", "--quiet", "--tag", tag, tree]);
  count({ images_built: 1 });
}
