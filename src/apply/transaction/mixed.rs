//! A tree and a transaction that creates, replaces, removes and turns files into folders and back,
//! for the tests that cut it off everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::disk::{Call, Step};
use super::*;
use crate::apply::lock::sha256;
use crate::render::file_set::Mode;

/// What stands at a path: `dir`, or the contents of a file, and the permission bits.
pub(super) type Snapshot = BTreeMap<String, (String, u32)>;

/// Path, contents and mode of every file before; a folder has no contents.
const BEFORE: [(&str, Option<&str>, u32); 24] = [
    (".seaworthy", None, 0o755),
    (".seaworthy/lock.toml", Some("old lock\n"), 0o644),
    ("Dockerfile", Some("FROM old\n"), 0o644),
    ("Dockerfile.mine", Some("FROM mine\n"), 0o600),
    ("case", None, 0o755),
    ("case/readme.md", Some("# readme\n"), 0o644),
    ("conf", Some("a file\n"), 0o604),
    ("deploy", None, 0o755),
    ("deploy/compose", None, 0o750),
    ("deploy/compose/compose.yaml", Some("services: {}\n"), 0o640),
    ("docs", None, 0o755),
    ("docs/empty", None, 0o755),
    ("docs/mine.md", Some("mine\n"), 0o644),
    ("docs/old.md", Some("old\n"), 0o644),
    ("kube", None, 0o700),
    ("kube/base", None, 0o711),
    ("kube/base/service.yaml", Some("kind: Service\n"), 0o600),
    ("mode", None, 0o755),
    ("mode/off.sh", Some("#!/bin/sh\n"), 0o755),
    ("mode/on.sh", Some("#!/bin/sh\n"), 0o640),
    ("mode/private.sh", Some("old\n"), 0o700),
    ("src", None, 0o755),
    ("src/mine.ts", Some("mine\n"), 0o644),
    ("src/ops.ts", Some("old\n"), 0o664),
];

/// Contents and mode; nothing when the path is gone.
type Becomes = Option<(Option<&'static str>, u32)>;

/// What the transaction makes of it.
const CHANGES: [(&str, Becomes); 20] = [
    (".seaworthy/lock.toml", Some((Some("new lock\n"), 0o644))),
    ("Dockerfile", Some((Some("FROM new\n"), 0o644))),
    ("case/readme.md", None),
    ("case/README.md", Some((Some("# README\n"), 0o644))),
    ("conf", Some((None, 0o755))),
    ("conf/app.yaml", Some((Some("in a folder\n"), 0o644))),
    ("deploy", None),
    ("deploy/compose", None),
    ("deploy/compose/compose.yaml", None),
    ("docs/old.md", None),
    ("kube", Some((Some("a file now\n"), 0o755))),
    ("kube/base", None),
    ("kube/base/service.yaml", None),
    ("mode/off.sh", Some((Some("#!/bin/sh\n"), 0o644))),
    ("mode/on.sh", Some((Some("#!/bin/sh\n"), 0o750))),
    ("mode/private.sh", Some((Some("new\n"), 0o700))),
    ("new", Some((None, 0o755))),
    ("new/deep", Some((None, 0o755))),
    ("new/deep/file", Some((Some("new\n"), 0o644))),
    ("src/ops.ts", Some((Some("new\n"), 0o664))),
];

/// The operations that make these changes.
pub(super) fn operations() -> Vec<Operation> {
    let old: BTreeMap<&str, &str> = BEFORE.iter().filter_map(|(path, text, _)| Some((*path, (*text)?))).collect();
    let expected = |path: &str| match old.get(path) {
        Some(text) => Expected::File { contents_sha256: sha256(text.as_bytes()) },
        None => Expected::Absent,
    };
    let mut operations = Vec::new();
    // A file that becomes a folder is removed, too.
    for (path, change) in CHANGES {
        if let Some((Some(text), mode)) = change {
            let mode = if mode & 0o100 == 0 { Mode::Regular } else { Mode::Executable };
            operations.push(Operation::Write {
                path: path.into(),
                contents: text.into(),
                mode,
                expected: expected(path),
            });
        } else if old.contains_key(path) {
            operations.push(Operation::Remove { path: path.into(), expected: expected(path) });
        }
    }
    operations
}

/// A directory where flushing costs nothing, where there is one: the sweeps flush many thousand times.
pub(super) fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The tree before, on disk.
pub(super) fn room() -> tempfile::TempDir {
    let dir = in_memory();
    for (path, text, mode) in BEFORE {
        let path = dir.path().join(path);
        match text {
            None => fs::create_dir(&path).unwrap(),
            Some(text) => fs::write(&path, text).unwrap(),
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    dir
}

pub(super) fn before() -> Snapshot {
    let entry = |(path, text, mode): &(&str, Option<&str>, u32)| {
        ((*path).to_owned(), (text.unwrap_or("dir").to_owned(), *mode))
    };
    BEFORE.iter().map(entry).collect()
}

pub(super) fn after() -> Snapshot {
    let mut tree = before();
    for (path, change) in CHANGES {
        tree.remove(path);
        if let Some((text, mode)) = change {
            tree.insert(path.to_owned(), (text.unwrap_or("dir").to_owned(), mode));
        }
    }
    tree
}

/// Everything below a directory.
pub(super) fn snapshot(root: &Path) -> Snapshot {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let metadata = fs::symlink_metadata(&path).unwrap();
            let text = if metadata.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                open.push(path.clone());
                "dir".to_owned()
            } else {
                fs::read_to_string(&path).unwrap()
            };
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.insert(name, (text, metadata.permissions().mode() & 0o7777));
        }
    }
    found
}

/// What a file system can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ability {
    Everything,
    /// It cannot swap two files or rename without replacing.
    NoExchange,
    /// It has no links either.
    NoLinks,
}

pub(super) const ABILITIES: [Ability; 3] = [Ability::Everything, Ability::NoExchange, Ability::NoLinks];

impl Ability {
    /// What such a file system says to a call.
    pub(super) fn answer(self, step: Step<'_>) -> io::Result<()> {
        let missing = match step.call {
            Call::Exchange | Call::RenameNew => self != Self::Everything,
            Call::Link => self == Self::NoLinks,
            _ => false,
        };
        if missing { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
    }
}

/// Lets nothing happen from a call on, as if the process had died there.
pub(super) fn dead_from(at: usize, ability: Ability) -> impl FnMut(Step<'_>) -> io::Result<()> {
    let mut count = 0;
    move |step| {
        count += 1;
        if count >= at { Err(io::ErrorKind::Other.into()) } else { ability.answer(step) }
    }
}

/// The numbers of calls, for a sweep that ends when there are no more.
pub(super) fn calls() -> impl Iterator<Item = usize> {
    (1..).inspect(|at| assert!(*at < 2000, "the transaction never ends"))
}
