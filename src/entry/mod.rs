//! The few lines that a repository's own entry point needs to call `src/ops`: as a patch where they are sure, else as
//! lines to add by hand, with the reason.
//!
//! Pure: texts in, texts out. The file is the user's, before and after.

mod calls;
mod code;
mod edits;
mod imports;
pub mod manifest;

use crate::detect::source::Source;
use crate::spec::{Ops, ops::Server};
use edits::Edit;

/// An entry point and what it calls.
pub struct Entry<'a> {
    /// Path from the root of the repository.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Places in the repository that see to signals themselves.
    pub handlers: &'a [String],
}

/// Whether the entry point calls `src/ops` already.
#[must_use]
pub fn is_called(entry: &Entry<'_>, ops: &Ops) -> bool {
    let specifier = imports::specifier(entry.path, ops);
    let stem = specifier.strip_suffix(ops.style.imports()).unwrap_or(&specifier);
    let source = Source::new(entry.path, entry.text);
    ["'", "\""].iter().any(|quote| source.text.contains(&format!("{quote}{stem}")))
}

/// The text with the lines in it.
///
/// # Errors
/// Why it is not sure where they go, as a sentence.
pub fn patched(entry: &Entry<'_>, ops: &Ops) -> Result<String, String> {
    let source = Source::new(entry.path, entry.text);
    if source.words("cluster.fork(").next().is_some() {
        return Err(format!("{} starts processes of its own, and only one of them can be told to stop", entry.path));
    }
    let hooks = calls::own_hooks(&source);
    let is_removed = |place: &&String| hooks.iter().any(|line| **place == format!("{}:{line}", entry.path));
    if let Some(place) = entry.handlers.iter().find(|place| !is_removed(place)) {
        return Err(format!(
            "{place} sees to signals itself, and would close what src/ops still uses: take it out, and hand over what it \
             closes"
        ));
    }
    let mut edits = calls::edits(ops.server, &source)?;
    edits.push(imports::edit(&source, entry.text, ops, names(ops.server, &edits)));
    let style = edits::Style::of(entry.text);
    Ok(edits::applied(entry.text, edits, &style))
}

/// The lines for a hand to add, each with where it goes.
#[must_use]
pub fn by_hand(path: &str, ops: &Ops) -> Vec<String> {
    let names = match ops.server {
        Server::Fastify | Server::Http | Server::Nest => &["ops"][..],
        Server::Express | Server::Hono => &["probes", "stopOnSignals"],
    };
    let import = imports::statement(&imports::specifier(path, ops), names, ops.style.is_commonjs());
    let calls: &[&str] = match ops.server {
        Server::Fastify => &["app.register(ops); // before it listens"],
        Server::Express => &[
            "app.use(probes); // before everything else that the app uses",
            "stopOnSignals(server); // the server that app.listen() gives, at once",
        ],
        Server::Hono => &[
            "app.route(\"/\", probes); // before everything else that the app has",
            "stopOnSignals(serve({ fetch: app.fetch, port }));",
        ],
        Server::Nest => &["ops(app); // before it listens, in place of app.enableShutdownHooks()"],
        Server::Http => &["ops(server); // at once after it has its listener"],
    };
    [format!("{import};")].into_iter().chain(calls.iter().map(|line| (*line).to_owned())).collect()
}

/// What the edits call.
fn names(server: Server, edits: &[Edit]) -> &'static [&'static str] {
    let is_called = |name: &str| edits.iter().any(|edit| edit.text.contains(name));
    match server {
        Server::Fastify | Server::Nest | Server::Http => &["ops"],
        Server::Express | Server::Hono if is_called("stopOnSignals") => &["probes", "stopOnSignals"],
        Server::Express | Server::Hono => &["probes"],
    }
}

#[cfg(test)]
mod tests;
