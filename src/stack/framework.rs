//! Web frameworks: what the emitted service, its routes and their tests are written for.

use std::fmt;

use serde::Serialize;

use super::parts::{Part, part};

/// A web framework.
#[derive(Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that templates ask by name")]
pub struct Framework {
    /// Value of `stack.framework`.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Package that the type of the app comes from.
    pub package: &'static str,
    /// Type of what takes routes, in that package.
    pub app_type: &'static str,
    /// Whether middleware is a plugin, whose registration is awaited.
    pub plugins: bool,
    /// Whether the code is made of modules: each is given what it uses, so that this is opened before the app is made.
    pub modules: bool,
    /// Whether its own builder makes the server, from code that it bundles, and what it needs of the packages at run time
    /// along with it. What is opened is then opened beside it, before.
    pub bundled: bool,
    /// Beside the sources, what the build reads: files of the root, then folders.
    #[serde(skip)]
    pub build_reads: &'static [&'static str],
    /// What the build leaves that runs, in the order of the image's layers.
    #[serde(skip)]
    pub built: &'static [&'static str],
    /// What the paths of routes begin with.
    pub routes_below: &'static str,
    /// What serves the health checks, in `src/ops`.
    pub health_routes: &'static str,
    /// Whether classes and parameters carry decorators, which do not go away with the types.
    pub decorators: bool,
    /// What its service with drivers takes when idle, MiB, measured as resident memory.
    #[serde(skip)]
    pub idle_mib: u32,
    /// Options of `node` with which it runs the sources, each with a blank behind it.
    pub loader: &'static str,
    /// Packages below its own, and below those of the options, that have an install script and work without it.
    #[serde(skip)]
    pub unrun_scripts: &'static [&'static str],
    /// What is written for it; used only with it.
    #[serde(skip)]
    pub parts: &'static [Part],
}

/// All frameworks, in the order in which they are offered.
pub static FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "fastify",
        title: "Fastify",
        package: "fastify",
        app_type: "FastifyInstance",
        plugins: true,
        modules: false,
        bundled: false,
        build_reads: &[],
        built: &["dist"],
        routes_below: "",
        health_routes: "health-routes.ts",
        decorators: false,
        idle_mib: 100,
        loader: "",
        unrun_scripts: &[],
        parts: &[
            Part { dependencies: &["@fastify/cors", "@fastify/helmet", "fastify"], ..part("fastify", |_| true) },
            part("fastify-postgres", |plan| plan.features.database),
            Part { dependencies: &["@fastify/rate-limit"], ..part("fastify-redis", |plan| plan.features.redis) },
            part("fastify-stateless", |plan| !plan.features.database),
            part("fastify-queue", |plan| plan.features.queue),
            part("fastify-storage", |plan| plan.features.storage),
        ],
    },
    Framework {
        name: "express",
        title: "Express",
        package: "express",
        app_type: "Router",
        plugins: false,
        modules: false,
        bundled: false,
        build_reads: &[],
        built: &["dist"],
        routes_below: "",
        health_routes: "health-routes.ts",
        decorators: false,
        idle_mib: 100,
        loader: "",
        unrun_scripts: &[],
        parts: &[
            Part {
                dependencies: &["cors", "express", "helmet"],
                dev_dependencies: &["@types/cors", "@types/express"],
                ..part("express", |_| true)
            },
            part("express-postgres", |plan| plan.features.database),
            Part { dependencies: &["express-rate-limit"], ..part("express-redis", |plan| plan.features.redis) },
            part("express-stateless", |plan| !plan.features.database),
            part("express-queue", |plan| plan.features.queue),
            part("express-storage", |plan| plan.features.storage),
            EXPRESS_LOG,
            REDIS_COUNTER,
            ZOD_INPUT,
        ],
    },
    Framework {
        name: "hono",
        title: "Hono",
        package: "hono",
        app_type: "Hono",
        plugins: false,
        modules: false,
        bundled: false,
        build_reads: &[],
        built: &["dist"],
        routes_below: "",
        health_routes: "health-routes.ts",
        decorators: false,
        idle_mib: 100,
        loader: "",
        unrun_scripts: &[],
        parts: &[
            Part {
                dependencies: &["@hono/node-server", "hono", "proxy-addr"],
                dev_dependencies: &["@types/proxy-addr"],
                ..part("hono", |_| true)
            },
            part("hono-postgres", |plan| plan.features.database),
            part("hono-redis", |plan| plan.features.redis),
            part("hono-stateless", |plan| !plan.features.database),
            part("hono-queue", |plan| plan.features.queue),
            part("hono-storage", |plan| plan.features.storage),
            REDIS_COUNTER,
            ZOD_INPUT,
        ],
    },
    Framework {
        name: "nest",
        title: "NestJS",
        package: "@nestjs/platform-express",
        app_type: "NestExpressApplication",
        plugins: false,
        modules: true,
        bundled: false,
        build_reads: &[],
        built: &["dist"],
        routes_below: "",
        health_routes: "health.controller.ts",
        decorators: true,
        idle_mib: 125,
        // Node.js leaves out types and no more; it has no decorators.
        loader: "--import tsx ",
        // Its programs are packages of their own; the script only saves a process.
        unrun_scripts: &["esbuild"],
        parts: &[
            Part {
                // On Express, its own default, which its releases and most of what is written for it follow first.
                dependencies: &[
                    "@nestjs/common",
                    "@nestjs/core",
                    "@nestjs/platform-express",
                    "reflect-metadata",
                    "rxjs",
                ],
                dev_dependencies: &["@types/express", "tsx"],
                ..part("nest", |_| true)
            },
            part("nest-postgres", |plan| plan.features.database),
            part("nest-redis", |plan| plan.features.redis),
            part("nest-stateless", |plan| !plan.features.database),
            part("nest-storage", |plan| plan.features.storage),
            OPENED_FIRST,
            part("nest-queue", |plan| plan.features.queue),
            EXPRESS_LOG,
            REDIS_COUNTER,
            ZOD_INPUT,
        ],
    },
    Framework {
        name: "next",
        title: "Next.js",
        package: "next",
        app_type: "NextConfig",
        plugins: false,
        modules: false,
        bundled: true,
        build_reads: &["next.config.ts", "public"],
        built: &[".next/standalone", "dist"],
        routes_below: "/api",
        health_routes: "health-routes.ts",
        decorators: false,
        idle_mib: 115,
        loader: "",
        // Its programs are packages of their own; the script only looks for them.
        unrun_scripts: &["sharp"],
        parts: &[
            Part {
                dependencies: &["proxy-addr"],
                // The build puts what the server needs of them into its output. Installed whole, they are ten times that.
                dev_dependencies: &["@types/proxy-addr", "@types/react", "next", "react", "react-dom"],
                ..part("next", |_| true)
            },
            part("next-postgres", |plan| plan.features.database),
            part("next-stateless", |plan| !plan.features.database),
            OPENED_FIRST,
            ZOD_INPUT,
        ],
    },
];

/// What is open before there is an app, instead of being handed to it.
const OPENED_FIRST: Part = part("opened-first", |_| true);

/// Logs requests where Express serves them.
const EXPRESS_LOG: Part = part("express-log", |_| true);

/// Counts requests for the limit on writes, where the framework has no store for it that can start without Redis.
const REDIS_COUNTER: Part = part("redis-counter", |plan| plan.features.redis);

/// Checks what clients send, where the framework has no schemas of its own.
const ZOD_INPUT: Part = part("zod-input", |_| true);

impl Framework {
    /// The framework of a value of `stack.framework`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FRAMEWORKS.iter().find(|framework| framework.name == name)
    }

    /// The title in a sentence: "a Fastify".
    #[must_use]
    pub fn with_article(&self) -> String {
        let article = if self.title.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
        format!("{article} {}", self.title)
    }
}

/// The name stands for the rest.
impl PartialEq for Framework {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Framework {}

impl fmt::Debug for Framework {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Framework").field(&self.name).finish()
    }
}
