//! Changes answers in the text of an answers file: comments, order and spacing of everything else stay.

use anyhow::{Context, anyhow};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value as Literal};

use super::value::Value;

/// The text with some answers set: in the place where each stands, else at the end of its section.
///
/// # Errors
/// When the text is no TOML or a section is no table; whoever reads the answers first has said so already.
pub fn set_answers(text: &str, answers: &[(&str, &Value)]) -> anyhow::Result<String> {
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    // Lines that end in CRLF do so afterwards, the new ones too.
    let is_crlf = body.contains('\n') && body.matches('\n').count() == body.matches("\r\n").count();
    let plain = if is_crlf { body.replace("\r\n", "\n") } else { body.to_owned() };
    let mut document: DocumentMut = plain.parse().context("the answers file is not valid TOML")?;
    for (key, value) in answers {
        set(&mut document, key, value).with_context(|| format!("cannot set {key}"))?;
    }
    let text = document.to_string();
    Ok(format!("{mark}{}", if is_crlf { text.replace('\n', "\r\n") } else { text }))
}

fn set(document: &mut DocumentMut, key: &str, value: &Value) -> anyhow::Result<()> {
    let (section, name) = key.split_once('.').context("the key has no section")?;
    let literal: Literal = value.to_string().parse()?;
    let section = document.as_table_mut().entry(section).or_insert_with(|| Item::Table(Table::new()));
    let table: &mut dyn TableLike = section.as_table_like_mut().ok_or_else(|| anyhow!("its section is no table"))?;
    match table.get_mut(name).and_then(Item::as_value_mut) {
        // The spaces and the comment around the value stay.
        Some(old) => {
            let decor = old.decor().clone();
            *old = literal;
            *old.decor_mut() = decor;
        }
        None => drop(table.insert(name, Item::Value(literal))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_one(text: &str, key: &str, value: &Value) -> String {
        set_answers(text, &[(key, value)]).unwrap()
    }

    #[test]
    fn a_value_changes_in_its_place_and_nothing_else_does() {
        let text = "# ours\nschema = 1\n\n[scale] # load\n\tpeak-rps   =  50   # measured in May\nteam-size = 4\n\n[[env]]\nname = 'A'\n";
        let expected = text.replace("50 ", "20000 ");
        assert_eq!(set_one(text, "scale.peak-rps", &Value::Int(20000)), expected);
    }

    #[test]
    fn a_new_key_stands_at_the_end_of_its_section() {
        let text = "schema = 1\n[scale]\npeak-rps = 50 # x\n\n# where\n[deploy]\ncloud = \"gcp\"\n";
        let expected = "schema = 1\n[scale]\npeak-rps = 50 # x\nregions = 2\n\n# where\n[deploy]\ncloud = \"gcp\"\n";
        assert_eq!(set_one(text, "scale.regions", &Value::Int(2)), expected);
    }

    #[test]
    fn a_new_section_is_made() {
        let expected = "schema = 1\n\n[deploy]\nenvironments = [\"production\"]\n";
        assert_eq!(
            set_one("schema = 1\n", "deploy.environments", &Value::List(vec!["production".to_owned()])),
            expected
        );
    }

    #[test]
    fn inline_tables_dotted_keys_line_endings_and_marks_are_kept() {
        assert_eq!(
            set_one("scale = { peak-rps = 5 }\n", "scale.peak-rps", &Value::Int(7)),
            "scale = { peak-rps = 7 }\n"
        );
        assert_eq!(set_one("scale.peak-rps = 5 # x\n", "scale.peak-rps", &Value::Int(7)), "scale.peak-rps = 7 # x\n");
        let text = "\u{feff}schema = 1\r\n[stack]\r\nredis = false\r\n";
        let expected = "\u{feff}schema = 1\r\n[stack]\r\nredis = true\r\nport = 80\r\n";
        let (redis, port) = (Value::Bool(true), Value::Int(80));
        assert_eq!(set_answers(text, &[("stack.redis", &redis), ("stack.port", &port)]).unwrap(), expected);
    }

    #[test]
    fn hostile_text_is_a_string_and_nothing_more() {
        let text =
            set_one("schema = 1\n", "project.description", &Value::Text("\"]\n[deploy]\nx = 1 # ${{".to_owned()));
        let parsed: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(parsed.len(), 2);
        assert_eq!(parsed["project"]["description"].as_str(), Some("\"]\n[deploy]\nx = 1 # ${{"));
    }
}
