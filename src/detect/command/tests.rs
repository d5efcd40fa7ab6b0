use super::{Packages, Unwrapped, unwrap};

/// tsx, ts-node and knex for production, prisma for development.
struct Fixture;

impl Packages for Fixture {
    fn script(&self, name: &str) -> Option<String> {
        let scripts =
            [("serve", "node dist/a.js"), ("circle", "npm run circle"), ("args", "NODE_ENV=production npm run serve")];
        scripts.iter().find(|(known, _)| *known == name).map(|(_, command)| (*command).to_owned())
    }

    fn is_for_production(&self, package: &str) -> Option<bool> {
        match package {
            "tsx" | "knex" | "dotenv" | "typescript" | "ts-node" | "fastify-cli" | "next" => Some(true),
            "prisma" | "tsconfig-paths" => Some(false),
            _ => None,
        }
    }

    fn is_standalone_next(&self) -> bool {
        false
    }

    fn typed_next_settings(&self) -> Option<String> {
        None
    }

    fn built_by_nest(&self) -> Option<String> {
        Some("dist/main.js".to_owned())
    }
}

fn arguments(command: &str) -> Result<String, String> {
    unwrap(command, &Fixture).map(|it| it.arguments.join(" "))
}

#[test]
fn what_wraps_node_is_taken_off() {
    for (command, expected) in [
        ("node dist/server.js", "dist/server.js"),
        ("NODE_ENV=production node --enable-source-maps dist/main", "--enable-source-maps dist/main"),
        ("cross-env NODE_ENV=production PORT=80 node x.js --fast", "x.js --fast"),
        ("dotenv -e .env.production -- node x.js", "x.js"),
        ("dotenvx run -f .env -- node x.js", "x.js"),
        ("env-cmd -f .env node x.js", "x.js"),
        ("node --env-file=.env --env-file .env.local --watch x.js", "x.js"),
        ("node -r dotenv/config -r ./setup.js x.js", "-r ./setup.js x.js"),
        ("npm run build && node x.js | pino-pretty", "x.js"),
        ("npm run serve", "dist/a.js"),
        ("npm run args -- --fast", "dist/a.js --fast"),
        ("yarn serve", "dist/a.js"),
        ("yarn node x.js", "x.js"),
        ("pm2-runtime start dist/main.js -i max", "dist/main.js"),
        ("nodemon dist/main.js", "dist/main.js"),
        ("tsx src/index.ts", "--import tsx src/index.ts"),
        ("ts-node src/index.ts", "-r ts-node/register src/index.ts"),
        (
            "npx knex migrate:latest --knexfile db/knexfile.js",
            "node_modules/knex/bin/cli.js migrate:latest --knexfile db/knexfile.js",
        ),
        ("fastify start -l info dist/app.js", "node_modules/fastify-cli/cli.js start -a 0.0.0.0 -l info dist/app.js"),
        ("node src/index.ts", "src/index.ts"),
        (
            "next start -p $PORT --keepAliveTimeout 70000",
            "node_modules/next/dist/bin/next start --keepAliveTimeout 70000",
        ),
        ("nest start", "dist/main.js"),
    ] {
        assert_eq!(arguments(command).as_deref(), Ok(expected), "{command}");
    }
}

#[test]
fn what_an_image_cannot_run_is_refused_by_its_name() {
    for (command, says) in [
        ("prisma migrate deploy", "prisma, which is in devDependencies"),
        ("node -r tsconfig-paths/register dist/a.js", "tsconfig-paths, which is in devDependencies"),
        ("node -r newrelic dist/a.js", "newrelic, which package.json does not name"),
        ("bun run src/index.ts", "runs bun"),
        ("pm2-runtime ecosystem.config.js", "ecosystem.config.js"),
        ("nodemon --exec ts-node src/a.ts", "more than a file"),
        ("node dist/a.js > log", "\">\""),
        ("node dist/a.js & node dist/b.js", "\"&\""),
        ("node dist/$NAME.js", "needs a shell"),
        ("node -e 'x'", "starts no file"),
        ("npm run circle", "call each other"),
        ("node 'a", "not closed"),
        ("", "runs nothing"),
        ("make run", "runs make"),
    ] {
        let why = arguments(command).expect_err(command);
        assert!(why.contains(says), "{command}: {why}");
    }
}

#[test]
fn what_is_lost_is_told() {
    let Unwrapped { before, dropped, .. } =
        unwrap("knex migrate:latest && TZ=UTC node --inspect x.js | pino-pretty", &Fixture).unwrap();
    assert_eq!(before, ["knex migrate:latest"]);
    for part in ["TZ", "--inspect", "pino-pretty"] {
        assert!(dropped.iter().any(|it| it.contains(part)), "{part}: {dropped:?}");
    }
}
