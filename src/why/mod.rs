//! Why a line of an emitted file is as it is.
//!
//! Nothing is written down for it in the templates: what stands behind a line is found by planning again with one decision, answer or
//! variable otherwise, and emitting again. The lines that then differ depend on it, whether they print the value, what was worked out
//! from it, or stand under a condition that it decides.

mod comment;
mod place;
mod vary;

use std::collections::{BTreeMap, BTreeSet};

pub use comment::comment_beside;
pub use place::{Place, place};

use self::vary::Variation;
use crate::catalogue;
use crate::merge::changed_lines;
use crate::plan::{Decision, Plan};
use crate::render::Renderer;
use crate::render::file_set::{EmittedFile, FileSet};
use crate::spec::Spec;

/// What a line may depend on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A decision, by its key.
    Decision(&'static str),
    /// An answer, by its key.
    Answer(&'static str),
    /// A variable that the user declared, by its name.
    Variable(String),
}

/// What depends on one cause.
#[derive(Debug)]
struct Influence {
    cause: Cause,
    /// Decisions that come out otherwise with it.
    moved: BTreeSet<&'static str>,
    /// By file: the lines that differ, counted from 0. None where the file is not emitted any more.
    lines: BTreeMap<String, Option<BTreeSet<usize>>>,
}

/// The files that some answers come to, and what each of their lines depends on.
#[derive(Debug)]
pub struct Provenance {
    /// The answers, complete.
    pub spec: Spec,
    /// What follows from them.
    pub plan: Plan,
    /// The files that were looked at.
    pub files: FileSet,
    influences: Vec<Influence>,
}

/// What stands behind one line.
#[derive(Debug, Default)]
pub struct Reasons<'a> {
    /// The decisions that the line itself shows or stands under.
    pub decisions: Vec<&'a Decision>,
    /// The decisions that those follow from.
    pub behind: Vec<&'a Decision>,
    /// Keys of the answers each of which alone changes the line.
    pub answers: Vec<&'static str>,
    /// Declared variables that the line is for.
    pub variables: Vec<String>,
    /// Keys of the answers without which the file would not be there.
    pub file: Vec<&'static str>,
}

impl Provenance {
    /// Works it out for the files whose ids are wanted.
    ///
    /// # Errors
    /// As [`Renderer::render`] for the plan as it is; a change that leads to no plan says nothing.
    pub fn of(spec: &Spec, plan: &Plan, wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<Self> {
        let renderer = Renderer::new()?;
        let mut provenance = Self::plain(spec, plan, &renderer, wanted)?;
        for variation in provenance.variations() {
            provenance.add(&renderer, &variation, wanted)?;
        }
        Ok(provenance)
    }

    /// Works out which lines of all files show a decision; nothing about other lines.
    ///
    /// # Errors
    /// As [`Provenance::of`].
    pub fn of_decision(spec: &Spec, plan: &Plan, key: &str) -> anyhow::Result<Self> {
        let renderer = Renderer::new()?;
        let mut provenance = Self::plain(spec, plan, &renderer, &|_| true)?;
        provenance.add_decision(&renderer, key)?;
        // A line that shows what follows from it is theirs.
        let moved: Vec<&str> = provenance.influences.iter().flat_map(|it| it.moved.clone()).collect();
        for key in moved {
            provenance.add_decision(&renderer, key)?;
        }
        Ok(provenance)
    }

    /// Works out which decisions follow from an answer; nothing about files.
    ///
    /// # Errors
    /// As [`Provenance::of`].
    pub fn of_answer(spec: &Spec, plan: &Plan, key: &str) -> anyhow::Result<Self> {
        let renderer = Renderer::new()?;
        let mut provenance = Self::plain(spec, plan, &renderer, &|_| false)?;
        for question in vary::questions().filter(|question| question.key == key) {
            for variation in vary::of_answer(&vary::answers(spec), plan, question) {
                provenance.add(&renderer, &variation, &|_| false)?;
            }
        }
        Ok(provenance)
    }

    fn plain(spec: &Spec, plan: &Plan, renderer: &Renderer, wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<Self> {
        let files = renderer.render(plan, wanted, None)?;
        Ok(Self { spec: spec.clone(), plan: plan.clone(), files, influences: Vec::new() })
    }

    fn add_decision(&mut self, renderer: &Renderer, key: &str) -> anyhow::Result<()> {
        let variations = self.decision(key).map(|it| vary::of_decision(&self.spec, &self.plan, it)).unwrap_or_default();
        variations.iter().try_for_each(|variation| self.add(renderer, variation, &|_| true))
    }

    fn variations(&self) -> Vec<Variation> {
        let answers = vary::answers(&self.spec);
        let decisions = self.plan.decisions.iter().flat_map(|it| vary::of_decision(&self.spec, &self.plan, it));
        let by_answer = vary::questions().flat_map(|question| vary::of_answer(&answers, &self.plan, question));
        let variables = answers.env().iter().filter_map(|it| vary::of_variable(&answers, &self.plan, &it.name));
        decisions.chain(by_answer).chain(variables).collect()
    }

    /// Emits a variation and keeps what differs, together with other variations of the same cause.
    fn add(&mut self, renderer: &Renderer, variation: &Variation, wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<()> {
        let value = variation.value.as_ref().map(|(key, value)| (*key, value));
        let otherwise = renderer.render(&variation.plan, wanted, value)?;
        let after: BTreeMap<&str, &EmittedFile> = otherwise.files().iter().map(|it| (it.id.as_str(), it)).collect();
        let mut lines = BTreeMap::new();
        for file in self.files.files() {
            match after.get(file.id.as_str()) {
                None => drop(lines.insert(file.id.clone(), None)),
                Some(other) if other.contents == file.contents => {}
                Some(other) => {
                    drop(
                        lines.insert(
                            file.id.clone(),
                            Some(changed_lines(&text(&file.contents), &text(&other.contents))),
                        ),
                    );
                }
            }
        }
        let known = self.influences.iter_mut().find(|it| it.cause == variation.cause);
        let Some(known) = known else {
            self.influences.push(Influence { cause: variation.cause.clone(), moved: variation.moved.clone(), lines });
            return Ok(());
        };
        known.moved.extend(&variation.moved);
        for (id, more) in lines {
            match (known.lines.entry(id).or_insert_with(|| Some(BTreeSet::new())), more) {
                (Some(lines), Some(more)) => lines.extend(more),
                (entry, None) => *entry = None,
                (None, Some(_)) => {}
            }
        }
        Ok(())
    }

    /// A file that was looked at.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<&EmittedFile> {
        self.files.files().iter().find(|file| file.id == id)
    }

    /// The template of a file.
    #[must_use]
    pub fn template(&self, id: &str) -> Option<&'static str> {
        catalogue::outputs(&self.plan).into_iter().find(|output| output.id == id).map(|output| output.row.template)
    }

    /// What stands behind a line, counted from 0.
    #[must_use]
    pub fn reasons(&self, id: &str, line: usize) -> Reasons<'_> {
        let on_line: Vec<&Influence> = self.influences.iter().filter(|it| it.changes(id, line)).collect();
        let shown: BTreeSet<&str> = on_line.iter().filter_map(|it| it.decision()).collect();
        let mut reasons = Reasons::default();
        for influence in &self.influences {
            match &influence.cause {
                Cause::Answer(key) if influence.removes(id) => reasons.file.push(key),
                _ if !influence.changes(id, line) => {}
                Cause::Answer(key) => reasons.answers.push(key),
                Cause::Variable(name) => reasons.variables.push(name.clone()),
                Cause::Decision(key) => {
                    let Some(decision) = self.decision(key) else { continue };
                    let by_another = influence.moved.iter().any(|moved| shown.contains(moved));
                    if by_another { &mut reasons.behind } else { &mut reasons.decisions }.push(decision);
                }
            }
        }
        reasons
    }

    /// The decision of a key.
    #[must_use]
    pub fn decision(&self, key: &str) -> Option<&Decision> {
        self.plan.decisions.iter().find(|decision| decision.key == key)
    }

    /// The lines that show a decision or stand under it, as file and line counted from 0; not those that only follow from it.
    #[must_use]
    pub fn lines_of(&self, key: &str) -> Vec<(&EmittedFile, usize)> {
        let influence = self.influences.iter().find(|it| it.decision() == Some(key));
        let Some(influence) = influence else { return Vec::new() };
        let lines = self.files.files().iter().flat_map(|file| {
            let lines = influence.lines.get(&file.id).cloned().flatten().unwrap_or_default();
            lines.into_iter().map(move |line| (file, line))
        });
        lines.filter(|(file, line)| self.reasons(&file.id, *line).decisions.iter().any(|it| it.key == key)).collect()
    }

    /// The decisions that come out otherwise with another answer or decision.
    #[must_use]
    pub fn follow_from(&self, cause: &Cause) -> Vec<&Decision> {
        let moved = self.influences.iter().find(|it| it.cause == *cause).map(|it| &it.moved);
        self.plan.decisions.iter().filter(|it| moved.is_some_and(|moved| moved.contains(it.key))).collect()
    }
}

impl Influence {
    fn changes(&self, id: &str, line: usize) -> bool {
        self.lines.get(id).is_some_and(|lines| lines.as_ref().is_some_and(|lines| lines.contains(&line)))
    }

    fn removes(&self, id: &str) -> bool {
        self.lines.get(id).is_some_and(Option::is_none)
    }

    fn decision(&self) -> Option<&'static str> {
        match self.cause {
            Cause::Decision(key) => Some(key),
            _ => None,
        }
    }
}

/// The text of a file that was emitted.
fn text(contents: &[u8]) -> String {
    String::from_utf8_lossy(contents).into_owned()
}

#[cfg(test)]
mod tests;
