//! The `[existing]` table: how code that was there before is built and started.

use serde::Serialize;

use super::value::Origin;

/// What a repository's own code needs in its image and in its checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Existing {
    /// Arguments of `node` that start the service, relative to the root of the repository.
    pub start: Vec<String>,
    /// Scripts of package.json that run while packages are installed, and may need any file of the repository.
    pub install: Vec<String>,
    /// Scripts of package.json that build it, in their order; none where it runs as it is.
    pub build: Vec<String>,
    /// Scripts of package.json that CI runs, in their order.
    pub checks: Vec<String>,
    /// Probes that the code answers by itself: `/livez`, `/readyz`.
    pub own_probes: Vec<String>,
    /// Where it was declared.
    #[serde(skip)]
    pub origin: Origin,
}

/// The keys of the table.
pub const FIELDS: [&str; 5] = ["start", "install", "build", "checks", "own-probes"];

/// Most entries of a list.
pub const MOST_ENTRIES: usize = 20;

/// Longest entry, in characters, which are all ASCII.
pub const MOST_CHARACTERS: usize = 200;

impl Existing {
    /// A table with nothing in it.
    #[must_use]
    pub fn empty(origin: Origin) -> Self {
        Self {
            start: Vec::new(),
            install: Vec::new(),
            build: Vec::new(),
            checks: Vec::new(),
            own_probes: Vec::new(),
            origin,
        }
    }

    /// The lists by the names of their keys.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[String]); 5] {
        [
            ("start", &self.start),
            ("install", &self.install),
            ("build", &self.build),
            ("checks", &self.checks),
            ("own-probes", &self.own_probes),
        ]
    }

    /// Sets the list of a key.
    ///
    /// # Errors
    /// A sentence that says what is wrong with an entry.
    pub fn set(&mut self, field: &str, items: Vec<String>) -> Result<(), String> {
        check(field, &items)?;
        match field {
            "start" => self.start = items,
            "install" => self.install = items,
            "build" => self.build = items,
            "checks" => self.checks = items,
            _ => self.own_probes = items,
        }
        Ok(())
    }
}

fn check(field: &str, items: &[String]) -> Result<(), String> {
    if items.len() > MOST_ENTRIES {
        return Err(format!("has {} entries; at most {MOST_ENTRIES} are allowed", items.len()));
    }
    let is_right = match field {
        "start" => is_argument,
        "own-probes" => is_probe,
        _ => is_script,
    };
    match items.iter().find(|item| !is_right(item)) {
        None => Ok(()),
        Some(item) if field == "own-probes" => Err(format!("{item:?} is neither /livez nor /readyz")),
        Some(item) => Err(format!(
            "{item:?} cannot stand in every file; expected letters, digits and {}, at most {MOST_CHARACTERS}, and no \"..\"",
            if field == "start" { "- _ . / @ = : ," } else { "- _ . :" }
        )),
    }
}

/// Letters, digits and signs that mean nothing to YAML, Dockerfiles and shells where these texts stand.
fn is_plain(text: &str, signs: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    (1..=MOST_CHARACTERS).contains(&text.len()) && text.chars().all(inside) && !text.contains("..")
}

fn is_argument(text: &str) -> bool {
    is_plain(text, "-_./@=:,")
}

/// A name of a script; an option in its place would reach the package manager.
fn is_script(text: &str) -> bool {
    is_plain(text, "-_.:") && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

fn is_probe(text: &str) -> bool {
    matches!(text, "/livez" | "/readyz")
}

/// Whether a text can be an argument that starts the service.
#[must_use]
pub fn can_start(text: &str) -> bool {
    is_argument(text)
}

/// Whether a text can be the name of a script.
#[must_use]
pub fn can_be_script(text: &str) -> bool {
    is_script(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_could_break_out_of_a_file_are_refused() {
        let mut existing = Existing::empty(Origin::Default);
        for bad in ["", "a b", "a\nb", "$(x)", "a;b", "../x", "a\"b", "`x`", "a'b", "${{x}}", "#"] {
            assert!(existing.set("start", vec![bad.to_owned()]).is_err(), "{bad}");
            assert!(existing.set("build", vec![bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(existing.set("checks", vec!["--if-present".to_owned()]).is_err());
        assert!(existing.set("own-probes", vec!["/health".to_owned()]).is_err());
        assert!(existing.set("start", vec!["--import".to_owned(), "./dist/a.js".to_owned()]).is_ok());
        assert!(existing.set("build", vec!["build:ts".to_owned()]).is_ok());
    }
}
