//! `lock.toml` as it is stored. One table a file, so that git merges two branches that touch different
//! files. What was added since the first version is optional: old locks are read.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{HEADER, Lock, Locked, Pending, SCHEMA, Standing, sha256};
use crate::render::file_set::{Mode, Policy};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) schema: u32,
    pub(super) version: String,
    #[serde(default)]
    pub(super) files: BTreeMap<String, StoredFile>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StoredFile {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moved_to: Option<String>,
    pub(super) policy: Policy,
    pub(super) mode: Mode,
    pub(super) sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<StoredState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) yours_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) beside: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told_sha256: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StoredState {
    Detached,
    Dropped,
    Pending,
}

impl Lock {
    pub(super) fn to_toml(&self) -> anyhow::Result<String> {
        let files = self.files.iter().map(|(id, file)| (id.clone(), StoredFile::of(file)));
        let stored = Stored { schema: SCHEMA, version: self.version.clone(), files: files.collect() };
        Ok(format!("{HEADER}{}", toml::to_string(&stored).context("cannot write the lock")?))
    }
}

impl StoredFile {
    fn of(file: &Locked) -> Self {
        let pending = file.pending();
        Self {
            path: file.path.clone(),
            moved_to: file.moved_to.clone(),
            policy: file.policy,
            mode: file.mode,
            sha256: sha256(&file.base),
            state: match file.standing {
                Standing::Current => None,
                Standing::Dropped => Some(StoredState::Dropped),
                Standing::Detached => Some(StoredState::Detached),
                Standing::Pending(_) => Some(StoredState::Pending),
            },
            pending_sha256: pending.map(|it| sha256(&it.contents)),
            yours_sha256: pending.map(|it| it.yours_sha256.clone()),
            beside: pending.and_then(|it| it.beside.clone()),
            told_sha256: file.told.clone(),
        }
    }

    /// The paths that it names, each of which has to be safe.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        [Some(&self.path), self.moved_to.as_ref(), self.beside.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// The entry with its texts.
    ///
    /// # Errors
    /// With the rest of a sentence, when its state is not whole.
    pub(super) fn with(self, base: Vec<u8>, pending: Option<Vec<u8>>) -> Result<Locked, &'static str> {
        let standing = match (self.state, pending, self.yours_sha256) {
            (None, ..) => Standing::Current,
            (Some(StoredState::Dropped), ..) => Standing::Dropped,
            (Some(StoredState::Detached), ..) => Standing::Detached,
            (Some(StoredState::Pending), Some(contents), Some(yours_sha256)) => {
                Standing::Pending(Pending { contents, yours_sha256, beside: self.beside })
            }
            (Some(StoredState::Pending), ..) => return Err("a pending file needs pending-sha256 and yours-sha256"),
        };
        let Self { path, moved_to, policy, mode, told_sha256: told, .. } = self;
        Ok(Locked { path, moved_to, policy, mode, base, standing, told })
    }
}
