#!/usr/bin/env node
// Prisma's own schema engine for its own commands, as a program that PRISMA_SCHEMA_ENGINE_BINARY names. The binary that
// people have comes from a host of Prisma's; this is the same commit of the same source, compiled to WebAssembly, from the
// package registry. What is ours is the line between the two: JSON-RPC on stdin and stdout, a request in each line.
//
// SEAWORTHY_TREE            the service, whose driver adapter it takes
// SEAWORTHY_SCHEMA_ENGINE   node_modules with @prisma/schema-engine-wasm
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const require = createRequire(path.join(process.env.SEAWORTHY_TREE, "package.json"));
const { PrismaPg } = require("@prisma/adapter-pg");
const { bindMigrationAwareSqlAdapterFactory } = require("@prisma/driver-adapter-utils");
const { Client } = require("pg");

const options = { datasource: { type: "string" }, datamodels: { type: "string", multiple: true } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const { url } = JSON.parse(values.datasource);

// `cli can-connect-to-database` and the like: the exit code is the answer.
if (positionals[0] === "cli") {
  const client = new Client(url);
  await client.connect();
  await client.end();
  process.exit(0);
}

const engine = await load();
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  // The command's own answer: that it has printed.
  if (method === undefined) continue;
  const answer = await engine[method](params).then(
    (result) => ({ result: result ?? null }),
    // As the binary words it: what the command shows is in `data`.
    ({ message, code }) => ({ error: { code: 4466, message, data: { is_panic: false, message, meta: null, error_code: code } } }),
  );
  // The binary asks the command to print; this one says what is to be printed.
  if (answer.result?.stdout) send({ id: 1, method: "print", params: { content: answer.result.stdout } });
  send({ id, ...answer });
}
process.exit(0);

function send(message) {
  console.log(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

async function load() {
  const folder = path.join(process.env.SEAWORTHY_SCHEMA_ENGINE, "@prisma/schema-engine-wasm");
  const bindings = await import(pathToFileURL(path.join(folder, "schema_engine_bg.js")).href);
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => process.stderr.write(`${JSON.stringify({ fields: { message } })}\n`) };
  const program = readFileSync(path.join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(program, { "./schema_engine_bg.js": bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  // Some commands bring no schema; the engine wants one.
  const files = values.datamodels ?? [];
  const datamodels = files.length > 0 ? files.map((file) => [file, readFileSync(file, "utf8")]) : [["none.prisma", 'datasource db {\n  provider = "postgresql"\n}\n']];
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(url));
  return bindings.SchemaEngine.new({ datamodels }, () => {}, adapter);
}
