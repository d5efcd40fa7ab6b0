//! What changes in one file, for people: a unified diff in the form of git's.

use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};

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
    let input = InternedInput::new(before.as_ref(), after.as_ref());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let printer = BasicLineDiffPrinter(&input.interner);
    format!("--- {from}\n+++ {to}\n{}", diff.unified_diff(&printer, UnifiedDiffConfig::default(), &input))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(told, "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n+x\n\\ No newline at end of file\n");
    }
}
