//! What a plan comes to: the files, not yet compared with any disk.

use serde::{Deserialize, Serialize};

/// What later runs may do with an emitted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Kept current: later versions are merged with the user's edits.
    Merge,
    /// Written once, then the user's.
    Once,
    /// The tool's own bookkeeping, rewritten at will.
    Managed,
}

/// Permission bits of an emitted file, as far as git keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// 0644
    Regular,
    /// 0755
    Executable,
}

impl Mode {
    /// The Unix permission bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Regular => 0o644,
            Self::Executable => 0o755,
        }
    }
}

/// One file of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmittedFile {
    /// Stable name across versions: a later version may move the path, never the id.
    pub id: String,
    /// Path relative to the target, with `/` and without `.` or `..`.
    pub path: String,
    /// The bytes, all of them text in UTF-8 with a final newline.
    pub contents: Vec<u8>,
    /// Permission bits.
    pub mode: Mode,
    /// What later runs may do with it.
    pub policy: Policy,
}

/// All files of one plan, ordered by path, each path and each id once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    files: Vec<EmittedFile>,
}

impl FileSet {
    /// Orders the files by path.
    ///
    /// # Errors
    /// When two files share a path or an id: the catalogue is wrong, whatever the plan.
    pub fn new(mut files: Vec<EmittedFile>) -> anyhow::Result<Self> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        for pair in files.windows(2) {
            anyhow::ensure!(
                pair[0].path != pair[1].path,
                "the catalogue emits {} twice, as {} and as {}",
                pair[0].path,
                pair[0].id,
                pair[1].id
            );
        }
        let mut ids: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
        ids.sort_unstable();
        if let Some([id, _]) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            anyhow::bail!("the catalogue uses the id {id} twice");
        }
        Ok(Self { files })
    }

    /// The files, ordered by path.
    #[must_use]
    pub fn files(&self) -> &[EmittedFile] {
        &self.files
    }

    /// The same set with some more files in it.
    ///
    /// # Errors
    /// As [`FileSet::new`].
    pub fn with(self, more: Vec<EmittedFile>) -> anyhow::Result<Self> {
        let mut files = self.files;
        files.extend(more);
        Self::new(files)
    }
}
