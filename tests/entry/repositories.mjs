// Repositories that somebody else wrote, for entry.test.mjs: the same small service in each framework, language and module
// system. /slow takes longer than the delay of a shutdown.

const ESM = { type: "module" };
const NODENEXT = { module: "nodenext", target: "es2023", outDir: "dist", rootDir: "src", strict: true, noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true, exactOptionalPropertyTypes: true, verbatimModuleSyntax: true, skipLibCheck: true, types: ["node"] };
const SLOW_MS = 1500;
/** Where probes also tell whether the service has been ready once. */
const ECS = ["deploy.platform=ecs", "deploy.cloud=aws"];

const fastify = (typed) => `import Fastify from "fastify";

const app = Fastify();
app.get("/", async () => "hello");
app.get("/slow", async () => new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}, "slow")));

const start = async ()${typed ? ": Promise<void>" : ""} => {
  await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
};
await start();
`;

const routes = `app.get("/", (_request, response) => {
  response.send("hello");
});
app.get("/slow", (_request, response) => {
  setTimeout(() => response.send("slow"), ${SLOW_MS});
});
`;

const hono = `import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("hello"));
app.get("/slow", async (c) => {
  await new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}));
  return c.text("slow");
});

serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) });
`;

const plain = (types = "") => `import { createServer } from "node:http";

const server = createServer((request, response) => {
  const isSlow = request.url === "/slow";
  setTimeout(() => response.end(isSlow ? "slow" : "hello"), isSlow ? ${SLOW_MS} : 0);
});
server.listen(Number(process.env["PORT"] ?? 3000));
export const address = ()${types} => process.env["DATABASE_URL"];
`;

const nest = `import "reflect-metadata";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

@Controller()
class AppController {
  @Get()
  hello(): string {
    return "hello";
  }

  @Get("slow")
  slow(): Promise<string> {
    return new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}, "slow"));
  }
}

@Module({ controllers: [AppController] })
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.setGlobalPrefix("api", { exclude: ["/", "/slow"] });
  app.enableShutdownHooks();
  await app.listen(process.env["PORT"] ?? 3000);
}
void bootstrap();
`;

/**
 * `entry` with its text, `package` beside its name, `compiler` options of TypeScript; what \`init\` is to tell of it by
 * \`style\` and \`server\`, and \`set\` for it; \`more\` files. \`called\` is false where the entry point stays as it is.
 */
export const REPOSITORIES = {
  "fastify-ts": { entry: "src/server.ts", text: fastify(true), package: ESM, compiler: NODENEXT, style: "typescript-js", server: "fastify", set: ECS },
  "fastify-js": { entry: "src/server.js", text: fastify(false), package: ESM, style: "esm", server: "fastify", set: ECS },
  "fastify-commonjs": {
    entry: "server.js",
    text: fastify(false)
      .replace('import Fastify from "fastify"', 'const Fastify = require("fastify")')
      .replace("await start()", "start()")
      .replaceAll(";\n", "\n")
      .replaceAll('"', "'"),
    package: {},
    style: "commonjs",
    set: ECS,
    server: "fastify",
  },
  "express-ts": {
    entry: "src/index.ts",
    text: `import express from "express";

const app = express();
${routes}
app.listen(process.env.PORT || 3000, () => {
  console.log("listening");
});
`,
    package: {},
    compiler: { module: "node16", moduleResolution: "node16", target: "es2020", outDir: "dist", rootDir: "src", strict: true, esModuleInterop: true, skipLibCheck: true, types: ["node"] },
    style: "typescript",
    set: ECS,
    server: "express",
  },
  "express-js": {
    entry: "src/index.js",
    text: `import express from "express";\n\nconst app = express();\n${routes}app.listen(process.env.PORT || 3000);\n`,
    package: ESM,
    style: "esm",
    set: ECS,
    server: "express",
  },
  "express-commonjs": {
    entry: "index.js",
    text: `const express = require('express')\nconst app = express()\n\n${routes.replaceAll(";\n", "\n")}\nconst server = app.listen(process.env.PORT || 3000)\nmodule.exports = server\n`,
    package: {},
    style: "commonjs",
    server: "express",
  },
  "express-www": {
    entry: "bin/www",
    text: `#!/usr/bin/env node
var app = require('../app');
var http = require('http');

var server = http.createServer(app);
server.listen(process.env.PORT || '3000');
`,
    more: { "app.js": `var express = require('express');\nvar app = express();\n${routes}app.use((request, response) => response.status(404).end());\nmodule.exports = app;\n` },
    package: {},
    style: "commonjs",
    server: "http",
  },
  "hono-ts": { entry: "src/index.ts", text: hono, package: ESM, runs: "src/index.ts", style: "typescript-ts", server: "hono", compiler: { ...NODENEXT, noEmit: true, allowImportingTsExtensions: true, erasableSyntaxOnly: true }, set: ECS },
  "hono-js": { entry: "src/index.mjs", text: hono, package: {}, style: "mjs", server: "hono", set: ECS },
  "http-ts": { entry: "src/main.ts", text: plain(": string | undefined"), package: ESM, compiler: NODENEXT, style: "typescript-js", server: "http", set: [...ECS, "stack.database=postgres"] },
  "http-js": { entry: "src/main.js", text: plain(), package: ESM, style: "esm", server: "http", set: [...ECS, "stack.database=postgres"] },
  "nest-ts": { entry: "src/main.ts", text: nest, package: ESM, compiler: { ...NODENEXT, experimentalDecorators: true, emitDecoratorMetadata: true }, style: "typescript-js", server: "nest", set: ECS },
  "express-not-called": {
    entry: "index.js",
    text: `const express = require("express");\nconst app = express();\n${routes}app.listen(process.env.PORT || 3000);\n`,
    package: {},
    style: "commonjs",
    set: ECS,
    server: "express",
    called: false,
  },
};

/** What each needs of packages, by its server and by its framework. */
export const PACKAGES = {
  fastify: ["fastify"],
  express: ["express"],
  hono: ["hono", "@hono/node-server"],
  http: [],
  nest: ["@nestjs/common", "@nestjs/core", "@nestjs/platform-express", "reflect-metadata", "rxjs"],
};

/** One that answers /readyz by itself. */
export const OWN_PROBE = {
  entry: "index.js",
  text: `const express = require("express");
const app = express();
let isUp = false;
app.get("/turn", (request, response) => {
  isUp = request.query.to === "up";
  response.end();
});
app.get("/readyz", (_request, response) => {
  response.status(isUp ? 200 : 503).end();
});
app.listen(process.env.PORT || 3000);
`,
  package: {},
  set: ECS,
  server: "express",
};
