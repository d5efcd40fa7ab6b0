//! What changes in one file, for people: a unified diff in the form of git's.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::step::{Action, Step};
use crate::merge::is_binary;
use crate::render::file_set::Mode;

/// What the run does to a file on disk; empty where it does nothing.
#[must_use]
pub fn of_step(step: &Step) -> String {
    let mut out = String::new();
    let (path, before) = match &step.now {
        Some((place, yours)) => (place.as_str(), Some(yours)),
        None => (step.change.path.as_str(), None),
    };
    let (old, mode) = before.map_or((&[][..], step.change.mode), |yours| (yours.contents.as_slice(), yours.mode));
    if step.action != Action::Leave {
        let is_removed = step.action == Action::Remove;
        let to = if is_removed { path } else { step.change.path.as_str() };
        out.push_str(&format!("diff --git a/{path} b/{to}\n"));
        out.push_str(&match (before, is_removed) {
            (None, _) => format!("new file mode {}\n", git_mode(step.change.mode)),
            (Some(_), true) => format!("deleted file mode {}\n", git_mode(mode)),
            (Some(_), false) => moved(path, to, mode, step.change.mode),
        });
        let from_name = before.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
        let to_name = if is_removed { "/dev/null".to_owned() } else { format!("b/{to}") };
        let new = if is_removed { &[][..] } else { step.change.contents.as_slice() };
        out.push_str(&unified(&from_name, &to_name, old, new));
    }
    if let Some((path, theirs)) = step.beside() {
        out.push_str(&format!("diff --git a/{path} b/{path}\nnew file mode {}\n", git_mode(Mode::Regular)));
        out.push_str(&unified("/dev/null", &format!("b/{path}"), &[], &theirs));
    }
    out
}

/// What changed in the starter of a file that the user has to change by hand; empty where nothing did.
#[must_use]
pub fn of_starter(step: &Step) -> String {
    let Some((before, now)) = &step.starter else { return String::new() };
    let path = &step.change.path;
    unified(&format!("{path} (starter, as it was emitted)"), &format!("{path} (starter, as it is now)"), before, now)
}

fn moved(from: &str, to: &str, old: Mode, new: Mode) -> String {
    let mut out = String::new();
    if old != new {
        out.push_str(&format!("old mode {}\nnew mode {}\n", git_mode(old), git_mode(new)));
    }
    if from != to {
        out.push_str(&format!("rename from {from}\nrename to {to}\n"));
    }
    out
}

fn git_mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Regular => "100644",
        Mode::Executable => "100755",
    }
}

/// The differing lines of two texts with three lines around them; empty when there are none.
#[must_use]
pub fn unified(from: &str, to: &str, before: &[u8], after: &[u8]) -> String {
    if before == after {
        return String::new();
    }
    if is_binary(before) || is_binary(after) {
        return format!("Binary files {from} and {to} differ\n");
    }
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    format!("--- {from}\n+++ {to}\n{}", hunks(&before, &after))
}

/// Equal lines that are shown around a difference.
const CONTEXT: usize = 3;

/// Differences that stand together, since the lines between them are few.
#[derive(Clone, Copy)]
struct Group<'a> {
    hunks: &'a [(Range<usize>, Range<usize>)],
}

fn hunks(before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    let hunks: Vec<_> = diff.hunks().map(|hunk| (range(hunk.before), range(hunk.after))).collect();
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let groups = hunks.chunk_by(|one, next| next.0.start - one.0.end <= 2 * CONTEXT);
    groups.map(|hunks| Group { hunks }.text(&before, &after)).collect()
}

impl Group<'_> {
    fn text(self, before: &[&str], after: &[&str]) -> String {
        let [(first_before, first_after), ..] = self.hunks else { return String::new() };
        let lead = first_before.start.min(CONTEXT);
        let (start, new_start) = (first_before.start - lead, first_after.start - lead);
        let (mut at, mut added, mut body) = (start, 0, String::new());
        for (old, new) in self.hunks {
            push(&mut body, ' ', &before[at..old.start]);
            push(&mut body, '-', &before[old.clone()]);
            push(&mut body, '+', &after[new.clone()]);
            added += new.len();
            at = old.end;
        }
        let end = (at + CONTEXT).min(before.len());
        push(&mut body, ' ', &before[at..end]);
        let removed: usize = self.hunks.iter().map(|(old, _)| old.len()).sum();
        let length = end - start;
        format!("@@ -{} +{} @@\n{body}", place(start, length), place(new_start, length - removed + added))
    }
}

/// Where the lines of one side start, counted from 1, and how many there are; of none, the line before.
fn place(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

fn push(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn differing_lines_stand_between_three_equal_ones() {
        let before = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        let expected = "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(unified("a/x", "b/x", before, after), expected);
        assert_eq!(unified("a/x", "b/x", before, before), "");
        assert_eq!(unified("a/x", "b/x", b"\0", b"\0\0"), "Binary files a/x and b/x differ\n");
    }

    #[test]
    fn a_missing_final_newline_is_told_as_git_does() {
        let told = unified("a", "b", b"x\n", b"x");
        assert_eq!(told, "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n");
    }

    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof!["a", "b", "c", "", "x y"];
        (prop::collection::vec(line, 0..30), any::<bool>())
            .prop_map(|(lines, newline)| lines.join("\n") + if newline { "\n" } else { "" })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// What is printed is a patch: git takes it, and it gives the new text.
        #[test]
        fn git_applies_what_is_printed(before in lines(), after in lines()) {
            prop_assume!(before != after && !before.is_empty() && !after.is_empty());
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("x"), &before).unwrap();
            fs::write(dir.path().join("patch"), unified("a/x", "b/x", before.as_bytes(), after.as_bytes())).unwrap();
            let output = Command::new("git").args(["apply", "patch"]).current_dir(dir.path()).output().unwrap();
            prop_assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            prop_assert_eq!(fs::read_to_string(dir.path().join("x")).unwrap(), after);
        }
    }
}
