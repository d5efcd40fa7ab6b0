// The TypeScript of every tree of the answer space: compiled, linted, and its variables read.
//
//   node tests/space/typescript.mjs TREES SCRATCH MAJOR
//
// One compiler run and one linter run over all trees of a major of Node.js with the same settings, of those that differ
// in a file that these tools read, with the packages of all of them. Each env.ts has to take the .env.example beside it,
// with and without its commented lines; and the emitted test of env.ts, which is written for the answers, has to pass.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";

const [trees, scratch] = process.argv.slice(2, 4).map((argument) => path.resolve(argument));
const major = process.argv[4];
const read = (name, file) => readFileSync(path.join(trees, name, file), "utf8");
const isOfMajor = (name) => existsSync(path.join(trees, name, "package.json")) && read(name, ".nvmrc").trim() === major;
const names = readdirSync(trees).filter(isOfMajor);
assert.ok(names.length > 0, `${trees} holds no tree of Node.js ${major}`);

/** Files that compiler and linter look at, relative to a tree. */
function sources(name) {
  const all = ["src", "test"].flatMap((folder) => readdirSync(path.join(trees, name, folder), { recursive: true }).map((file) => path.join(folder, file)));
  const configured = readdirSync(path.join(trees, name)).filter((file) => file.endsWith(".config.ts"));
  return [...all.filter((file) => /\.tsx?$/.test(file)), ...configured].sort().concat("package.json", "tsconfig.json", "tsconfig.build.json");
}

// Trees with the same sources count once. package.json holds the name; its text stands in for that of no other file.
const distinct = new Map();
for (const name of names) {
  const hash = createHash("sha256");
  for (const file of sources(name)) hash.update(`${file}\0${read(name, file)}\0`);
  hash.update(read(name, ".env.example"));
  const key = hash.digest("hex");
  if (!distinct.has(key)) distinct.set(key, name);
}
const kept = [...distinct.values()];

/** The packages of all trees: each in one version everywhere. */
const packages = { dependencies: {}, devDependencies: {} };
for (const name of names) {
  const own = JSON.parse(read(name, "package.json"));
  for (const kind of Object.keys(packages)) {
    for (const [one, version] of Object.entries(own[kind])) {
      assert.equal(packages[kind][one] ?? version, version, `${name}: ${one} has two versions`);
      packages[kind][one] = version;
    }
  }
}

/** What a file says, but for which files it is about: that is said below for all trees. */
function rules(name, file) {
  return read(name, file).replace(/"includes?": \[.*\]/, "").replace("src/generated/\n", "");
}

/** Trees whose tools read the same settings; each group lies in a folder of its own. */
const settings = ["biome.jsonc", "tsconfig.json", ".gitignore"];
const groups = Object.values(Object.groupBy(kept, (name) => settings.map((file) => rules(name, file)).join("\0")));
const folderOf = (group) => path.join(scratch, `group-${groups.indexOf(group)}`);

mkdirSync(scratch, { recursive: true });
writeFileSync(path.join(scratch, "package.json"), JSON.stringify({ private: true, type: "module", ...packages }));
for (const group of groups) {
  for (const file of settings) cpSync(path.join(trees, group[0], file), path.join(folderOf(group), file));
  appendFileSync(path.join(folderOf(group), ".gitignore"), "trees/*/src/generated/\n");
  for (const name of group) {
    for (const file of [...sources(name), ".env.example"]) cpSync(path.join(trees, name, file), path.join(folderOf(group), "trees", name, file));
  }
  writeFileSync(path.join(folderOf(group), "tsconfig.all.json"), JSON.stringify({ extends: "./tsconfig.json", include: ["trees/*/*.ts", "trees/*/src", "trees/*/test"] }));
  execFileSync("git", ["init", "--quiet"], { cwd: folderOf(group) });
}

let failed = 0;
function tool(what, cwd, command, ...args) {
  const start = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 28 });
  console.log(`${what}: ${status === 0 ? "passed" : "FAILED"}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (status === 0) return;
  failed += 1;
  console.log(`${stdout}${stderr}`.slice(0, 20_000));
}

execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: scratch, stdio: "inherit" });
const bin = (name) => path.join(scratch, "node_modules/.bin", name);
/** What the sources import and nobody commits: made once for each schema, and the same for each tree that has it. */
const generated = new Map();
for (const [group, name] of groups.flatMap((group) => group.map((name) => [group, name]))) {
  if (!existsSync(path.join(trees, name, "prisma.config.ts"))) continue;
  const schema = read(name, "prisma/schema.prisma");
  if (!generated.has(schema)) {
    const made = path.join(scratch, `generated-${generated.size}`);
    for (const file of ["prisma.config.ts", "prisma/schema.prisma"]) cpSync(path.join(trees, name, file), path.join(made, file));
    execFileSync(bin("prisma"), ["generate"], { cwd: made });
    generated.set(schema, path.join(made, "src/generated"));
  }
  cpSync(generated.get(schema), path.join(folderOf(group), "trees", name, "src/generated"), { recursive: true });
}
for (const group of groups) {
  const folder = folderOf(group);
  const of = `${group.length} trees`;
  tool(`tsc, ${of}`, folder, bin("tsc"), "--project", "tsconfig.all.json");
  tool(`biome, ${of}`, folder, bin("biome"), "check", "--error-on-warnings", "--max-diagnostics=50", "trees");
  const tests = group.map((name) => path.join("trees", name, "test/env.test.ts"));
  tool(`env.test.ts, ${of}`, folder, process.execPath, "--test", "--test-reporter=dot", "--test-isolation=none", ...tests);
}

// What a tree's own linter reads beside its sources: each text once, in the folder of one group, whose formatter is that of all.
const documents = new Map();
for (const name of names) {
  const files = readdirSync(path.join(trees, name, "deploy"), { recursive: true }).filter((file) => file.endsWith(".json"));
  for (const file of files) documents.set(read(name, path.join("deploy", file)), `${name}-${file.replaceAll("/", "-")}`);
}
if (documents.size > 0) {
  const folder = folderOf(groups[0]);
  mkdirSync(path.join(folder, "json"));
  for (const [text, file] of documents) writeFileSync(path.join(folder, "json", file), text);
  tool(`biome, ${documents.size} JSON files`, folder, bin("biome"), "check", "--error-on-warnings", "--max-diagnostics=50", "json");
}

let keys = 0;
for (const [group, name] of groups.flatMap((group) => group.map((name) => [group, name]))) {
  const example = read(name, ".env.example");
  const { loadEnv } = await import(pathToFileURL(path.join(folderOf(group), "trees", name, "src/ops/env.ts")).href);
  try {
    keys += Object.keys(loadEnv(parseEnv(example))).length;
    loadEnv(parseEnv(example.replace(/^# (?=[A-Z][A-Z0-9_]*=)/gm, "")));
  } catch (error) {
    failed += 1;
    console.log(`${name}: the schema refuses its .env.example: ${error.message}`);
  }
}
const counts = { trees: names.length, trees_compiled: kept.length, settings: groups.length, keys_read: keys, failed };
console.log(Object.entries(counts).map(([key, value]) => `${key.replaceAll("_", " ")} ${value}`).join(", "));
if (process.env.SEAWORTHY_COUNTS) appendFileSync(process.env.SEAWORTHY_COUNTS, `${JSON.stringify({ step: `space: TypeScript for Node.js ${major}`, ...counts })}\n`);
process.exitCode = failed > 0 ? 1 : 0;
