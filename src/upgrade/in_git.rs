//! The part of a run that needs git: files with uncommitted changes, and conflicts in the index.

use super::git::{Git, Stage};
use super::step::{Action, Conflict, Step};
use super::view::Yours;
use super::{Prepared, Settled};
use crate::failure::refused;
use crate::spec::file::is_answers;

impl Prepared {
    /// Checks that git could bring back every file that the run touches and that is not as it was emitted.
    /// What git could not tell is returned as a warning.
    ///
    /// # Errors
    /// Refused; the message lists every file and says what to do.
    pub fn ensure_committed(&self) -> anyhow::Result<Vec<String>> {
        let touched: Vec<&str> = self.touched().collect();
        if self.options.allow_dirty || touched.is_empty() {
            return Ok(Vec::new());
        }
        let dirty = match Git::find(&self.root) {
            Ok(None) => return Ok(Vec::new()),
            Ok(Some(git)) => git.uncommitted(&touched),
            Err(said) => Err(said),
        };
        match dirty {
            Err(said) => Ok(vec![format!("git could not say whether your files are committed: {said}")]),
            Ok(dirty) if dirty.is_empty() => Ok(Vec::new()),
            Ok(dirty) => Err(refused(format!(
                "these files would change, and have changes that are not committed:\n  {}\n\
                 Nothing was written. Commit or stash them, so that you can compare and go back; or run it with \
                 --allow-dirty, which merges them as they are.",
                dirty.join("\n  ")
            ))),
        }
    }

    /// The files of the user's that change and are not as they were emitted. Answers are not among them:
    /// they change by what the user asked for and nothing else.
    fn touched(&self) -> impl Iterator<Item = &str> {
        let is_edited = |step: &&Step| step.action != Action::Leave && !is_answers(&step.change.path);
        let places = self.steps.iter().filter(is_edited).filter_map(|step| step.now.as_ref());
        places.map(|(place, _)| place.as_str()).filter(|place| !self.untouched.contains(*place))
    }

    /// Puts conflicts into git's index, and takes settled ones out. What fails is returned as a warning: the files
    /// are written.
    pub(super) fn tell_git(&self) -> Vec<String> {
        let marked: Vec<&Step> =
            self.steps.iter().filter(|step| matches!(step.conflict, Some(Conflict::Marked { .. }))).collect();
        if marked.is_empty() && self.settled.is_empty() {
            return Vec::new();
        }
        let Ok(Some(git)) = Git::find(&self.root) else { return Vec::new() };
        let mut warnings = add_settled(&git, &self.settled);
        if let Err(said) = mark_conflicts(&git, &marked) {
            warnings.push(format!("git's index does not show the conflicts: {said}"));
        }
        warnings
    }
}

/// Adds files to git's index whose conflicts are settled, where they are unmerged there.
pub(super) fn add_settled(git: &Git, settled: &[Settled]) -> Vec<String> {
    let paths: Vec<&str> = settled.iter().map(|settled| settled.path.as_str()).collect();
    if paths.is_empty() {
        return Vec::new();
    }
    let failed = |said| format!("git's index shows conflicts that are settled: {said}; `git add` them");
    git.add_unmerged(&paths).err().map(failed).into_iter().collect()
}

fn mark_conflicts(git: &Git, steps: &[&Step]) -> Result<(), String> {
    for step in steps {
        let (Some((place, yours)), Some(Conflict::Marked { base, theirs })) = (&step.now, &step.conflict) else {
            continue;
        };
        mark_unmerged(git, place, &step.change.path, Some(base), yours, theirs)?;
    }
    Ok(())
}

/// Gives a file that git knows at `place` unmerged entries at `path`.
pub(super) fn mark_unmerged(
    git: &Git,
    place: &str,
    path: &str,
    base: Option<&[u8]>,
    yours: &Yours,
    theirs: &[u8],
) -> Result<(), String> {
    // What git does not know has no versions there to compare.
    if git.tracked(&[place])?.is_empty() {
        return Ok(());
    }
    let stage = |number, contents| Stage { number, contents, mode: yours.mode };
    let mut stages = vec![stage(2, yours.contents.as_slice()), stage(3, theirs)];
    stages.extend(base.map(|base| stage(1, base)));
    git.mark_unmerged(path, &stages)
}
