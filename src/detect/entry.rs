//! What starts the service: the file that runs, and the source that it comes from.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::scripts::words;
use crate::review::join;

/// Where services usually start, when nothing says it.
const USUAL: [&str; 12] = [
    "src/server",
    "src/main",
    "src/index",
    "src/app",
    "server",
    "main",
    "index",
    "app",
    "bin/www",
    "src/bin/www",
    "api/index",
    "lib/index",
];

const EXTENSIONS: [&str; 8] = ["", ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".tsx"];

/// Programs that run a file.
const RUNNERS: [&str; 9] =
    ["node", "tsx", "ts-node", "ts-node-dev", "nodemon", "bun", "deno", "fastify", "pm2-runtime"];

/// Options of those that take the next word.
const WITH_VALUE: [&str; 15] = [
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "--env-file-if-exists",
    "-P",
    "--project",
    "-p",
    "--port",
    "-l",
    "--log-level",
    "-a",
    "--address",
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>, output: Option<&str>) {
    let folder = app.folder();
    if look.report.value("framework", folder) == Some("next") {
        // Next starts what it built; no file of the repository is the entry.
        return;
    }
    let Some((ran, evidence)) = ran(look, app) else {
        look.unknown("entry-point", folder, None, "no start script, no main, and no file of a usual name".to_owned());
        return;
    };
    look.add(Fact::new("start-file", folder, &ran, evidence.clone()));
    if let Some(output) = output.filter(|output| !is_written_to(look, app, output, &ran)) {
        let place = look.report.in_app("output-folder", folder).next().map(|fact| fact.evidence[0].clone());
        let message = format!("{ran} is started, and the build writes to {output}");
        look.contradict("start-file", folder, None, message, place.into_iter().chain([evidence.clone()]).collect());
    }
    if let Some(source) = source_of(look, app, &ran, output) {
        look.add(Fact::new("entry-point", folder, source, evidence));
    } else {
        let reason = format!("{ran} is not there, and no source is found that it would be built from");
        look.unknown("entry-point", folder, None, reason);
    }
}

/// Whether what is started is what the build writes, or a file that is there without it.
fn is_written_to(look: &Look<'_>, app: &App<'_>, output: &str, ran: &str) -> bool {
    let no_build = look.report.value("build-script", app.folder()).is_none();
    no_build
        || output.is_empty()
        || ran.starts_with(&format!("{output}/"))
        || ran == output
        || find(look, app, ran).is_some()
}

/// The file that the service starts with, relative to the application.
fn ran(look: &Look<'_>, app: &App<'_>) -> Option<(String, Evidence)> {
    for script in ["start:prod", "start:production", "start", "serve"] {
        if let Some((command, key)) = app.manifest.script(script)
            && let Some(file) = file_of(command)
        {
            return Some((file, look.tree.evidence(&key.place)));
        }
    }
    let nest = look.report.value("framework", app.folder()) == Some("nest");
    let usual = if nest { &["src/main"][..] } else { &[] };
    if let (Some(main), false) = (app.manifest.node.get("main"), nest) {
        let file = join("", main.text()?);
        if find(look, app, &file).is_some() || app.manifest.script("build").is_some() {
            return Some((file, look.tree.evidence(&main.place)));
        }
    }
    let found = usual.iter().chain(&USUAL).find_map(|path| find(look, app, path))?;
    let evidence = Evidence::new(&app.path(&found), None, "");
    Some((found, evidence))
}

/// The file that a command hands to Node or to what stands in for it.
fn file_of(command: &str) -> Option<String> {
    command
        .split("&&")
        .filter_map(|part| {
            let words = words(part);
            let (program, arguments) = words.split_first()?;
            if !RUNNERS.contains(&program.as_str()) {
                return None;
            }
            let mut arguments =
                arguments.iter().filter(|word| !matches!(word.as_str(), "start" | "watch" | "run" | "x"));
            while let Some(word) = arguments.next() {
                if WITH_VALUE.contains(&word.as_str()) {
                    arguments.next();
                } else if !word.starts_with('-') {
                    return Some(join("", word));
                }
            }
            None
        })
        .last()
}

/// A file of the application, with or without its extension.
fn find(look: &Look<'_>, app: &App<'_>, path: &str) -> Option<String> {
    let bare = EXTENSIONS.iter().map(|extension| format!("{path}{extension}"));
    let inside = EXTENSIONS.iter().skip(1).map(|extension| format!("{path}/index{extension}"));
    bare.chain(inside).find(|path| look.tree.has(&app.path(path)))
}

/// The source of what runs: the same file, or the one that is built to it.
fn source_of(look: &Look<'_>, app: &App<'_>, ran: &str, output: Option<&str>) -> Option<String> {
    if let Some(found) = find(look, app, ran) {
        return Some(found);
    }
    let outputs = [output.unwrap_or("dist"), "dist", "build", "out", "lib"];
    let inside = outputs.iter().find_map(|folder| ran.strip_prefix(&format!("{folder}/")))?;
    let stem = inside.rsplit_once('.').map_or(
        inside,
        |(stem, extension)| {
            if extension.contains("js") { stem } else { inside }
        },
    );
    let last = stem.strip_prefix("src/").unwrap_or(stem);
    [format!("src/{last}"), stem.to_owned(), last.to_owned(), format!("app/{last}")]
        .iter()
        .find_map(|path| find(look, app, path))
}

#[cfg(test)]
mod tests {
    use super::file_of;

    #[test]
    fn a_command_names_the_file_that_runs() {
        for (command, file) in [
            ("node dist/server.js", Some("dist/server.js")),
            ("NODE_ENV=production node --enable-source-maps -r dotenv/config ./dist/main", Some("dist/main")),
            ("node --env-file=.env src/index.ts", Some("src/index.ts")),
            ("npm run build && node build", Some("build")),
            ("fastify start -l info dist/app.js", Some("dist/app.js")),
            ("bun run src/index.ts", Some("src/index.ts")),
            ("tsx watch src/index.ts", Some("src/index.ts")),
            ("nest start", None),
            ("next start -p 4000", None),
        ] {
            assert_eq!(file_of(command).as_deref(), file, "{command}");
        }
    }
}
