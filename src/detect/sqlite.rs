//! Where the file of a SQLite database lies: what the code opens, and the variable that names another one.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::source::{Source, identifier};

/// How names of such files end.
const ENDINGS: [&str; 4] = [".db", ".sqlite", ".sqlite3", ".db3"];

/// The database that no file holds.
pub(super) const IN_MEMORY: &str = ":memory:";

/// What stands before the variable where nothing else says which file is opened.
const OPENERS: [&str; 4] = ["Database(", "DatabaseSync(", "filename:", "storage:"];

/// What makes a path of pieces, so that one of them is no path by itself.
const JOINERS: [&str; 5] = ["join(", "resolve(", "__dirname", "import.meta", "URL("];

pub(super) fn look(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    for source in &app.sources {
        for (path, at) in files(source) {
            look.add(Fact::new("sqlite-file", folder, path, source.evidence(at, path)));
        }
        for (name, at) in variables(source) {
            look.add(Fact::new("sqlite-variable", folder, name, source.evidence(at, &format!("process.env.{name}"))));
        }
    }
    for (name, evidence) in of_prisma(look, app) {
        look.add(Fact::new("sqlite-variable", folder, name, evidence));
    }
}

/// The paths that the code names as a whole, each with its place.
fn files(source: &Source) -> impl Iterator<Item = (&str, usize)> {
    let starts = source.text.match_indices(['"', '\'', '`']);
    starts.filter_map(|(at, _)| Some((source.string_at(at)?, at))).filter(|(path, at)| {
        let is_file = ENDINGS.iter().any(|end| path.len() > end.len() && path.ends_with(end));
        (is_file || *path == IN_MEMORY) && !path.contains(' ') && !path.contains("://") && is_whole(source, *at)
    })
}

/// Whether nothing on the line before it makes a path of it and of something else.
fn is_whole(source: &Source, at: usize) -> bool {
    let line = source.text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    !JOINERS.iter().any(|word| line.contains(word)) && !line.trim_end().ends_with('+')
}

/// The variables that name the file: before a path, as in `process.env.DB_FILE ?? "notes.db"`, or alone where one is opened.
fn variables(source: &Source) -> Vec<(&str, usize)> {
    let object = "process.env.";
    source
        .words(object)
        .filter_map(|at| {
            let name = identifier(source.bare.get(at + object.len()..)?);
            let after = source.next(at + object.len() + name.len());
            let rest = source.text.get(after..)?;
            let other = rest.strip_prefix("??").or_else(|| rest.strip_prefix("||"));
            let named = other.map(|_| source.next(after + 2)).and_then(|at| files(source).find(|file| file.1 == at));
            let before = source.bare.get(..at)?.trim_end();
            let is_opened = other.is_none() && OPENERS.iter().any(|opener| before.ends_with(opener));
            (!name.is_empty() && (named.is_some() || is_opened)).then_some((name, at))
        })
        .collect()
}

/// The variable that `schema.prisma` takes its file from.
fn of_prisma(look: &Look<'_>, app: &App<'_>) -> Vec<(String, Evidence)> {
    let paths = app.folders().into_iter().flat_map(|folder| look.tree.below(folder));
    let schemas = paths.filter(|path| path.ends_with(".prisma"));
    schemas
        .filter_map(|path| {
            let text = look.tree.text(path)?;
            text.lines().any(|line| line.split_whitespace().eq(["provider", "=", "\"sqlite\""])).then_some(())?;
            let (index, line) = text.lines().enumerate().find(|(_, line)| line.trim_start().starts_with("url"))?;
            let name = line.split_once("env(\"")?.1.split_once('"')?.0;
            Some((name.to_owned(), Evidence::new(path, Some(index + 1), line.trim())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let source = Source::new("a.js", text);
        let owned = |(text, _): (&str, usize)| text.to_owned();
        (files(&source).map(owned).collect(), variables(&source).into_iter().map(owned).collect())
    }

    #[test]
    fn a_file_that_the_code_opens_is_found_with_the_variable_that_names_another() {
        let (files, variables) = found("new Database(process.env.DB_FILE ?? 'data/notes.db');\n// 'old.db'\n");
        assert_eq!((files, variables), (vec!["data/notes.db".to_owned()], vec!["DB_FILE".to_owned()]));
        assert_eq!(found("knex({ connection: { filename: process.env.DB } })").1, ["DB"]);
        assert_eq!(found("new DatabaseSync(':memory:')").0, [":memory:"]);
    }

    #[test]
    fn pieces_of_a_path_and_other_texts_are_no_file() {
        for text in [
            "new Database(path.join(__dirname, 'notes.db'))",
            "open(folder + 'notes.db')",
            "fetch('https://example.com/a.db')",
            "say('a word.db in a sentence.db')",
            "const end = '.db'",
        ] {
            assert_eq!(found(text).0, Vec::<String>::new(), "{text}");
        }
        assert_eq!(found("new URL(process.env.SITE ?? 'https://example.com')").1, Vec::<String>::new());
    }
}
