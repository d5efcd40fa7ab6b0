//! What can still be had from a damaged lock: every entry that stands and has the texts that it names.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::read::{CONFLICT_MARKERS, Damage, check_age, check_names, read_texts};
use super::stored::{StoredFile, StoredState};
use super::{Lock, Locked};
use crate::apply::LOCK_FILE;
use crate::apply::target::{OnDisk, Target};

/// The parts of a lock that are whole.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Files by id.
    pub whole: BTreeMap<String, Locked>,
    /// Ids that were recorded and whose texts are lost, each with the path that was recorded.
    pub lost: BTreeMap<String, String>,
}

impl Lock {
    /// Reads what is whole of a lock, however damaged the rest is. Where git left a conflict in `lock.toml`,
    /// the side counts whose hash the text on disk has.
    ///
    /// # Errors
    /// Refused when it was written by a newer version: there is nothing wrong with it. Otherwise when the
    /// disk cannot be read.
    pub fn salvage(target: &Target) -> anyhow::Result<Salvaged> {
        let OnDisk::File(bytes) = target.read(LOCK_FILE)? else { return Ok(Salvaged::default()) };
        let text = String::from_utf8_lossy(&bytes);
        let mut salvaged = Salvaged::default();
        for side in [Side::Ours, Side::Theirs] {
            let text = one_side(&text, side);
            if let Err(error) = check_age(&text)
                && crate::failure::exit_code(&error) == crate::failure::REFUSED
            {
                return Err(error);
            }
            for (id, file) in tables(&text) {
                salvaged.take(target, id, file)?;
            }
        }
        salvaged.lost.retain(|id, _| !salvaged.whole.contains_key(id));
        salvaged.drop_twins();
        Ok(salvaged)
    }
}

impl Salvaged {
    fn take(&mut self, target: &Target, id: String, file: StoredFile) -> anyhow::Result<()> {
        if self.whole.contains_key(&id) || check_names(&id, &file).is_err() {
            return Ok(());
        }
        let path = file.path.clone();
        let without_conflict = StoredFile { state: None, pending_sha256: None, ..file.clone() };
        let is_pending = file.state == Some(StoredState::Pending);
        let mut read = read_texts(target, &id, file);
        // The new text of a conflict is lost: the old base tells the user's edits still.
        if is_pending && matches!(read, Err(Damage::Text(..) | Damage::Entry(_))) {
            read = read_texts(target, &id, without_conflict);
        }
        match read {
            Ok(locked) => drop(self.whole.insert(id, locked)),
            Err(Damage::Disk(error)) => return Err(error),
            Err(_) => drop(self.lost.insert(id, path)),
        }
        Ok(())
    }

    /// Two entries cannot both have one path: the first keeps it.
    fn drop_twins(&mut self) {
        let mut paths = HashSet::new();
        self.whole.retain(|_, file| !file.is_ours() || paths.insert(file.path.clone()));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    /// What both sides started from, in the style of conflicts that shows it.
    Ancestor,
    Theirs,
}

/// The text with one side of each conflict that git left in it.
fn one_side(text: &str, wanted: Side) -> String {
    let mut within = None;
    let mut out = String::new();
    for line in text.lines() {
        match CONFLICT_MARKERS.iter().position(|marker| line.starts_with(marker)) {
            Some(0) => within = Some(Side::Ours),
            Some(1) => within = Some(Side::Ancestor),
            Some(2) => within = Some(Side::Theirs),
            Some(_) => within = None,
            None if within.is_none_or(|side| side == wanted) => out.extend([line, "\n"]),
            None => {}
        }
    }
    out
}

/// The tables of files, each read on its own, so that one broken line costs one file only.
fn tables(text: &str) -> Vec<(String, StoredFile)> {
    #[derive(Deserialize)]
    struct Table {
        files: BTreeMap<String, StoredFile>,
    }
    let starts = text.match_indices("[files.").map(|(at, _)| at).filter(|at| *at == 0 || text[..*at].ends_with('\n'));
    let mut bounds: Vec<usize> = starts.collect();
    bounds.push(text.len());
    let blocks = bounds.windows(2).filter_map(|pair| toml::from_str::<Table>(&text[pair[0]..pair[1]]).ok());
    blocks.flat_map(|table| table.files).collect()
}
