//! Language and module system: package.json, the TypeScript configuration and all that it extends.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::tree::folder_of;
use crate::review::{Node, join};

/// Configurations that one extends after the other; TypeScript itself has no bound.
const MOST_EXTENDS: usize = 10;

/// A compiler option and where it is set.
struct Setting {
    value: String,
    evidence: Evidence,
    /// The folder of the configuration that sets it: paths are relative to it.
    folder: String,
}

/// The configurations of an application, the outermost first.
struct Chain(Vec<(String, Node)>);

impl Chain {
    fn option(&self, look: &Look<'_>, name: &str) -> Option<Setting> {
        self.0.iter().find_map(|(path, node)| {
            let value = node.at(&["compilerOptions", name])?;
            let evidence = look.tree.evidence(&value.place);
            Some(Setting { value: value.text()?.to_owned(), evidence, folder: folder_of(path).to_owned() })
        })
    }
}

/// The output folder of the application, relative to it, where one is known.
pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) -> Option<String> {
    let folder = app.folder();
    let chain = chain(look, app);
    for (path, _) in &chain.0 {
        look.add(Fact::new("tsconfig", folder, path, Evidence::new(path, None, "")));
    }
    language(look, app, &chain);
    module_system(look, app, &chain);
    let output = chain.option(look, "outDir").map(|setting| {
        let path = join(&setting.folder, &setting.value);
        let path = path.strip_prefix(&app.manifest.folder).unwrap_or(&path).to_owned();
        look.add(Fact::new("output-folder", folder, &path, setting.evidence));
        path
    });
    if output.is_none() && look.report.value("framework", folder) == Some("next") {
        let next = app.manifest.runtime("next").map(|it| look.tree.evidence(&it.key.place))?;
        look.add(Fact::new("output-folder", folder, ".next", next));
        return Some(".next".to_owned());
    }
    output
}

/// The configuration that the build uses, and what it extends.
fn chain(look: &mut Look<'_>, app: &App<'_>) -> Chain {
    let mut found = Vec::new();
    let names = ["tsconfig.build.json", "tsconfig.prod.json", "tsconfig.json", "tsconfig.app.json"];
    let Some(first) = names.iter().map(|name| app.path(name)).find(|path| look.tree.has(path)) else {
        return Chain(found);
    };
    let mut open = vec![first];
    while let Some(path) = open.pop() {
        if found.iter().any(|(known, _)| *known == path) {
            look.unknown("tsconfig", app.folder(), None, format!("{path} extends itself"));
            continue;
        }
        if found.len() == MOST_EXTENDS {
            let reason = format!("{path} and what it extends: more than {MOST_EXTENDS} configurations in a row");
            look.unknown("tsconfig", app.folder(), None, reason);
            break;
        }
        let Some(node) = look.json(&path) else { continue };
        let bases: Vec<(String, Evidence)> = extended(look, &node);
        found.push((path.clone(), node));
        for (base, evidence) in bases {
            match resolve(look, &path, &base) {
                Some(base) => open.insert(0, base),
                None => outside(look, app, &base, &evidence),
            }
        }
    }
    Chain(found)
}

/// What a configuration extends, the last one first: it wins over those before it.
fn extended(look: &Look<'_>, node: &Node) -> Vec<(String, Evidence)> {
    let Some(extends) = node.get("extends") else { return Vec::new() };
    let each = if extends.items().is_empty() { std::slice::from_ref(extends) } else { extends.items() };
    let named = each.iter().rev();
    named.filter_map(|base| Some((base.text()?.to_owned(), look.tree.evidence(&base.place)))).collect()
}

fn resolve(look: &Look<'_>, from: &str, base: &str) -> Option<String> {
    if !base.starts_with('.') || leaves(folder_of(from), base) {
        return workspace_config(look, base);
    }
    let path = join(folder_of(from), base);
    [path.clone(), format!("{path}.json"), format!("{path}/tsconfig.json")].into_iter().find(|path| look.tree.has(path))
}

/// Whether a relative path leads out of the repository.
fn leaves(folder: &str, path: &str) -> bool {
    let up = path.split('/').filter(|part| *part == "..").count();
    up > folder.split('/').filter(|part| !part.is_empty()).count()
}

/// A configuration that a package of the workspace shares: `@acme/tsconfig/base.json`.
fn workspace_config(look: &Look<'_>, base: &str) -> Option<String> {
    let parts: Vec<&str> = base.splitn(if base.starts_with('@') { 3 } else { 2 }, '/').collect();
    let (file, name) = if base.starts_with('@') {
        (parts.get(2), parts.get(..2)?.join("/"))
    } else {
        (parts.get(1), (*parts.first()?).to_owned())
    };
    let package = look.report.of("workspace-package").find(|fact| fact.value == name)?;
    let path = format!("{}/{}", package.folder, file.copied().unwrap_or("tsconfig.json"));
    [path.clone(), format!("{path}.json")].into_iter().find(|path| look.tree.has(path))
}

fn outside(look: &mut Look<'_>, app: &App<'_>, base: &str, evidence: &Evidence) {
    if base.starts_with('.') {
        let reason = format!("{} extends {base}, which is not in this folder", evidence.place());
        look.unknown("tsconfig", app.folder(), None, reason);
    } else {
        look.add(Fact::new("tsconfig", app.folder(), format!("package {base}"), evidence.clone()));
    }
}

fn language(look: &mut Look<'_>, app: &App<'_>, chain: &Chain) {
    let folder = app.folder();
    let is_typed = |path: &str| [".ts", ".tsx", ".mts", ".cts"].iter().any(|end| path.ends_with(end));
    let typed = app.sources.iter().find(|source| is_typed(&source.path) && !source.path.contains(".config."));
    let config = chain.0.first().map(|(path, _)| path.clone());
    let Some(source) = typed else {
        if let Some(source) = app.sources.iter().find(|source| !source.path.contains(".config.")) {
            look.add(Fact::new("language", folder, "JavaScript", Evidence::new(&source.path, None, "")));
        }
        return;
    };
    let evidence = Evidence::new(config.as_deref().unwrap_or(&source.path), None, "");
    look.add(Fact::new("language", folder, "TypeScript", evidence));
}

/// What package.json says of `.js` files, and what TypeScript makes.
fn module_system(look: &mut Look<'_>, app: &App<'_>, chain: &Chain) {
    let folder = app.folder();
    let kind = app.manifest.node.get("type");
    let is_esm = kind.and_then(Node::text) == Some("module");
    let evidence = match kind {
        Some(node) => look.tree.evidence(&node.place),
        None => Evidence::new(&app.manifest.path, None, "no \"type\": CommonJS for Node"),
    };
    let made = chain.option(look, "module");
    let makes_esm = made.as_ref().map(|it| it.value.to_ascii_lowercase()).is_some_and(|it| it.starts_with("es"));
    let makes_commonjs = made.as_ref().is_some_and(|it| it.value.eq_ignore_ascii_case("commonjs"));
    let emits = chain.option(look, "noEmit").is_none_or(|it| it.value != "true");
    let is_next = look.report.value("framework", folder) == Some("next");
    let contradicts = !is_next && emits && look.report.value("build-script", folder).is_some();
    match made {
        Some(made) if contradicts && ((is_esm && makes_commonjs) || (!is_esm && makes_esm && !bundles(app))) => {
            let message =
                format!("TypeScript makes {} modules, and Node takes .js files here for {}", made.value, name(is_esm));
            look.contradict("module-system", folder, None, message, vec![made.evidence, evidence]);
        }
        _ => look.add(Fact::new("module-system", folder, name(is_esm), evidence)),
    }
}

/// Whether the build is done by a bundler, which makes what it is told and not what TypeScript would.
fn bundles(app: &App<'_>) -> bool {
    let bundlers = ["tsup", "tsdown", "esbuild", "vite", "webpack", "rollup", "swc", "ncc", "unbuild", "babel"];
    app.manifest
        .scripts()
        .any(|(name, command, _)| name.starts_with("build") && bundlers.iter().any(|it| command.contains(it)))
}

fn name(is_esm: bool) -> &'static str {
    if is_esm { "ESM" } else { "CommonJS" }
}
