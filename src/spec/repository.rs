//! A repository with several services: its answers file lists their folders, and each folder has an answers file of its own.

use anyhow::{Context, anyhow};
use toml::de::{DeInteger, DeTable, DeValue};
use toml_edit::{Array, DocumentMut, Item};

use super::existing::can_be_folder;
use super::file::{ANSWERS_FILE, SCHEMA};
use crate::failure::usage;

/// The key of the list.
const KEY: &str = "services";

/// Most services of one repository.
const MOST: usize = 50;

/// The folders that an answers file lists, in their order; none where it holds the answers of one service, or cannot be read,
/// which whoever reads those says.
///
/// # Errors
/// Exit 2 for a list that is not right, with the file and the line.
pub fn services(name: &str, text: &str) -> anyhow::Result<Option<Vec<String>>> {
    let Ok(document) = DeTable::parse(text) else { return Ok(None) };
    let table = document.get_ref();
    let Some((_, list)) = table.iter().find(|(key, _)| key.get_ref() == KEY) else { return Ok(None) };
    let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let problem = |offset: usize, message: String| usage(format!("{name}:{}: {message}", line(offset)));
    for (key, value) in table {
        match key.get_ref().as_ref() {
            KEY => {}
            "schema" => {
                if value.get_ref().as_integer().map(DeInteger::as_str) != Some(&SCHEMA.to_string()) {
                    return Err(problem(
                        value.span().start,
                        format!("schema: expected {SCHEMA}, the version of this format"),
                    ));
                }
            }
            other => {
                let message = format!(
                    "{other}: this file lists services; the answers of each stand in the {ANSWERS_FILE} of its folder"
                );
                return Err(problem(key.span().start, message));
            }
        }
    }
    let folders = list.get_ref().as_array().and_then(|items| {
        let texts = items.iter().map(|item| match item.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        });
        texts.collect::<Option<Vec<String>>>()
    });
    let folders = folders.ok_or_else(|| problem(list.span().start, format!("{KEY}: expected an array of folders")))?;
    check(&folders).map_err(|message| problem(list.span().start, format!("{KEY}: {message}")))?;
    Ok(Some(folders))
}

/// The text of a list of one service.
#[must_use]
pub fn text(folder: &str) -> String {
    text_of(&[folder.to_owned()])
}

/// The text of a list of services.
#[must_use]
pub fn text_of(folders: &[String]) -> String {
    let list: Vec<String> = folders.iter().map(|folder| format!("\"{folder}\"")).collect();
    let list = list.join(", ");
    format!(
        "#:schema ./.seaworthy/schema.json\n\
         # The services of this repository. The answers of each stand in the {ANSWERS_FILE} of its folder.\n\
         schema = {SCHEMA}\n{KEY} = [{list}]\n"
    )
}

/// The text with one more service at the end of its list; everything else stays.
///
/// # Errors
/// Exit 2 when the folder does not go together with those that are there.
pub fn with(text: &str, folder: &str) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().with_context(|| format!("{ANSWERS_FILE} is not valid TOML"))?;
    let list: &mut Array = document
        .get_mut(KEY)
        .and_then(Item::as_array_mut)
        .ok_or_else(|| anyhow!("{ANSWERS_FILE} lists no services"))?;
    let folders = list.iter().filter_map(|it| it.as_str()).chain([folder]).map(ToOwned::to_owned);
    check(&folders.collect::<Vec<_>>()).map_err(|message| usage(format!("{ANSWERS_FILE}: {KEY}: {message}")))?;
    push(list, folder);
    Ok(document.to_string())
}

/// Puts a folder at the end, on a line of its own where the others have one: comments stay behind what they are about.
fn push(list: &mut Array, folder: &str) {
    let end = list.trailing().as_str().unwrap_or_default().to_owned();
    let before = list.get(0).and_then(|it| it.decor().prefix()).and_then(|it| it.as_str()).unwrap_or_default();
    let indent = before.rsplit_once('\n').map_or("  ", |(_, indent)| indent).to_owned();
    list.push(folder);
    let at = list.len() - 1;
    if let (true, Some(value)) = (end.contains('\n'), list.get_mut(at)) {
        value.decor_mut().set_prefix(format!("{end}{indent}"));
        list.set_trailing("\n");
        list.set_trailing_comma(true);
    }
}

/// Checks that each folder is one, and that the files of all can lie beside each other.
///
/// # Errors
/// A sentence that says which is wrong.
pub fn check(folders: &[String]) -> Result<(), String> {
    if folders.is_empty() || folders.len() > MOST {
        return Err(format!("has {} entries; from 1 to {MOST} are allowed", folders.len()));
    }
    for (index, folder) in folders.iter().enumerate() {
        if !can_be_folder(folder) || !is_name(name(folder)) {
            return Err(format!(
                "{folder:?} cannot be the folder of a service; expected a path below the root whose last part has letters, digits, \
                 - and _ only, and a letter in front"
            ));
        }
        for other in &folders[..index] {
            // Workflows of all lie in one folder, and so do the records.
            if name(other).eq_ignore_ascii_case(name(folder)) || id_prefix(other) == id_prefix(folder) {
                return Err(format!(
                    "{other:?} and {folder:?} would have workflows of the same name; rename one folder"
                ));
            }
            if [(other, folder), (folder, other)].iter().any(|(one, two)| one.starts_with(&format!("{two}/"))) {
                return Err(format!("of {other:?} and {folder:?} one lies in the other"));
            }
        }
    }
    Ok(())
}

/// What the ids of the files of the service in `folder` start with: names of files on every system, and none of our own.
#[must_use]
pub fn id_prefix(folder: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let id: String = folder.chars().map(plain).collect();
    let id = id.trim_start_matches(['-', '_']);
    format!("{id}{}.", if id == "seaworthy" { "-service" } else { "" })
}

/// The last part of a path.
fn name(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or_default()
}

/// What can be the name of a job and of an output.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_answers_of_one_service_are_not_one() {
        assert_eq!(services("s", &text("apps/api")).unwrap(), Some(vec!["apps/api".to_owned()]));
        assert_eq!(services("s", "schema = 1\n[stack]\nport = 3000\n").unwrap(), None);
        assert_eq!(services("s", "schema = ").unwrap(), None);
    }

    #[test]
    fn another_service_goes_to_the_end_and_comments_stay() {
        let before = "# ours\nschema = 1\nservices = [\n  \"apps/api\", # first\n]\n";
        let after = with(before, "apps/web").unwrap();
        assert_eq!(after, "# ours\nschema = 1\nservices = [\n  \"apps/api\", # first\n  \"apps/web\",\n]\n");
        assert_eq!(services("s", &after).unwrap().unwrap(), ["apps/api", "apps/web"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, message) in [
            ("schema = 1\nservices = 3\n", "s:2: services: expected an array of folders"),
            ("schema = 1\nservices = []\n", "s:2: services: has 0 entries"),
            ("schema = 2\nservices = [\"a\"]\n", "s:1: schema: expected 1"),
            ("schema = 1\nservices = [\"a\"]\n[scale]\n", "s:3: scale: this file lists services"),
            ("schema = 1\nservices = [\"../a\"]\n", "s:2: services: \"../a\" cannot be the folder"),
            ("schema = 1\nservices = [\"apps/a.b\"]\n", "s:2: services: \"apps/a.b\" cannot be the folder"),
            ("schema = 1\nservices = [\"a/api\", \"b/API\"]\n", "would have workflows of the same name"),
            ("schema = 1\nservices = [\"a-b/c\", \"a/b-c\"]\n", "would have workflows of the same name"),
            ("schema = 1\nservices = [\"a/b\", \"a\"]\n", "one lies in the other"),
        ] {
            let said = services("s", text).unwrap_err().to_string();
            assert!(said.contains(message), "{said}");
        }
    }
}
