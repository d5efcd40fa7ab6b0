//! Presets of several services: the answers of each stand in a table below `services`, under its folder.

use toml::de::{DeTable, DeValue};

use super::super::repository::check;
use super::{Answers, Layer, Reader, Source, usage};

/// The key that holds a table for each service.
const KEY: &str = "services";

/// The folder and the answers of each service of a preset, in the order of their folders; none where it is of one service, or
/// cannot be read, which whoever reads that says.
///
/// # Errors
/// Exit 2 with every problem of the file, one a line.
pub fn read_several(source: &Source) -> anyhow::Result<Option<Vec<(String, Answers)>>> {
    let Ok(document) = DeTable::parse(source.text) else { return Ok(None) };
    let found = document.get_ref().iter().find(|(key, _)| key.get_ref() == KEY);
    let (Layer::Preset, Some((key, value))) = (source.layer, found) else { return Ok(None) };
    let at = key.span().start;
    let mut reader = Reader { source, answers: Answers::default(), problems: Vec::new() };
    reader.schema_and_services_only(document.get_ref());
    let mut services = Vec::new();
    match value.get_ref() {
        DeValue::Table(tables) => {
            for (folder, table) in tables {
                let answers = reader.service(folder.span().start, folder.get_ref(), table.get_ref().as_table());
                services.push((folder.get_ref().to_string(), answers));
            }
            let folders: Vec<String> = services.iter().map(|(folder, _)| folder.clone()).collect();
            if let Err(problem) = check(&folders) {
                reader.fail(at, &format!("{KEY}: {problem}"));
            }
        }
        _ => reader.fail(at, &format!("{KEY}: expected a table for each service, such as [{KEY}.\"apps/api\".stack]")),
    }
    if reader.problems.is_empty() {
        return Ok(Some(services));
    }
    reader.problems.sort_by_key(|(offset, _)| *offset);
    let lines: Vec<String> = reader.problems.iter().map(|(at, message)| source.problem(*at, message)).collect();
    Err(usage(lines.join("\n")))
}

impl Reader<'_> {
    fn schema_and_services_only(&mut self, table: &DeTable) {
        match table.iter().find(|(key, _)| key.get_ref() == "schema") {
            Some((_, value)) => self.schema(value),
            None => self.fail(0, "schema is missing; write `schema = 1` as the first line"),
        }
        for (key, _) in table.iter().filter(|(key, _)| key.get_ref() != KEY && key.get_ref() != "schema") {
            let name = key.get_ref();
            let message =
                format!("{name}: this preset has several services; put it below each, [{KEY}.\"FOLDER\".{name}]");
            self.fail(key.span().start, &message);
        }
    }

    /// The answers of one service. Its name follows from that of the repository, and its folder is the key.
    fn service(&mut self, at: usize, folder: &str, table: Option<&DeTable>) -> Answers {
        let before = std::mem::take(&mut self.answers);
        match table {
            Some(table) => {
                for (name, value) in table {
                    self.part(name, value);
                }
            }
            None => self.fail(at, &format!("{KEY}: {folder}: expected a table")),
        }
        for key in ["project.name", "stack.app-dir"] {
            if self.answers.get(key).is_some() {
                self.fail(at, &format!("{KEY}: {folder}: {key} follows from where the service lies; leave it out"));
            }
        }
        std::mem::replace(&mut self.answers, before)
    }
}
