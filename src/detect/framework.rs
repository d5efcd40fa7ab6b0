//! The web framework and its version.

use super::fact::{Evidence, Fact};
use super::locked;
use super::look::{App, Look};

/// The question that the framework answers.
const QUESTION: &str = "stack.framework";

/// Frameworks of the question table by package, those first that others of the list are part of.
pub(crate) const FRAMEWORKS: [(&str, &str); 5] =
    [("next", "next"), ("@nestjs/core", "nest"), ("fastify", "fastify"), ("hono", "hono"), ("express", "express")];

/// Frameworks that the table does not know.
pub(crate) const OTHERS: [(&str, &str); 18] = [
    ("koa", "koa"),
    ("@hapi/hapi", "hapi"),
    ("restify", "restify"),
    ("polka", "polka"),
    ("elysia", "elysia"),
    ("h3", "h3"),
    ("nitropack", "nitro"),
    ("nuxt", "nuxt"),
    ("@remix-run/node", "remix"),
    ("@react-router/node", "react-router"),
    ("astro", "astro"),
    ("@sveltejs/kit", "sveltekit"),
    ("@adonisjs/core", "adonis"),
    ("@feathersjs/feathers", "feathers"),
    ("sails", "sails"),
    ("@loopback/core", "loopback"),
    ("@strapi/strapi", "strapi"),
    ("apollo-server", "apollo-server"),
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let known: Vec<_> =
        FRAMEWORKS.iter().filter_map(|(package, name)| Some((app.manifest.runtime(package)?, *name))).collect();
    // Next and Nest run on another one, which is then a part and no choice.
    let whole = known.first().filter(|(_, name)| matches!(*name, "next" | "nest"));
    let chosen: Vec<_> = whole.map_or_else(|| known.iter().collect(), |one| vec![one]);
    for (dependency, name) in &chosen {
        let evidence = look.tree.evidence(&dependency.key.place);
        look.add(Fact::new("framework", folder, *name, evidence.clone()).answering(QUESTION, *name));
        version(look, app, dependency.name, dependency.range, evidence);
    }
    if chosen.len() > 1 {
        let names = crate::detect::listed(chosen.iter().map(|(_, name)| *name));
        let evidence = chosen.iter().map(|(dependency, _)| look.tree.evidence(&dependency.key.place)).collect();
        look.contradict("framework", folder, Some(QUESTION), format!("{names} are all dependencies"), evidence);
    }
    if !chosen.is_empty() {
        return;
    }
    let other = OTHERS.iter().find_map(|(package, name)| Some((app.manifest.runtime(package)?, *name)));
    if let Some((dependency, name)) = other {
        let evidence = look.tree.evidence(&dependency.key.place);
        look.add(Fact::new("framework", folder, format!("other: {name}"), evidence.clone()));
        version(look, app, dependency.name, dependency.range, evidence);
        return;
    }
    if let Some(evidence) = bare_server(app) {
        look.add(Fact::new("framework", folder, "none", evidence));
    } else {
        look.unknown("framework", folder, Some(QUESTION), "no known framework, and no code makes a server".to_owned());
    }
}

/// A server that Node, Bun or Deno gives without a framework.
fn bare_server(app: &App<'_>) -> Option<Evidence> {
    app.sources.iter().find_map(|source| {
        let calls = ["createServer(", "createSecureServer(", "Bun.serve("];
        let (call, at) = calls.iter().find_map(|call| Some((*call, source.words(call).next()?)))?;
        Some(source.evidence(at, call.trim_end_matches('(')))
    })
}

/// The version that the lock file holds, or the range that the manifest asks for.
fn version(look: &mut Look<'_>, app: &App<'_>, package: &str, range: &str, evidence: Evidence) {
    match locked::version(look.tree, &app.manifest.folder, package) {
        Some((version, place)) => look.add(Fact::new("framework-version", app.folder(), version, place)),
        None => look.add(Fact::new("framework-version", app.folder(), range, evidence)),
    }
}
