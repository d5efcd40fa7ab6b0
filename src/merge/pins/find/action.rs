//! GitHub actions: `uses: owner/name@COMMIT # v1.2.3`.

use super::{Kind, Slot, Version, image, value_of, word_end};
use crate::merge::pins::slot::Value;

/// The action that a line uses. One of the same repository, `./...` or `$/...`, has no version.
pub(super) fn slots(index: usize, line: &str) -> Vec<Slot<'_>> {
    action(index, line).into_iter().collect()
}

fn action(index: usize, line: &str) -> Option<Slot<'_>> {
    let (start, value) = value_of(line, "uses")?;
    let word = &value[..word_end(value)];
    if let Some(name) = word.strip_prefix("docker://") {
        return image::slot(index, line, start + word.len() - name.len(), name);
    }
    let (name, reference) = word.split_once('@')?;
    if name.starts_with(['.', '$']) || !name.contains('/') || reference.is_empty() {
        return None;
    }
    let (from, to) = (start + name.len() + 1, start + word.len());
    let mut slot = Slot::plain(index, line, from..to, Kind::Action, name);
    let rest = &line[to..];
    let quote = usize::from(rest.starts_with(['"', '\'']));
    let (gap, comment) = version_comment(rest).unwrap_or((&rest[..quote], ""));
    slot.range.end += gap.len() + comment.len();
    slot.gap = gap;
    slot.value = Value { reference, comment };
    Some(slot)
}

/// ` # v1.2.3` or ` # tag=v1.2.3`, in what stands before the version and the version's word.
fn version_comment(rest: &str) -> Option<(&str, &str)> {
    let hash = rest.find('#')?;
    if !rest[..hash].chars().all(|c| matches!(c, ' ' | '\t' | '"' | '\'')) {
        return None;
    }
    let text = rest[hash + 1..].trim_start();
    let word = &text[..text.find(char::is_whitespace).unwrap_or(text.len())];
    let version = word.rsplit(['=', '@']).next().unwrap_or(word);
    Version::parse(version)?;
    Some((&rest[..rest.len() - text.len()], word))
}
