//! A Dockerfile as its instructions.

use super::kustomize::split_image;
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

    /// The last of a kind in the final image, which is the one that counts.
    pub(crate) fn last(&self, word: &str) -> Option<&Instruction> {
        self.final_image().into_iter().rev().find(|instruction| instruction.word == word)
    }

    /// The instructions that make the final image: its stage, and before it the stages that this one starts from.
    pub(crate) fn final_image(&self) -> Vec<&Instruction> {
        let mut end = self.instructions.len();
        let mut start = self.stage_start(end);
        let mut parts = vec![&self.instructions[start..end]];
        while let Some(base) = self.instructions.get(start).and_then(|from| self.stage(&self.base_name(from), start)) {
            start = base;
            end = start + self.instructions[start + 1..].iter().take_while(|it| it.word != "FROM").count() + 1;
            parts.push(&self.instructions[start..end]);
        }
        parts.into_iter().rev().flatten().collect()
    }

    fn stage_start(&self, end: usize) -> usize {
        self.instructions[..end].iter().rposition(|instruction| instruction.word == "FROM").unwrap_or(0)
    }

    /// Where the stage of this name starts, before another one.
    fn stage(&self, name: &str, before: usize) -> Option<usize> {
        self.instructions[..before].iter().position(|it| it.word == "FROM" && stage_name(it) == Some(name))
    }

    /// The names of its stages.
    pub(crate) fn stages(&self) -> impl Iterator<Item = &str> {
        self.instructions.iter().filter(|it| it.word == "FROM").filter_map(stage_name)
    }

    fn base_name(&self, from: &Instruction) -> String {
        let mut words = from.rest.split_whitespace().filter(|word| !word.starts_with("--"));
        self.expanded(words.next().unwrap_or_default())
    }

    /// The `FROM` below everything, and its image.
    pub(crate) fn base(&self) -> Option<(&Place, String)> {
        let from = self.final_image().into_iter().find(|instruction| instruction.word == "FROM")?;
        Some((&from.place, self.base_name(from)))
    }

    /// A text with `$NAME` and `${NAME}` as the defaults of ARG say.
    pub(crate) fn expanded(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for argument in self.all("ARG") {
            let Some((name, value)) = argument.rest.split_once('=') else { continue };
            let value = value.trim_matches(['"', '\'']);
            // A name that is used in its own default stays as it is.
            if text.contains('$') && text.len() < 4096 && !value.contains('$') {
                text = text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
            }
        }
        text
    }

    /// Whether the image runs Node.js, as its base or its command says.
    pub(crate) fn is_node(&self) -> bool {
        let base = self.base().map(|(_, image)| image).unwrap_or_default();
        let name = split_image(&base).0.rsplit('/').next().unwrap_or_default().to_owned();
        let starts = ["ENTRYPOINT", "CMD"].iter().filter_map(|word| self.last(word)).flat_map(words);
        name == "node" || name.starts_with("nodejs") || starts.take(1).any(|word| NODE_COMMANDS.contains(&&*word))
    }

    /// Whether it is built for people or tests and not for users, as its name or folder says.
    pub(crate) fn is_development(&self) -> bool {
        let words = ["dev", "development", "devcontainer", "local", "test", "tests", "e2e", "ci", "docs", "examples"];
        self.path.split(['/', '.', '-', '_']).any(|part| words.contains(&part))
    }

    /// Whether the image checks itself.
    pub(crate) fn has_healthcheck(&self) -> bool {
        self.last("HEALTHCHECK").is_some_and(|check| !check.rest.eq_ignore_ascii_case("none"))
    }

    /// A variable of the final image, where ENV sets it.
    pub(crate) fn variable(&self, name: &str) -> Option<(&Place, String)> {
        self.final_image().into_iter().rev().filter(|instruction| instruction.word == "ENV").find_map(|instruction| {
            let rest = &instruction.rest;
            let start = rest
                .match_indices(&format!("{name}="))
                .map(|(start, _)| start)
                .find(|start| *start == 0 || rest[..*start].ends_with(char::is_whitespace))?;
            Some((&instruction.place, word(&rest[start + name.len() + 1..])))
        })
    }
}

const NODE_COMMANDS: [&str; 7] = ["node", "npm", "npx", "yarn", "pnpm", "tsx", "next"];

/// The name that `FROM image AS name` gives.
fn stage_name(from: &Instruction) -> Option<&str> {
    let mut words = from.rest.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("as"));
    words.nth(1)
}

/// Whether a command is in exec form, `["node", "server.js"]`, and so runs without a shell.
pub(crate) fn is_exec_form(instruction: &Instruction) -> bool {
    serde_json::from_str::<Vec<String>>(&instruction.rest).is_ok()
}

/// The words of a command, in either form.
pub(crate) fn words(instruction: &Instruction) -> Vec<String> {
    let listed = serde_json::from_str::<Vec<String>>(&instruction.rest);
    listed.unwrap_or_else(|_| instruction.rest.split_whitespace().map(str::to_owned).collect())
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
