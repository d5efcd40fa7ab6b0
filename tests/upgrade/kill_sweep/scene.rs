//! A command, the tree that it works on, and the tree that it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The user's edit, and the file that has it.
pub(crate) const EDIT: &str = "# ours: ask the platform team\n";
pub(crate) const EDITED: &str = "compose.yaml";

/// Every file and folder with its contents and permission bits.
pub(crate) type Snapshot = BTreeMap<String, (Option<String>, u32)>;

/// A command and what it does.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    /// The tree that it starts from; nothing when it makes one.
    start: Option<TempDir>,
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
}

impl Scene {
    pub(crate) fn new_repository() -> Self {
        let arguments = &["new", "orders", "--preset", "minimal", "--yes", "--no-install"];
        Self::played("new", arguments, None)
    }

    /// One that creates, updates, merges and deletes.
    pub(crate) fn upgrade() -> Self {
        let start = in_memory();
        let new = ["new", "orders", "--preset", "minimal", "--yes", "--no-install", "--set", "stack.redis=true"];
        succeed(&mut command(start.path(), &new));
        let edited = start.path().join("orders").join(EDITED);
        let text = fs::read_to_string(&edited).unwrap();
        fs::write(&edited, format!("{EDIT}{text}")).unwrap();
        fs::set_permissions(&edited, fs::Permissions::from_mode(0o640)).unwrap();
        let arguments = &["upgrade", "orders", "--set", "stack.database=postgres", "--set", "stack.redis=false"];
        Self::played("upgrade", arguments, Some(start))
    }

    fn played(name: &'static str, arguments: &'static [&'static str], start: Option<TempDir>) -> Self {
        let mut scene = Self { name, arguments, start, before: Snapshot::new(), after: Snapshot::new() };
        let room = scene.room();
        scene.before = scene.look(room.path());
        succeed(&mut scene.command(room.path()));
        scene.after = scene.look(room.path());
        assert!(scene.before != scene.after);
        scene
    }

    /// A directory with a tree to start from.
    pub(crate) fn room(&self) -> TempDir {
        let room = in_memory();
        if let Some(start) = &self.start {
            copy(start.path(), room.path());
        }
        room
    }

    pub(crate) fn arguments(&self) -> &[&str] {
        self.arguments
    }

    /// The command, without any harm done to it.
    pub(crate) fn command(&self, room: &Path) -> Command {
        command(room, self.arguments)
    }

    /// What is in a room. Where there was no tree before, folders without files count for nothing: a run that
    /// dies before its first file leaves one.
    pub(crate) fn look(&self, room: &Path) -> Snapshot {
        let mut found = snapshot(room);
        if self.start.is_none() && found.values().all(|(text, _)| text.is_none()) {
            found.clear();
        }
        found
    }
}

/// The target in a room.
pub(crate) fn target(room: &Path) -> PathBuf {
    room.join("orders")
}

fn command(room: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(arguments).current_dir(room);
    silent(&mut command);
    command
}

/// No terminal, no git and no environment, so that every run makes the same calls.
pub(crate) fn silent(command: &mut Command) {
    command.env_clear().env("PATH", "/nonexistent").stdin(Stdio::null());
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Where flushing costs nothing.
fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
            fs::set_permissions(&to, entry.metadata().unwrap().permissions()).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

pub(crate) fn snapshot(root: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let metadata = fs::symlink_metadata(&path).unwrap();
            let text = metadata.is_file().then(|| fs::read_to_string(&path).unwrap());
            if metadata.is_dir() {
                open.push(path.clone());
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.insert(name, (text, metadata.permissions().mode() & 0o7777));
        }
    }
    found
}

/// The files below the target, with their contents.
pub(crate) fn files_only(tree: &Snapshot) -> BTreeMap<String, String> {
    tree.iter()
        .filter_map(|(path, (text, _))| Some((path.strip_prefix("orders/")?.to_owned(), text.clone()?)))
        .collect()
}
