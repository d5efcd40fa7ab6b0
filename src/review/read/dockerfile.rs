//! A Dockerfile as its instructions.

use crate::review::Place;

pub(crate) struct Dockerfile {
    pub(crate) path: String,
    pub(crate) instructions: Vec<Instruction>,
}

pub(crate) struct Instruction {
    pub(crate) place: Place,
    /// Upper case: `FROM`, `ENV`.
    pub(crate) word: String,
    /// The rest, with continued lines joined by a space.
    pub(crate) rest: String,
}

impl Dockerfile {
    pub(crate) fn all<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.word == word)
    }

    /// The last of a kind, which is the one that counts in the image.
    pub(crate) fn last(&self, word: &str) -> Option<&Instruction> {
        self.instructions.iter().rev().find(|instruction| instruction.word == word)
    }

    /// The instructions of the last stage.
    pub(crate) fn final_stage(&self) -> &[Instruction] {
        let start = self.instructions.iter().rposition(|instruction| instruction.word == "FROM");
        &self.instructions[start.unwrap_or(0)..]
    }

    /// Whether the image checks itself.
    pub(crate) fn has_healthcheck(&self) -> bool {
        let check = self.final_stage().iter().rev().find(|instruction| instruction.word == "HEALTHCHECK");
        check.is_some_and(|check| !check.rest.eq_ignore_ascii_case("none"))
    }

    /// A variable of the final image, where ENV sets it.
    pub(crate) fn variable(&self, name: &str) -> Option<(&Place, String)> {
        self.final_stage().iter().rev().filter(|instruction| instruction.word == "ENV").find_map(|instruction| {
            let rest = &instruction.rest;
            let start = rest
                .match_indices(&format!("{name}="))
                .map(|(start, _)| start)
                .find(|start| *start == 0 || rest[..*start].ends_with(char::is_whitespace))?;
            Some((&instruction.place, word(&rest[start + name.len() + 1..])))
        })
    }
}

/// The first word of an ENV value, without its quotes.
fn word(text: &str) -> String {
    match text.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next().unwrap_or_default().to_owned(),
        None => text.split_whitespace().next().unwrap_or_default().to_owned(),
    }
}

pub(crate) fn parse(file: &str, text: &str) -> Dockerfile {
    let mut instructions: Vec<Instruction> = Vec::new();
    let mut continues = false;
    let mut heredoc: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(end) = &heredoc {
            if line == end {
                heredoc = None;
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let body = line.trim_end_matches('\\').trim_end();
        match instructions.last_mut() {
            Some(instruction) if continues => {
                instruction.rest.push(' ');
                instruction.rest.push_str(body);
            }
            _ => {
                let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                instructions.push(Instruction {
                    place: Place::line(file, index + 1),
                    word: word.to_uppercase(),
                    rest: rest.trim().to_owned(),
                });
            }
        }
        continues = line.ends_with('\\');
        heredoc = heredoc_end(body).filter(|_| !continues);
    }
    Dockerfile { path: file.to_owned(), instructions }
}

/// The word that ends a heredoc that starts on this line (`RUN <<EOF`).
fn heredoc_end(line: &str) -> Option<String> {
    let (_, after) = line.split_once("<<")?;
    let name: String = after
        .trim_start_matches(['-', '"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}
