//! Where the calls go: one way for each kind of server, and only where there is one place for it.

use super::code::{closing, declared_before, indent, line_start, name_before, statement_end, statement_start};
use super::edits::Edit;
use crate::detect::source::Source;
use crate::spec::ops::Server;

type Edits = Result<Vec<Edit>, String>;

/// The calls of a kind of server.
pub(super) fn edits(server: Server, source: &Source) -> Edits {
    match server {
        Server::Fastify => fastify(source),
        Server::Express => express(source),
        Server::Hono => hono(source),
        Server::Nest => nest(source),
        Server::Http => http(source),
    }
}

/// Lines with Nest's own shutdown, which the patch takes out; 1-based.
pub(super) fn own_hooks(source: &Source) -> Vec<usize> {
    hooks(source).into_iter().map(|(start, _)| source.line(start)).collect()
}

fn hooks(source: &Source) -> Vec<(usize, usize)> {
    let found = source.bare.match_indices(".enableShutdownHooks()");
    let whole = found.filter_map(|(at, call)| {
        let (start, _) = name_before(source, at)?;
        let line = statement_start(source, start).filter(|line| source.bare[*line..start].trim().is_empty())?;
        let end = statement_end(source, at + call.len())?;
        let newline = source.bare[end..].find('\n').map_or(end, |newline| end + newline + 1);
        Some((line, newline))
    });
    whole.collect()
}

/// The one place where something listens: where the expression before `.listen(` starts, its name, and the end of the call.
struct Listen<'a> {
    start: usize,
    name: &'a str,
    end: usize,
}

fn listen(source: &Source) -> Result<Listen<'_>, String> {
    let at = only(source, ".listen(")?;
    let end =
        closing(source, at + ".listen".len()).ok_or_else(|| unsure(source, "no end of the call of listen is found"))?;
    let (start, name) = name_before(source, at).unwrap_or((at, ""));
    Ok(Listen { start, name, end: end + 1 })
}

fn only(source: &Source, call: &str) -> Result<usize, String> {
    let mut found = source.bare.match_indices(call).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(unsure(source, &format!("nothing calls {}", call.trim_end_matches('(')))),
        (Some(_), Some(_)) => Err(unsure(source, &format!("{} is called more than once", call.trim_end_matches('(')))),
    }
}

fn unsure(source: &Source, why: &str) -> String {
    format!("{}: {why}", source.path)
}

fn is_declared(source: &Source, name: &str) -> bool {
    let forms = ["const", "let", "var"].map(|word| format!("{word} {name}"));
    forms.iter().any(|form| source.words(form).next().is_some())
}

/// A line before the statement at `start`.
fn line_before(source: &Source, start: usize, text: &str) -> Edit {
    Edit::at(start, format!("{}{text};\n", indent(source, start)))
}

/// A line behind the statement that ends at `end`.
fn line_after(source: &Source, end: usize, text: &str) -> Edit {
    let semicolon = if source.bare[..end].trim_end().ends_with(';') { ";" } else { "" };
    Edit::at(end, format!("\n{}{text}{semicolon}", indent(source, line_start(source, end))))
}

fn wrapped(start: usize, end: usize, call: &str) -> [Edit; 2] {
    [Edit::at(start, format!("{call}(")), Edit::at(end, ")")]
}

/// `app.register(ops)` before the app listens.
fn fastify(source: &Source) -> Edits {
    let Listen { start, name, .. } = listen(source)?;
    if name.is_empty() || !is_declared(source, name) || source.words("createServer(").next().is_some() {
        return Err(unsure(source, "what listens is not an app that this file declares"));
    }
    if source.bare.contains(&format!("{name}.ready(")) {
        return Err(unsure(source, &format!("{name} is ready before it listens, and takes no plugin after that")));
    }
    let line = statement_start(source, start).ok_or_else(|| unsure(source, "listen is part of another statement"))?;
    Ok(vec![line_before(source, line, &format!("{name}.register(ops)"))])
}

/// `app.use(probes)` behind the app's declaration, and the server that its `listen` gives.
fn express(source: &Source) -> Edits {
    let at = only(source, "express()")?;
    let app =
        declared_before(source, at).ok_or_else(|| unsure(source, "express() is not declared on a line of its own"))?;
    let end = statement_end(source, at + "express()".len())
        .ok_or_else(|| unsure(source, "more stands behind express() on its line"))?;
    let probes = line_after(source, end, &format!("{app}.use(probes)"));
    let Listen { start, name, end } = listen(source)?;
    if name == app {
        let [open, close] = wrapped(start, end, "stopOnSignals");
        return Ok(vec![probes, open, close]);
    }
    Ok(vec![probes, before_listen(source, start, name, "stopOnSignals")?])
}

/// The call with a server that this file makes, before it listens.
fn before_listen(source: &Source, start: usize, name: &str, call: &str) -> Result<Edit, String> {
    let is_server = source
        .words("createServer(")
        .any(|at| module_start(source, at).is_some_and(|start| declared_before(source, start) == Some(name)));
    if name.is_empty() || !is_server {
        return Err(unsure(source, "what listens is not a server that this file makes"));
    }
    let line = statement_start(source, start).ok_or_else(|| unsure(source, "listen is part of another statement"))?;
    Ok(line_before(source, line, &format!("{call}({name})")))
}

/// The start of `createServer` or `http.createServer`; nothing behind what is no name.
fn module_start(source: &Source, at: usize) -> Option<usize> {
    match source.bare[..at].strip_suffix('.') {
        None => Some(at),
        Some(before) => name_before(source, before.len()).map(|(start, _)| start),
    }
}

/// `app.route("/", probes)` behind the app's declaration, and the server that `serve` gives.
fn hono(source: &Source) -> Edits {
    let at = only(source, "new Hono")?;
    let app =
        declared_before(source, at).ok_or_else(|| unsure(source, "new Hono() is not declared on a line of its own"))?;
    let rest = &source.bare[at..];
    let open =
        rest.find('(').map(|open| at + open).filter(|open| is_generic(&source.bare[at + "new Hono".len()..*open]));
    let close = open.and_then(|open| closing(source, open));
    let end = close
        .and_then(|close| statement_end(source, close + 1))
        .ok_or_else(|| unsure(source, "more stands behind new Hono() on its line"))?;
    let calls: Vec<usize> = source.words("serve(").filter(|at| !source.bare[..*at].ends_with('.')).collect();
    let [serve] = calls[..] else {
        return Err(unsure(source, "serve of @hono/node-server is not called exactly once"));
    };
    let served = closing(source, serve + "serve".len()).ok_or_else(|| unsure(source, "no end of serve is found"))?;
    let [open, close] = wrapped(serve, served + 1, "stopOnSignals");
    Ok(vec![line_after(source, end, &format!("{app}.route(\"/\", probes)")), open, close])
}

/// Nothing, or types.
fn is_generic(text: &str) -> bool {
    text.is_empty() || (text.starts_with('<') && text.ends_with('>'))
}

/// `ops(app)` behind the application's declaration; Nest's own shutdown goes out.
fn nest(source: &Source) -> Edits {
    let at = only(source, "NestFactory.create")?;
    let start = source.bare[..at].trim_end().strip_suffix("await").map_or(at, str::len);
    let app = declared_before(source, start)
        .ok_or_else(|| unsure(source, "NestFactory.create() is not declared on a line of its own"))?;
    let between = &source.bare[at + "NestFactory.create".len()..];
    let open = between.find('(').filter(|open| is_generic(&between[..*open]));
    let close = open.and_then(|open| closing(source, at + "NestFactory.create".len() + open));
    let end = close
        .and_then(|close| statement_end(source, close + 1))
        .ok_or_else(|| unsure(source, "more stands behind NestFactory.create() on its line"))?;
    if source.bare.contains("FastifyAdapter") || source.bare.contains("connectMicroservice") {
        return Err(unsure(source, "the application runs on Fastify, or takes messages too"));
    }
    let mut line = line_after(source, end, &format!("ops({app})"));
    // A call may go over lines; it stands where its declaration does.
    line.text = format!("\n{}ops({app});", indent(source, line_start(source, at)));
    if !source.bare[..end].trim_end().ends_with(';') {
        line.text.pop();
    }
    let removed = hooks(source).into_iter().map(|(start, end)| Edit { start, end, text: String::new() });
    Ok([line].into_iter().chain(removed).collect())
}

/// `ops(server)` before the server listens, or around what makes it listen.
fn http(source: &Source) -> Edits {
    let Listen { start, name, end } = listen(source)?;
    let chained = source.words("createServer(").find(|at| {
        let close = closing(source, at + "createServer".len());
        close.is_some_and(|close| source.bare[close + 1..].trim_start().starts_with(".listen("))
    });
    if let Some(at) = chained.filter(|_| name.is_empty()) {
        let start = module_start(source, at);
        let start = start.ok_or_else(|| unsure(source, "createServer is called on something that has no name"))?;
        return Ok(wrapped(start, end, "ops").into());
    }
    if source.words("createServer(").next().is_none() && !name.is_empty() && is_declared_or_imported(source, name) {
        return Ok(wrapped(start, end, "ops").into());
    }
    Ok(vec![before_listen(source, start, name, "ops")?])
}

/// An app of another file, which gives its server as it listens.
fn is_declared_or_imported(source: &Source, name: &str) -> bool {
    is_declared(source, name)
        || source.words(&format!("import {name}")).next().is_some()
        || source.words("import").any(|at| {
            let line = source.bare[at..].split('\n').next().unwrap_or_default();
            line.split(|c: char| !crate::detect::source::is_word(c)).any(|word| word == name)
        })
}
