use super::*;
use crate::upgrade::unified::unified;

fn ops(server: &str, style: &str) -> Ops {
    let entries = ["folder=src/ops".to_owned(), format!("style={style}"), format!("server={server}")];
    Ops::parse(&entries).unwrap().unwrap()
}

fn result(server: &str, style: &str, path: &str, text: &str) -> Result<String, String> {
    let entry = Entry { path, text, handlers: &[] };
    patched(&entry, &ops(server, style))
}

fn gives(server: &str, style: &str, before: &str, after: &str) {
    let path = if style.starts_with("typescript") { "src/server.ts" } else { "src/server.js" };
    let told = result(server, style, path, before).unwrap_or_else(|why| panic!("{server}: {why}\n{before}"));
    assert_eq!(told, after, "{}", unified("expected", "told", after.as_bytes(), told.as_bytes()));
    let entry = Entry { path, text: after, handlers: &[] };
    assert!(is_called(&entry, &ops(server, style)), "{after}");
    assert!(!is_called(&Entry { text: before, ..entry }, &ops(server, style)), "{before}");
}

#[test]
fn a_fastify_gets_a_plugin() {
    gives(
        "fastify",
        "typescript-js",
        "import { build } from './app.js';\n\nconst app = build();\nawait app.listen({ port: 1 });\n",
        "import { build } from './app.js';\nimport { ops } from './ops/service.js';\n\nconst app = build();\napp.register(ops);\nawait app.listen({ port: 1 });\n",
    );
    gives(
        "fastify",
        "commonjs",
        "'use strict'\nconst fastify = require('fastify')({ logger: true })\n\nfastify.listen({ port: 1 }, (err) => {\n  if (err) throw err\n})\n",
        "'use strict'\nconst fastify = require('fastify')({ logger: true })\nconst { ops } = require('./ops/service.js')\n\nfastify.register(ops)\nfastify.listen({ port: 1 }, (err) => {\n  if (err) throw err\n})\n",
    );
    gives(
        "fastify",
        "typescript",
        "import Fastify from \"fastify\";\r\nconst app = Fastify();\r\nconst start = async () => {\r\n  try {\r\n    const at = await app.listen({ port: 1 });\r\n  } catch {}\r\n};\r\n",
        "import Fastify from \"fastify\";\r\nimport { ops } from \"./ops/service\";\r\nconst app = Fastify();\r\nconst start = async () => {\r\n  try {\r\n    app.register(ops);\r\n    const at = await app.listen({ port: 1 });\r\n  } catch {}\r\n};\r\n",
    );
}

#[test]
fn an_express_gets_middleware_and_its_server_is_handed_over() {
    gives(
        "express",
        "commonjs",
        "const express = require(\"express\");\nconst app = express();\napp.get(\"/\", (q, r) => r.send(\"listen(\"));\napp.listen(process.env.PORT || 3000, () => {\n  console.log(\"up\");\n});\n",
        "const express = require(\"express\");\nconst { probes, stopOnSignals } = require(\"./ops/service.js\");\nconst app = express();\napp.use(probes);\napp.get(\"/\", (q, r) => r.send(\"listen(\"));\nstopOnSignals(app.listen(process.env.PORT || 3000, () => {\n  console.log(\"up\");\n}));\n",
    );
    gives(
        "express",
        "typescript",
        "import express, { Express } from 'express'\nimport { createServer } from 'http'\nconst app: Express = express()\nconst server = createServer(app)\nserver.listen(1)\n",
        "import express, { Express } from 'express'\nimport { createServer } from 'http'\nimport { probes, stopOnSignals } from './ops/service'\nconst app: Express = express()\napp.use(probes)\nconst server = createServer(app)\nstopOnSignals(server)\nserver.listen(1)\n",
    );
}

#[test]
fn a_hono_gets_routes_and_its_server_is_handed_over() {
    gives(
        "hono",
        "typescript-ts",
        "import { serve } from \"@hono/node-server\";\nimport { Hono } from \"hono\";\n\nconst app = new Hono<{ Bindings: X }>();\nserve({ fetch: app.fetch, port: 1 });\n",
        "import { serve } from \"@hono/node-server\";\nimport { Hono } from \"hono\";\nimport { probes, stopOnSignals } from \"./ops/service.ts\";\n\nconst app = new Hono<{ Bindings: X }>();\napp.route(\"/\", probes);\nstopOnSignals(serve({ fetch: app.fetch, port: 1 }));\n",
    );
}

#[test]
fn a_nest_gets_middleware_instead_of_its_own_shutdown() {
    let before = "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nasync function bootstrap() {\n  const app = await NestFactory.create<NestExpressApplication>(AppModule, {\n    bufferLogs: true,\n  });\n  app.enableShutdownHooks();\n  await app.listen(process.env.PORT ?? 3000);\n}\nvoid bootstrap();\n";
    gives(
        "nest",
        "typescript",
        before,
        "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nimport { ops } from './ops/service';\nasync function bootstrap() {\n  const app = await NestFactory.create<NestExpressApplication>(AppModule, {\n    bufferLogs: true,\n  });\n  ops(app);\n  await app.listen(process.env.PORT ?? 3000);\n}\nvoid bootstrap();\n",
    );
    let entry = Entry { path: "src/server.ts", text: before, handlers: &["src/server.ts:7".to_owned()] };
    assert!(patched(&entry, &ops("nest", "typescript")).is_ok());
    let other = Entry { handlers: &["src/signals.ts:3".to_owned()], ..entry };
    assert!(patched(&other, &ops("nest", "typescript")).unwrap_err().starts_with("src/signals.ts:3 sees to signals"));
}

#[test]
fn a_server_of_node_is_handed_over() {
    gives(
        "http",
        "esm",
        "import { createServer } from 'node:http';\nconst server = createServer((request, response) => response.end('ok'));\nserver.listen(1);\n",
        "import { createServer } from 'node:http';\nimport { ops } from './ops/service.js';\nconst server = createServer((request, response) => response.end('ok'));\nops(server);\nserver.listen(1);\n",
    );
    gives(
        "http",
        "commonjs",
        "var app = require('../app');\nvar http = require('http');\nhttp.createServer(app).listen(port);\n",
        "var app = require('../app');\nvar http = require('http');\nconst { ops } = require('./ops/service.js');\nops(http.createServer(app).listen(port));\n",
    );
    gives(
        "http",
        "commonjs",
        "const app = require('./app');\nconst server = app.listen(1).on('error', die);\n",
        "const app = require('./app');\nconst { ops } = require('./ops/service.js');\nconst server = ops(app.listen(1)).on('error', die);\n",
    );
    let www = "#!/usr/bin/env node\nlet server = null;\nserver = http.createServer(app);\nserver.listen(1);\n";
    assert!(result("http", "commonjs", "bin/www", www).is_err(), "not declared where it is made");
    let www = "#!/usr/bin/env node\nconst server = createServer(app);\nserver.listen(1);\n";
    let expected = "#!/usr/bin/env node\nconst { ops } = require(\"../src/ops/service.js\");\nconst server = createServer(app);\nops(server);\nserver.listen(1);\n";
    assert_eq!(result("http", "commonjs", "bin/www", www).unwrap(), expected);
}

#[test]
fn what_is_not_sure_is_not_patched() {
    for (server, text) in [
        ("fastify", "const app = build();\nif (x) app.listen({});\nelse app.listen({});\n"),
        ("fastify", "const app = build();\nif (x)\n  app.listen({});\n"),
        ("fastify", "const app = build();\napp.ready(() => {});\napp.listen({});\n"),
        ("fastify", "const app = build();\nconst f = () => app.listen({});\n"),
        ("fastify", "build().listen({});\n"),
        ("fastify", "export default async (app) => {};\n"),
        ("fastify", "import cluster from 'cluster';\nconst app = build();\ncluster.fork();\napp.listen({});\n"),
        ("express", "const app = express(), port = 1;\napp.listen(port);\n"),
        ("express", "const app = express();\nconst other = express();\napp.listen(1);\n"),
        ("express", "const app = express();\nserver.listen(1);\n"),
        ("hono", "const app = new Hono().basePath('/api');\nserve(app);\n"),
        ("hono", "import { app } from './app';\nserve(app);\n"),
        ("hono", "const app = new Hono();\nBun.serve(app);\n"),
        ("nest", "const app = await NestFactory.create(AppModule, new FastifyAdapter());\nawait app.listen(1);\n"),
        ("http", "const server = createServer(app);\nserver.listen(1);\nserver.listen(2);\n"),
        ("http", "const server = createServer(app);\nother.listen(1);\n"),
        ("http", "require('http').createServer(app).listen(1);\n"),
        ("http", "const server = require('http').createServer(app);\nserver.listen(1);\n"),
    ] {
        let told = result(server, "typescript", "src/server.ts", text);
        assert!(told.is_err(), "{text}\n{}", told.unwrap());
    }
}

#[test]
fn the_way_to_it_is_found_from_any_folder() {
    let lines = |path: &str| by_hand(path, &ops("http", "commonjs"))[0].clone();
    assert_eq!(lines("src/server.js"), "const { ops } = require(\"./ops/service.js\");");
    assert_eq!(lines("server.js"), "const { ops } = require(\"./src/ops/service.js\");");
    assert_eq!(lines("src/bin/www"), "const { ops } = require(\"../ops/service.js\");");
    assert_eq!(lines("bin/www"), "const { ops } = require(\"../src/ops/service.js\");");
}
