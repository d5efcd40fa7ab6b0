// The final image: what is in it, what is not, and how it starts.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { holds, same } from "./counts.mjs";
import { docker, inspect, nodeIn } from "./docker.mjs";
import { withLayers } from "./layers.mjs";
import { presets, stackOf } from "./support.mjs";

/** The service's own compiled code, its migrations and its image's configuration may add this much. */
const MOST_OWN_BYTES = 5e6;

/** Stands in every file that has no place in an image. */
const CANARY = "canary-b2f7c1e94d";

/** What lies about in a repository, also in the folders that the image is built from. */
const strays = [
  ".env",
  ".env.production",
  ".git/config",
  ".npmrc.bak",
  "notes.txt",
  "secrets/key.pem",
  "test/stray.test.ts",
  "deploy/compose/host.env",
  "node_modules/stray/index.js",
  "src/.env",
  "src/stray.test.ts",
  "src/ops/stray.spec.ts",
  "src/.git/config",
  "migrations/.env",
  "migrations/.git/config",
];

/** Adds them to what is there already: .env has to stay of use. */
function scatter(stack) {
  for (const name of strays) {
    const file = path.join(stack.directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${/\.ts$/.test(name) ? "export const stray =" : "STRAY="} "${CANARY}"\n`, { flag: "a" });
  }
}

for (const preset of presets) {
  describe(`${preset}: image`, () => {
    let stack;
    let base;
    before(async () => {
      stack = (await stackOf(preset)).copy();
      scatter(stack);
      await stack.build();
      base = /^FROM (\S+)/m.exec(stack.file("Dockerfile"))[1];
    });

    test("runs node itself, as a user who is a number and not root", async () => {
      const config = await inspect(stack.image, ".Config");
      same("entrypoint", config.Entrypoint, ["node"]);
      same("command", config.Cmd, ["dist/server.js"]);
      holds(`user ${config.User} is a number, and not root`, /^[1-9]\d*:[1-9]\d*$/.test(config.User));
      same("health check without a shell", config.Healthcheck.Test.slice(0, 2), ["CMD", "node"]);
    });

    test("nothing but production code in any layer", async () => {
      const below = new Set(await inspect(base, ".RootFS.Layers"));
      await withLayers(stack.image, ({ config, layers }) => {
        const own = layers.filter(({ id }) => !below.has(id));
        same("layers of the base and of its own", [layers.length - own.length, own.length > 0], [below.size, true]);
        same("layers that hold what lay about", own.filter((layer) => layer.holds(CANARY)).length, 0);
        holds("nor does the image's configuration or history", !config.includes(CANARY));
        const entries = own.flatMap((layer) => layer.entries);
        same("unexpected paths", entries.filter(isUnexpected).map((entry) => entry.path), []);
        const files = entries.filter(({ kind, path: name }) => kind === "file" && name.startsWith("app/"));
        holds("the server is there", files.some((entry) => entry.path === "app/dist/server.js"));
        same("files that the service could change", files.filter(({ uid, gid, mode }) => uid !== 0 || gid !== 0 || mode & 0o022), []);
        checkPackages(JSON.parse(stack.file("package-lock.json")), files);
      });
    });

    test("size", async () => {
      const [size, below] = [await inspect(stack.image, ".Size"), await inspect(base, ".Size")];
      const modules = await bytesOfModules(stack.image);
      const own = size - below - modules;
      const words = [size, below, modules, own].map((bytes) => (bytes / 1e6).toFixed(2));
      console.log(`  image ${words[0]} MB = base ${words[1]} MB + production node_modules ${words[2]} MB + ${words[3]} MB`);
      holds(`at most ${MOST_OWN_BYTES / 1e6} MB of its own`, own <= MOST_OWN_BYTES, `${own} bytes`);
    });

    test("starts with a read-only root and no capability", async () => {
      await stack.up();
      same("read-only root", await stack.inspect(".HostConfig.ReadonlyRootfs"), true);
      same("capabilities dropped", await stack.inspect(".HostConfig.CapDrop"), ["ALL"]);
      const found = JSON.parse(await nodeIn(await stack.container(), PROBE));
      same("as the kernel has it", found, {
        Uid: "10001", CapEff: "0000000000000000", CapBnd: "0000000000000000", NoNewPrivs: "1",
        "/app/dist/x": "EROFS", "/x": "EROFS", "/tmp/x": "written",
      });
    });
  });
}

/** The state of the service's own process, and what it may write. */
const PROBE = `
  const fs = require("node:fs");
  const status = fs.readFileSync("/proc/1/status", "utf8");
  const found = {};
  for (const key of ["Uid", "CapEff", "CapBnd", "NoNewPrivs"]) found[key] = new RegExp(key + ":\\\\s+(\\\\w+)").exec(status)[1];
  for (const file of ["/app/dist/x", "/x", "/tmp/x"]) {
    try { fs.writeFileSync(file, ""); found[file] = "written"; } catch (error) { found[file] = error.code; }
  }
  console.log(JSON.stringify(found));
`;

/** Besides folders and removed files (.wh.): compiled code, migrations, production dependencies and package.json. */
function isUnexpected({ path: name, kind }) {
  if (/(^|\/)(\.git|\.env[^/]*)(\/|$)/.test(name)) return true;
  if (kind === "directory" || /(^|\/)\.wh\.[^/]+$/.test(name)) return false;
  return !/^app\/(package\.json|dist\/.+\.js|(prisma\/)?migrations\/(\w+\/)?[^/.][^/]*|node_modules\/.+)$/.test(name) || /^app\/dist\/.*\.(test|spec)\./.test(name);
}

/** The lock file says which packages are for development only. */
function checkPackages(lock, files) {
  const there = new Set(files.map((entry) => /^app\/(.*)\/package\.json$/.exec(entry.path)?.[1]).filter(Boolean));
  const listed = Object.entries(lock.packages).filter(([name]) => name !== "");
  const development = listed.filter(([, { dev }]) => dev).map(([name]) => name);
  const production = listed.filter(([, entry]) => !entry.dev && !entry.optional && !entry.devOptional && !entry.peer).map(([name]) => name);
  holds(`the lock file has ${development.length} packages for development`, development.length > 0);
  same("of which are in the image", development.filter((name) => there.has(name)), []);
  // An optional peer of a package for production stands in the lock file as neither.
  const tools = ["prisma", "@prisma/engines", "typescript"].filter((name) => there.has(`node_modules/${name}`));
  same("tools that are a peer of what is in the image", tools, []);
  same(`of ${production.length} for production are missing`, production.filter((name) => !there.has(name)), []);
}

async function bytesOfModules(image) {
  const script = `
    const fs = require("node:fs");
    let sum = 0;
    for (const entry of fs.readdirSync("node_modules", { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) sum += fs.statSync(entry.parentPath + "/" + entry.name).size;
    }
    console.log(sum);
  `;
  return Number(await docker("run", "--rm", "--network", "none", image, "-e", script));
}
