//! The files of a run for people: grouped by folder, a line each.

use crate::apply::OWN_FOLDER;
use crate::apply::change_set::Change;
use crate::text;

/// Folders in their order, the files of each below it; our own bookkeeping as one line.
pub(super) fn by_folder(changes: &[Change]) -> String {
    let (own, emitted): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|change| change.is_own());
    let mut folders: Vec<(&str, Vec<&str>)> = Vec::new();
    for change in emitted {
        let (folder, name) = change.path.rsplit_once('/').unwrap_or(("", change.path.as_str()));
        match folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, names)) => names.push(name),
            None => folders.push((folder, vec![name])),
        }
    }
    folders.sort();
    let mut out = String::new();
    for (folder, names) in folders {
        let folder = if folder.is_empty() { "." } else { folder };
        let names = text::wrapped(names.iter().copied(), "  ", "      ");
        out.push_str(&format!("  {folder}/\n{names}\n"));
    }
    if !own.is_empty() {
        out.push_str(&format!("  {OWN_FOLDER}/\n      {} files: what was emitted, for later upgrades\n", own.len()));
    }
    out
}
