//! Every class, decided on trees in memory.

use std::collections::BTreeMap;

use super::*;
use crate::apply::lock::{Lock, Locked, Standing};
use crate::merge;
use crate::render::file_set::{EmittedFile, Mode};
use crate::upgrade::step::Conflict;
use crate::upgrade::view::Yours;

#[derive(Default)]
struct Tree(BTreeMap<String, Seen>);

impl View for Tree {
    fn look(&self, path: &str) -> anyhow::Result<Seen> {
        Ok(self.0.get(path).cloned().unwrap_or(Seen::Absent))
    }

    fn is_same(&self, _: &str, _: &str) -> bool {
        false
    }

    fn search<'a>(&self, wanted: &[&'a [u8]]) -> anyhow::Result<BTreeMap<&'a [u8], Vec<String>>> {
        let mut found: BTreeMap<&[u8], Vec<String>> = BTreeMap::new();
        for (path, seen) in &self.0 {
            let Seen::File(yours) = seen else { continue };
            if let Some(wanted) = wanted.iter().find(|wanted| **wanted == yours.contents) {
                found.entry(wanted).or_default().push(path.clone());
            }
        }
        Ok(found)
    }
}

const OLD: &str = "one\ntwo\nthree\nfour\nfive\n";
const NEW: &str = "one\ntwo\nthree\nfour\nFIVE\n";
const EDITED: &str = "ONE\ntwo\nthree\nfour\nfive\n";
const CLASHING: &str = "one\ntwo\nthree\nfour\nsix\n";

/// A tree that was emitted, changed by hand, and is emitted anew. Files are written `PATH` -> text; the id is the
/// path unless another one is given as `id=PATH`.
struct Case {
    lock: Lock,
    disk: Tree,
    theirs: Vec<EmittedFile>,
}

fn named(name: &str) -> (String, String) {
    let (id, path) = name.split_once('=').unwrap_or((name, name));
    (id.to_owned(), path.to_owned())
}

fn emitted(name: &str, text: &[u8], policy: Policy) -> EmittedFile {
    let (id, path) = named(name);
    EmittedFile { id, path, contents: text.to_vec(), mode: Mode::Regular, policy }
}

fn case() -> Case {
    Case { lock: Lock { version: "0.1.0".into(), files: BTreeMap::new() }, disk: Tree::default(), theirs: Vec::new() }
}

impl Case {
    fn base(mut self, name: &str, text: &str) -> Self {
        let file = emitted(name, text.as_bytes(), Policy::Merge);
        self.lock.files.insert(file.id.clone(), Locked::of(&file));
        self
    }

    fn recorded(mut self, name: &str, change: impl Fn(&mut Locked)) -> Self {
        change(self.lock.files.get_mut(&named(name).0).unwrap());
        self
    }

    fn once(self, name: &str) -> Self {
        self.recorded(name, |file| file.policy = Policy::Once)
    }

    fn yours(self, path: &str, text: &str) -> Self {
        self.bytes(path, text.as_bytes())
    }

    fn bytes(mut self, path: &str, contents: &[u8]) -> Self {
        self.disk.0.insert(path.into(), Seen::File(Yours { contents: contents.to_vec(), mode: Mode::Regular }));
        self
    }

    fn link(mut self, path: &str) -> Self {
        self.disk.0.insert(path.into(), Seen::Other("it is a symbolic link".into()));
        self
    }

    fn theirs(mut self, name: &str, text: &str) -> Self {
        self.theirs.push(emitted(name, text.as_bytes(), Policy::Merge));
        self
    }

    fn theirs_once(mut self, name: &str, text: &str) -> Self {
        self.theirs.push(emitted(name, text.as_bytes(), Policy::Once));
        self
    }

    fn steps(&self) -> Vec<Step> {
        let theirs = FileSet::new(self.theirs.clone()).unwrap();
        let labels = Labels { yours: "yours", base: "before", theirs: "now" };
        classify(&self.lock, &[], &theirs, &self.disk, &labels).unwrap()
    }

    /// `path class` of each step, with ` < FROM` where it moves.
    fn told(&self) -> Vec<String> {
        let tell = |step: Step| {
            let from = step.change.from.map(|from| format!(" < {from}")).unwrap_or_default();
            format!("{} {}{from}", step.change.path, step.change.class.name())
        };
        self.steps().into_iter().map(tell).collect()
    }

    fn step(&self) -> Step {
        let mut steps = self.steps();
        assert_eq!(steps.len(), 1, "{steps:#?}");
        steps.remove(0)
    }
}

/// One file at `a`: base, yours, theirs.
fn one(base: &str, yours: &str, theirs: &str) -> Case {
    let case = case().theirs("a", theirs);
    let case = if base.is_empty() { case } else { case.base("a", base) };
    if yours.is_empty() { case } else { case.yours("a", yours) }
}

#[test]
fn the_class_of_one_file_follows_from_its_three_versions() {
    let crlf = OLD.replace('\n', "\r\n");
    for (base, yours, theirs, class, reason) in [
        ("", "", NEW, Class::Create, None),
        ("", NEW, NEW, Class::Adopted, Some("it is there with the same text")),
        ("", OLD, NEW, Class::Blocked, Some("a file of yours with another text is there")),
        (OLD, OLD, OLD, Class::Unchanged, None),
        (OLD, OLD, NEW, Class::Update, None),
        (OLD, &crlf, OLD, Class::Unchanged, None),
        (OLD, &crlf, NEW, Class::Update, None),
        (OLD, NEW, NEW, Class::Unchanged, None),
        (OLD, EDITED, OLD, Class::Unchanged, Some("your edits stay")),
        (OLD, EDITED, NEW, Class::Merge, None),
        (OLD, CLASHING, NEW, Class::Conflict, None),
        (OLD, "", NEW, Class::UserDeleted, Some("you deleted it, and it stays deleted")),
        ("FROM a:1.0\n", "FROM a:1.1\n", "FROM a:1.0\n", Class::PinOnly, Some("your versions stay")),
        ("FROM a:1.0\n", "FROM a:1.2\n", "FROM a:1.1\n", Class::PinOnly, Some("your versions are newer")),
        ("FROM a:1.0\n", "FROM a:1.1\n", "FROM a:1.2\n", Class::Merge, None),
        (OLD, "", OLD, Class::UserDeleted, Some("you deleted it, and it stays deleted")),
    ] {
        let step = one(base, yours, theirs).step();
        assert_eq!(
            (step.change.class, step.change.reason.as_deref()),
            (class, reason),
            "{base:?} {yours:?} {theirs:?}"
        );
    }
}

#[test]
fn an_update_keeps_the_line_endings_of_the_file() {
    let step = one(OLD, &OLD.replace('\n', "\r\n"), NEW).step();
    assert_eq!(step.change.contents, NEW.replace('\n', "\r\n").into_bytes());
    assert_eq!(step.record.unwrap().base, NEW.as_bytes());
}

#[test]
fn a_conflict_keeps_the_old_base_until_it_is_resolved() {
    let step = one(OLD, CLASHING, NEW).step();
    let record = step.record.unwrap();
    assert_eq!(record.base, OLD.as_bytes());
    assert_eq!(record.pending().unwrap().contents, NEW.as_bytes());
    assert_eq!(step.change.conflicts, 1);
    assert!(merge::find_marker(&step.change.contents).is_some());
}

#[test]
fn binary_files_are_kept_and_the_new_one_lies_beside() {
    let case = |base: &[u8], yours: &[u8], theirs: &[u8]| {
        let mut case = case().bytes("img/logo.png", yours);
        case.theirs.push(emitted("logo=img/logo.png", theirs, Policy::Merge));
        let file = emitted("logo=img/logo.png", base, Policy::Merge);
        case.lock.files.insert(file.id.clone(), Locked::of(&file));
        case
    };
    let step = case(b"\0a", b"\0b", b"\0c").step();
    assert_eq!((step.change.class, step.action), (Class::Conflict, Action::Leave));
    let beside = Conflict::Beside { path: "img/logo.seaworthy-new.png".into(), theirs: b"\0c".to_vec() };
    assert_eq!(step.conflict, Some(beside));
    assert_eq!(case(b"\0a", b"\0a", b"\0c").step().change.class, Class::Update);
    assert_eq!(case(b"\0a", b"\0b", b"\0a").step().change.class, Class::Unchanged);
    let taken = case(b"\0a", b"\0b", b"\0c").yours("img/logo.seaworthy-new.png", "mine");
    assert_eq!(taken.told(), ["img/logo.png blocked"]);
}

#[test]
fn what_is_emitted_no_more_goes_only_when_it_was_not_edited() {
    assert_eq!(case().base("a", OLD).yours("a", OLD).told(), ["a delete"]);
    assert_eq!(case().base("a", OLD).yours("a", &OLD.replace('\n', "\r\n")).told(), ["a delete"]);
    assert_eq!(case().base("a", "image: a:1.0\n").yours("a", "image: a:1.1\n").told(), ["a kept"]);
    let kept = case().base("a", OLD).yours("a", EDITED).step();
    assert_eq!(kept.change.class, Class::Kept);
    let record = kept.record.unwrap();
    assert_eq!((record.standing, record.base.as_slice()), (Standing::Dropped, OLD.as_bytes()));
    assert_eq!(case().base("a", OLD).step().record, None);
}

#[test]
fn what_was_dropped_and_kept_is_merged_when_it_comes_back() {
    let dropped = case().base("a", OLD).recorded("a", |file| file.standing = Standing::Dropped).yours("a", EDITED);
    assert_eq!(dropped.told(), ["a unchanged"]);
    assert_eq!(dropped.theirs("a", NEW).told(), ["a merge"]);
}

#[test]
fn files_that_are_written_once_are_never_touched_again() {
    let starter = || case().base("a", OLD).once("a").yours("a", OLD);
    let newer = starter().theirs_once("a", NEW);
    let step = newer.step();
    assert_eq!((step.change.class, step.action), (Class::Kept, Action::Leave));
    assert_eq!(step.starter, Some((OLD.into(), NEW.into())));
    let told = step.record.unwrap();
    let again = Case { lock: Lock { files: BTreeMap::from([("a".into(), told)]), ..newer.lock }, ..newer };
    assert_eq!(again.told(), ["a unchanged"]);

    assert_eq!(starter().told(), ["a kept"]);
    assert_eq!(case().base("a", OLD).once("a").theirs_once("a", NEW).told(), ["a user-deleted"]);
    assert_eq!(starter().theirs_once("a=b", NEW).told(), ["a kept"]);
    assert_eq!(case().yours("a", EDITED).theirs_once("a", NEW).told(), ["a kept"]);
    assert_eq!(case().link("a").theirs_once("a", NEW).told(), ["a kept"]);
    // One that is kept current now has its base in the lock.
    assert_eq!(case().base("a", OLD).once("a").yours("a", EDITED).theirs("a", NEW).told(), ["a merge"]);
}

#[test]
fn a_rename_takes_the_edits_along() {
    let step = case().base("id=a", OLD).yours("a", EDITED).theirs("id=b", NEW).step();
    assert_eq!(
        (step.change.class, step.change.path.as_str(), step.change.from.as_deref()),
        (Class::Renamed, "b", Some("a"))
    );
    assert_eq!(step.change.contents, b"ONE\ntwo\nthree\nfour\nFIVE\n");
    let conflict = case().base("id=a", OLD).yours("a", CLASHING).theirs("id=b", NEW);
    assert_eq!(conflict.told(), ["b conflict < a"]);
}

#[test]
fn renames_may_swap_and_follow_each_other_but_take_nobodys_place() {
    let two = || case().base("x=a", OLD).base("y=b", "other\n").yours("a", OLD).yours("b", "other\n");
    assert_eq!(two().theirs("x=b", OLD).theirs("y=a", "other\n").told(), ["a renamed < b", "b renamed < a"]);
    assert_eq!(two().theirs("x=b", OLD).theirs("y=c", "other\n").told(), ["b renamed < a", "c renamed < b"]);
    assert_eq!(two().theirs("x=b", OLD).told(), ["b renamed < a", "b delete"]);
    assert_eq!(case().base("x=a", OLD).yours("a", OLD).yours("b", "mine").theirs("x=b", OLD).told(), ["a blocked"]);
    let kept = case().base("x=a", OLD).base("y=b", OLD).yours("a", OLD).yours("b", EDITED).theirs("x=b", OLD);
    assert_eq!(kept.told(), ["a blocked", "b kept"]);
    assert_eq!(
        two().theirs("y=c", "other\n").theirs("x=a", OLD).theirs("z=b", NEW).told(),
        ["a unchanged", "b create", "c renamed < b"]
    );
}

#[test]
fn an_id_that_changes_at_the_same_path_is_the_same_file() {
    assert_eq!(case().base("old=a", OLD).yours("a", EDITED).theirs("new=a", NEW).told(), ["a merge"]);
    let detached = case().base("old=a", OLD).recorded("old=a", |file| file.standing = Standing::Detached);
    assert_eq!(detached.yours("a", EDITED).theirs("new=a", NEW).told(), ["a detached"]);
}

#[test]
fn a_file_that_the_user_moved_is_followed_when_there_is_no_doubt() {
    let moved = || case().base("a", OLD).yours("sub/a", OLD);
    let step = moved().theirs("a", OLD).step();
    assert_eq!((step.change.class, step.action), (Class::Moved, Action::Leave));
    assert_eq!(step.record.unwrap().moved_to.as_deref(), Some("sub/a"));
    assert_eq!(moved().theirs("a", NEW).told(), ["sub/a update < a"]);
    assert_eq!(moved().yours("copy", OLD).theirs("a", NEW).told(), ["a user-deleted"]);
    assert_eq!(case().base("a", OLD).yours("sub/a", EDITED).theirs("a", NEW).told(), ["a user-deleted"]);
    let twins = case().base("a", OLD).base("b", OLD).yours("c", OLD).theirs("a", NEW).theirs("b", NEW);
    assert_eq!(twins.told(), ["a user-deleted", "b user-deleted"]);
    let owned = case().base("a", OLD).base("b", OLD).yours("b", OLD).theirs("a", NEW).theirs("b", OLD);
    assert_eq!(owned.told(), ["a user-deleted", "b unchanged"]);
}

#[test]
fn a_file_that_was_followed_stays_where_the_user_has_it() {
    let followed = |theirs: &str| {
        let case = case().base("a", OLD).recorded("a", |file| file.moved_to = Some("sub/a".into()));
        case.yours("sub/a", EDITED).theirs(theirs, NEW)
    };
    assert_eq!(followed("a").told(), ["sub/a merge"]);
    assert_eq!(followed("a=b").told(), ["sub/a merge"]);
    assert_eq!(followed("a=b").step().record.unwrap().path, "b");
}

#[test]
fn links_are_in_the_way_only_when_there_is_something_to_do() {
    assert_eq!(case().base("a", OLD).link("a").theirs("a", OLD).told(), ["a unchanged"]);
    assert_eq!(case().base("a", OLD).link("a").theirs("a", NEW).told(), ["a blocked"]);
    assert_eq!(case().link("a").theirs("a", NEW).told(), ["a blocked"]);
    assert_eq!(case().base("a", OLD).link("a").told(), ["a kept"]);
}

#[test]
fn the_executable_bit_is_merged_on_its_own() {
    let executable = |mut case: Case| {
        case.theirs[0].mode = Mode::Executable;
        case
    };
    let step = executable(one(OLD, OLD, OLD)).step();
    assert_eq!((step.change.class, step.change.mode, step.action), (Class::Update, Mode::Executable, Action::Write));
    let mut yours = one(OLD, EDITED, OLD);
    yours.disk.0.insert("a".into(), Seen::File(Yours { contents: EDITED.into(), mode: Mode::Executable }));
    assert_eq!((yours.step().change.class, yours.step().action), (Class::Unchanged, Action::Leave));
    let mut taken = executable(one(OLD, OLD, OLD));
    taken.lock.files.get_mut("a").unwrap().mode = Mode::Executable;
    assert_eq!((taken.step().change.class, taken.step().change.mode), (Class::Unchanged, Mode::Regular));
}

#[test]
fn markers_are_told_unless_they_are_part_of_the_text() {
    let marked = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n";
    let step = one(OLD, marked, OLD).step();
    assert_eq!((step.change.class, step.change.line), (Class::Conflict, Some(1)));
    assert!(step.is_unresolved());
    assert_eq!(one(marked, marked, marked).step().change.class, Class::Unchanged);
    assert_eq!(one(OLD, "Title\n=======\n", OLD).step().change.class, Class::Unchanged);
}

#[test]
fn what_is_detached_is_left_alone() {
    let detached = || case().base("a", OLD).recorded("a", |file| file.standing = Standing::Detached);
    assert_eq!(detached().yours("a", EDITED).theirs("a", NEW).told(), ["a detached"]);
    assert_eq!(detached().theirs("a", NEW).told(), ["a detached"]);
    assert!(detached().step().record.is_some());
}
