//! Container images: in Dockerfiles, after `image:`, in kustomizations, and by digest anywhere.

use super::{Kind, Slot, Version, ends_a_word, value_of, word_end};

const DIGEST: &str = "sha256:";

/// The images that a line names.
pub(super) fn slots(index: usize, line: &str) -> Vec<Slot<'_>> {
    let trimmed = line.trim_start();
    let mut found = Vec::new();
    if let Some((start, value)) = value_of(line, "image") {
        found.extend(slot(index, line, start, &value[..word_end(value)]));
    }
    if ["FROM ", "COPY ", "ADD ", "RUN ", "ARG "].iter().any(|instruction| trimmed.starts_with(instruction)) {
        found.extend(words(line).filter_map(|(start, word)| of_instruction(index, line, start, word)));
    }
    if line.contains("@sha256:") {
        let by_digest = words(line).filter(|(_, word)| word.contains("@sha256:"));
        found.extend(by_digest.filter_map(|(start, word)| {
            let name = word.rsplit('=').next().unwrap_or(word);
            slot(index, line, start + word.len() - name.len(), name)
        }));
    }
    found.extend(own_line(index, line));
    found
}

/// An image in a Dockerfile: a word after `FROM`, or the value of a flag or an argument.
fn of_instruction<'a>(index: usize, line: &'a str, start: usize, word: &'a str) -> Option<Slot<'a>> {
    let is_from = line.trim_start().starts_with("FROM ");
    let name = match word.rsplit_once('=') {
        Some((key, value)) => Some(value).filter(|_| key.ends_with("from") || !key.starts_with('-')),
        None => Some(word).filter(|_| is_from),
    };
    let name = name?;
    slot(index, line, start + word.len() - name.len(), name)
}

/// Words with where they stand.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += line[at..].find(|c| !ends_a_word(c))?;
        let start = at;
        at += word_end(&line[at..]);
        Some((start, &line[start..at]))
    })
}

/// `newTag:`, `tag:` and `digest:`, which kustomizations and values files keep apart from the name.
fn own_line(index: usize, line: &str) -> Option<Slot<'_>> {
    for key in ["newTag", "tag"] {
        if let Some((start, value)) = value_of(line, key) {
            let tag = &value[..word_end(value)];
            Version::parse(tag)?;
            return Some(Slot::plain(index, line, start..start + tag.len(), Kind::Tag, "tag"));
        }
    }
    let (start, value) = value_of(line, "digest")?;
    let digest = &value[..word_end(value)];
    is_digest(digest).then(|| Slot::plain(index, line, start..start + digest.len(), Kind::Digest, "digest"))
}

/// The tag and digest of an image name at this place of the line. A tag alone must be a version: `:local` and
/// `:latest` are choices, and nothing bumps them.
pub(super) fn slot<'a>(index: usize, line: &'a str, start: usize, word: &'a str) -> Option<Slot<'a>> {
    let (name_and_tag, digest) = word.split_once('@').map_or((word, None), |(name, digest)| (name, Some(digest)));
    // A colon before a slash is that of a port.
    let path = name_and_tag.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name_and_tag[path..].find(':') {
        Some(colon) => (&name_and_tag[..path + colon], Some(&name_and_tag[path + colon + 1..])),
        None => (name_and_tag, None),
    };
    let is_name = !name.is_empty()
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._/:-".contains(c));
    let is_pinned = match (tag, digest) {
        (_, Some(digest)) => is_digest(digest),
        (Some(tag), None) => Version::parse(tag).is_some(),
        (None, None) => false,
    };
    (is_name && is_pinned).then(|| Slot::plain(index, line, start + name.len()..start + word.len(), Kind::Image, name))
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix(DIGEST).is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
