//! How `src/ops` can stand in the code that is there: its folder, language and modules, and what calls it.

use super::fact::{Evidence, Report};
use super::one_app;
use super::source::Source;
use crate::entry::manifest::{Zod, zod};
use crate::failure::usage;
use crate::spec::ops::{Server, Style};
use crate::spec::{Answers, Existing, Ops};
use std::fs;
use std::path::Path;

/// An entry point that can call `src/ops`, and how.
#[derive(Debug)]
pub struct Callable {
    /// Where `src/ops` goes and how it is written.
    pub ops: Ops,
    /// Path of the entry point, from the root of the repository.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it starts as a program, which it still has to.
    pub is_executable: bool,
    /// Places that see to signals themselves.
    pub handlers: Vec<String>,
    /// Path of the package.json that it belongs to.
    pub manifest: String,
    /// Its text.
    pub manifest_text: String,
    /// What that says of zod.
    pub zod: Zod,
}

/// Finds it in the repository at `root`.
///
/// # Errors
/// Usage with the reason when `src/ops` cannot be called here, or not yet.
pub fn callable(report: &Report, given: &Answers, root: &Path) -> anyhow::Result<Callable> {
    let (report, app) = one_app::of(report, given)?;
    let base = app.map_or_else(String::new, |app| format!("{}/", app.folder));
    let report = &*report;
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    // What is emitted has routes and signals of its own.
    let emitted = given.existing().and_then(Existing::own_ops).map(|ops| format!("{}/", ops.folder));
    let is_theirs = |evidence: &&Evidence| emitted.as_ref().is_none_or(|folder| !evidence.file.starts_with(folder));
    let found = || -> Result<Callable, String> {
        let entry = report.value("entry-point", "").ok_or("no entry point is found")?;
        refuse(report, is_theirs)?;
        let path = format!("{base}{entry}");
        let text = read(&path).ok_or_else(|| format!("{path} cannot be read"))?;
        let is_executable = is_executable(&root.join(&path));
        let source = Source::new(&path, &text);
        let style = style(report, &source)?;
        let server = server(report, &source, style)?;
        let source_folder = report.value("source-folder", "").filter(|folder| *folder != ".");
        let folder = source_folder.map_or_else(|| format!("{base}ops"), |folder| format!("{base}{folder}/ops"));
        let manifest = format!("{base}package.json");
        let manifest_text = read(&manifest).unwrap_or_default();
        let zod = zod(&manifest_text);
        let env = matches!(zod, Zod::There | Zod::Missing);
        let handlers = report
            .in_app("signal-handler", "")
            .flat_map(|fact| &fact.evidence)
            .filter(is_theirs)
            .map(Evidence::place)
            .collect();
        Ok(Callable {
            ops: Ops { folder, style, server, env },
            path,
            text,
            is_executable,
            handlers,
            manifest,
            manifest_text,
            zod,
        })
    };
    found().map_err(|why| {
        usage(format!(
            "--ops: {why}. Without it, probes and the shutdown come from deploy/image/probes.mjs, which the image loads before \
             the service. Nothing was written."
        ))
    })
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o100 != 0)
}

/// What has a start or an end of its own.
fn refuse(report: &Report, is_theirs: impl Fn(&&Evidence) -> bool) -> Result<(), String> {
    let probes = report.in_app("health-route", "").filter(|fact| matches!(fact.value.as_str(), "/livez" | "/readyz"));
    let mut own = probes.filter_map(|fact| Some((fact, fact.evidence.iter().find(&is_theirs)?)));
    if let Some((fact, evidence)) = own.next() {
        return Err(format!("{} answers {} already; take it out first, or keep it", evidence.place(), fact.value));
    }
    match (report.value("framework", ""), report.value("runtime", "")) {
        (Some("next"), _) => Err("Next.js starts and ends its server itself".to_owned()),
        (_, Some("Bun")) => Err("it runs on Bun, and src/ops is for Node.js".to_owned()),
        (_, Some(tool)) if tool.starts_with("fastify") => {
            Err("fastify-cli makes the server and closes it at a signal itself".to_owned())
        }
        _ => Ok(()),
    }
}

fn style(report: &Report, source: &Source) -> Result<Style, String> {
    let extension = source.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end);
    let is_esm = report.value("module-system", "") == Some("ESM");
    let imports = source.words("import").any(|at| at == 0 || source.bare.as_bytes()[at - 1] == b'\n');
    match extension {
        "ts" => Ok(typed(report, source, is_esm)),
        "mjs" => Ok(Style::Mjs),
        "cjs" => Ok(Style::Cjs),
        "js" | "" if is_esm => Ok(Style::Esm),
        "js" | "" if imports => Err(format!("{} has imports, and Node takes .js files here for CommonJS", source.path)),
        "js" | "" => Ok(Style::CommonJs),
        other => Err(format!("{} is none of .ts, .js, .mjs and .cjs, but .{other}", source.path)),
    }
}

/// As its own imports are, else as Node or the compiler wants it.
fn typed(report: &Report, source: &Source, is_esm: bool) -> Style {
    let relative = source.words("from").filter_map(|at| source.string_at(source.next(at + "from".len())));
    let mut own = relative.filter(|path| path.starts_with('.')).map(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((_, "ts")) => Style::TypeScriptTs,
            Some((_, "js")) => Style::TypeScriptJs,
            _ => Style::TypeScript,
        }
    });
    let runs_as_it_is = report.value("runtime", "").is_some_and(|it| it.contains("without a build"));
    let build = report.value("build-script", "").is_some();
    own.next().unwrap_or(match (runs_as_it_is, is_esm && build) {
        (true, _) => Style::TypeScriptTs,
        (false, true) => Style::TypeScriptJs,
        (false, false) => Style::TypeScript,
    })
}

fn server(report: &Report, source: &Source, style: Style) -> Result<Server, String> {
    let listens = source.bare.contains(".listen(");
    let path = &source.path;
    match report.value("framework", "") {
        Some("fastify") if listens => Ok(Server::Fastify),
        Some("express") if listens && source.words("express()").next().is_some() => Ok(Server::Express),
        Some("hono") if source.words("serve(").next().is_some() => Ok(Server::Hono),
        Some("nest") if !style.is_typed() => Err(format!("{path} is Nest without TypeScript")),
        Some("nest") if source.bare.contains("NestFactory.create") => Ok(Server::Nest),
        Some("fastify" | "hono" | "nest") | None => Err(format!("{path} starts no server that is known")),
        Some(_) if listens => Ok(Server::Http),
        Some(_) => Err(format!("{path} starts no server")),
    }
}
