//! What `src/ops` asks of files that are not ours: the entry point's lines, and zod in package.json.

use anyhow::Context;
use serde_json::{Value as Json, json};

use crate::apply::Target;
use crate::apply::lock::sha256;
use crate::apply::transaction::{Expected, Operation};
use crate::detect::ops::Callable;
use crate::entry::{self, Entry, manifest};
use crate::failure::{refused, usage};
use crate::render::file_set::Mode;
use crate::spec::Ops;
use crate::stack::pins::Pins;
use crate::upgrade::unified::unified;

/// A file of theirs with what was asked for in it.
#[derive(Debug, Clone)]
struct Edited {
    path: String,
    before: String,
    after: String,
    mode: Mode,
}

impl Edited {
    fn operation(&self) -> Operation {
        Operation::Write {
            path: self.path.clone(),
            contents: self.after.clone().into_bytes(),
            mode: self.mode,
            expected: Expected::File { contents_sha256: sha256(self.before.as_bytes()) },
        }
    }

    fn patch(&self) -> String {
        let path = &self.path;
        unified(&format!("a/{path}"), &format!("b/{path}"), self.before.as_bytes(), self.after.as_bytes())
    }
}

/// What becomes of the entry point.
#[derive(Debug, Clone)]
enum Lines {
    /// It calls `src/ops` already.
    Called,
    /// A patch, and whether it is applied.
    Patch(Edited, bool),
    /// Lines to add by hand, and why.
    ByHand(String),
}

/// What `src/ops` asks of files that are not ours.
#[derive(Debug, Clone)]
pub(super) struct OwnCode {
    ops: Ops,
    path: String,
    lines: Lines,
    manifest: Option<Edited>,
    without_env: Option<String>,
}

impl OwnCode {
    /// Decides it for `init`, where the folder must be free.
    ///
    /// # Errors
    /// Refused when `src/ops` is there, or when lines shall be applied and nobody knows where; exit 1 for pins that cannot be
    /// read.
    pub(super) fn new(callable: Callable, target: &Target, apply: bool) -> anyhow::Result<Self> {
        let folder = &callable.ops.folder;
        if target.root().join(folder).symlink_metadata().is_ok() {
            return Err(refused(format!(
                "{folder} is there already, and what is emitted would stand among what is yours. Nothing was written; move it \
                 away first, or leave out --ops."
            )));
        }
        let manifest = added_zod(&callable)?;
        let without_env = match &callable.zod {
            manifest::Zod::Other(why) => Some(format!("{}: {why}; {folder}/env is not written", callable.manifest)),
            _ => None,
        };
        Ok(Self { manifest, without_env, ..Self::of_entry(callable, apply)? })
    }

    /// Decides what becomes of the entry point alone.
    ///
    /// # Errors
    /// Refused when lines shall be applied and nobody knows where.
    pub(super) fn of_entry(callable: Callable, apply: bool) -> anyhow::Result<Self> {
        let Callable { ops, path, text, handlers, is_executable, .. } = callable;
        let mode = if is_executable { Mode::Executable } else { Mode::Regular };
        let entry = Entry { path: &path, text: &text, handlers: &handlers };
        let lines = if entry::is_called(&entry, &ops) {
            Lines::Called
        } else {
            match entry::patched(&entry, &ops) {
                Ok(after) => Lines::Patch(Edited { path: path.clone(), before: text.clone(), after, mode }, apply),
                Err(why) => Lines::ByHand(why),
            }
        };
        let own = Self { ops, path, lines, manifest: None, without_env: None };
        match &own.lines {
            Lines::ByHand(_) if apply => Err(refused(format!("Nothing was written.\n{}", own.text()))),
            _ => Ok(own),
        }
    }

    pub(super) fn ops(&self) -> &Ops {
        &self.ops
    }

    /// Whether a sentence of what is left out says what this writes, or what its lines take over.
    pub(super) fn sees_to(&self, sentence: &str) -> bool {
        sentence.starts_with("src/ops: ")
            || (self.applied().is_some() && sentence.contains("when deploy/image/probes.mjs has waited"))
    }

    pub(super) fn left_out(&self) -> Option<String> {
        self.without_env.clone()
    }

    /// Whether package.json gets a package that its lock file does not know yet.
    pub(super) fn adds_package(&self) -> bool {
        self.manifest.is_some()
    }

    /// Files of theirs that change, each with what it gets.
    pub(super) fn changed(&self) -> Vec<String> {
        let manifest = self.manifest.as_ref().map(|it| format!("{} got zod", it.path));
        let entry = self.applied().map(|it| format!("{} got its lines", it.path));
        manifest.into_iter().chain(entry).collect()
    }

    fn applied(&self) -> Option<&Edited> {
        match &self.lines {
            Lines::Patch(edited, true) => Some(edited),
            _ => None,
        }
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        self.manifest.iter().chain(self.applied()).map(Edited::operation).collect()
    }

    /// The patch or the lines, for people and for `git apply`.
    pub(super) fn text(&self) -> String {
        match &self.lines {
            Lines::Called => format!("{} calls {} already.\n", self.path, self.ops.folder),
            Lines::Patch(edited, _) => edited.patch(),
            Lines::ByHand(why) => {
                let lines: Vec<String> =
                    entry::by_hand(&self.path, &self.ops).iter().map(|line| format!("    {line}\n")).collect();
                format!("Where these go in {} is yours to say, since {why}:\n{}", self.path, lines.concat())
            }
        }
    }

    /// `path`, `state` (`called`, `applied`, `patch` or `by-hand`), and `patch`, or `reason` and `lines`.
    pub(super) fn json(&self) -> Json {
        let path = &self.path;
        match &self.lines {
            Lines::Called => json!({ "path": path, "state": "called" }),
            Lines::Patch(edited, is_applied) => {
                let state = if *is_applied { "applied" } else { "patch" };
                json!({ "path": path, "state": state, "patch": edited.patch() })
            }
            Lines::ByHand(why) => json!({
                "path": path,
                "state": "by-hand",
                "reason": why,
                "lines": entry::by_hand(path, &self.ops),
            }),
        }
    }
}

/// package.json with zod, where it is missing.
fn added_zod(callable: &Callable) -> anyhow::Result<Option<Edited>> {
    if callable.zod != manifest::Zod::Missing {
        return Ok(None);
    }
    let path = callable.manifest.clone();
    let pins = Pins::embedded()?;
    let version = pins.npm.get("zod").context("the pins do not name zod")?;
    let before = callable.manifest_text.clone();
    let after = manifest::with_zod(&before, version)
        .ok_or_else(|| usage(format!("{path}: \"dependencies\" is no object; mend it, and run this again")))?;
    Ok(Some(Edited { path, before, after, mode: Mode::Regular }))
}
