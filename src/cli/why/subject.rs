//! What is asked about: a line, a file, a decision or an answer.

use std::path::Path;

use super::Service;
use crate::cli::named_files::below;
use crate::failure::usage;
use crate::spec::Answer;
use crate::spec::nearest::nearest;

/// What is asked about.
pub(super) enum Subject<'a> {
    /// A line, counted from 1, of a file below the target.
    Line { file: String, line: usize },
    /// A file below the target.
    File { file: String },
    /// A decision.
    Decision { service: Service<'a>, key: String },
    /// An answer.
    Answer { service: Service<'a>, key: &'static str, answer: Answer },
}

/// Reads what the user wrote. A file that is there wins over a key of the same name.
///
/// # Errors
/// Exit 2 for something that is none of them, with the nearest key.
pub(super) fn read<'a>(subject: &Path, directory: &Path, services: &[Service<'a>]) -> anyhow::Result<Subject<'a>> {
    if let Some((file, line)) = with_line(subject) {
        if line == 0 {
            return Err(usage(format!("{}: lines are counted from 1", subject.display())));
        }
        return Ok(Subject::Line { file: path(Path::new(file), directory)?, line });
    }
    if subject.is_file() {
        return Ok(Subject::File { file: path(subject, directory)? });
    }
    let word = subject.to_str().unwrap_or_default();
    let (spec, plan) = match services {
        [service] => *service,
        _ => return Err(several(word, services)),
    };
    let service = (spec, plan);
    if let Some((key, answer)) = spec.answers.get_key_value(word) {
        return Ok(Subject::Answer { service, key, answer: answer.clone() });
    }
    let wanted = word.replace('-', "_");
    if let Some(decision) = plan.decisions.iter().find(|it| it.key == wanted) {
        return Ok(Subject::Decision { service, key: decision.key.to_owned() });
    }
    let keys = plan.decisions.iter().map(|it| it.key).chain(spec.answers.keys().copied());
    let hint = match nearest(word, keys) {
        Some(near) if !word.contains('/') => format!("Did you mean {near}?"),
        _ => "Give a file as FILE or FILE:LINE; `seaworthy plan --json` has the keys".to_owned(),
    };
    Err(usage(format!("{word} is neither a file nor the key of a decision or an answer. {hint}")))
}

/// A key means something in each service.
fn several(word: &str, services: &[Service<'_>]) -> anyhow::Error {
    let folders: Vec<&str> = services.iter().map(|(_, plan)| plan.place.folder.as_str()).collect();
    usage(format!(
        "{word} is no file, and each service of this repository decides for itself: name the folder of one with --directory: {}",
        folders.join(", ")
    ))
}

/// `FILE:LINE` in its two parts.
fn with_line(subject: &Path) -> Option<(&str, usize)> {
    let (file, line) = subject.to_str()?.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}

fn path(file: &Path, directory: &Path) -> anyhow::Result<String> {
    below(directory, &[file.to_owned()])?.pop().ok_or_else(|| usage(format!("{} is no file", file.display())))
}
