//! How the files of a service get into a repository: the first ones are fitted in, later ones join those that are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;

use super::Args;
use super::layout::Layout;
use crate::apply::transaction::Operation;
use crate::apply::{Change, Fitting, Target, transaction};
use crate::cli::emission;
use crate::emit;
use crate::failure::DONE;
use crate::plan::{self, Plan, plan};
use crate::spec::file::ANSWERS_FILE;
use crate::spec::repository::{self, id_prefix};
use crate::spec::{Answers, Spec};
use crate::upgrade::{self, Options, join};

/// Everything decided, nothing written.
pub(super) enum Way {
    /// Nothing of ours was there.
    Fitted(Fitting),
    /// Another service was.
    Joined(Box<upgrade::Prepared>),
}

impl Way {
    /// Every path, ordered by path.
    pub(super) fn changes(&self) -> &[Change] {
        match self {
            Self::Fitted(fitting) => fitting.changes(),
            Self::Joined(prepared) => prepared.changes(),
        }
    }

    /// Writes everything in one transaction, with `more` where nothing of ours was there; the number is the exit code.
    ///
    /// # Errors
    /// As [`transaction::apply`]; refused where a file that services share has changes that are not committed.
    pub(super) fn go(&self, root: &Path, more: impl Iterator<Item = Operation>) -> anyhow::Result<u8> {
        match self {
            Self::Fitted(fitting) => {
                let operations: Vec<Operation> = fitting.operations().into_iter().chain(more).collect();
                transaction::apply(root, &operations)?;
                Ok(DONE)
            }
            Self::Joined(prepared) => Ok(prepared.write()?.exit_code),
        }
    }
}

/// Decides every path of a service whose answers are complete.
pub(super) fn decide(
    args: &Args,
    layout: &Layout,
    spec: &Spec,
    answers: &Answers,
    target: &Target,
) -> anyhow::Result<(Plan, Way)> {
    let there = fs::read_to_string(layout.folder(&args.directory).join(ANSWERS_FILE)).ok();
    let text = emit::answers_text(spec, answers, there.as_deref(), matches!(layout, Layout::Folder { .. }))?;
    match layout {
        Layout::Root => {
            let plan = plan(spec)?;
            let fitting = Fitting::of(target, &emit::without_lock(&plan, text)?, args.taken)?;
            Ok((plan, Way::Fitted(fitting)))
        }
        Layout::Folder { folder, is_first: true } => {
            repository::check(std::slice::from_ref(folder)).map_err(crate::failure::usage)?;
            let (shared, mut plans) = plan::repository::plans(std::slice::from_ref(spec))?;
            let files = emit::several(&shared, &plans, repository::text(folder), vec![text])?;
            let fitting = Fitting::of(target, &files, args.taken)?;
            Ok((plans.pop().context("there is no service")?, Way::Fitted(fitting)))
        }
        Layout::Folder { folder, is_first: false } => {
            let target = upgrade::open(&args.directory)?;
            let added = emission::with_service(&target, spec, text)?;
            let answers_before = BTreeMap::from([(ANSWERS_FILE.to_owned(), added.list_before)]);
            let options = Options { allow_dirty: false, answers_before };
            let is_new = |id: &str| id.starts_with(&id_prefix(folder));
            let joined = join(&target, &added.files, is_new, args.taken, &options)?;
            Ok((added.plan, Way::Joined(Box::new(joined))))
        }
    }
}
