//! What holds for every merge.

use proptest::prelude::*;
use seaworthy::merge::find_marker;

use super::edits::{Case, case, edit, is_new, merged, text};

fn new_lines<'a>(text: &'a str, whose: &str) -> Vec<&'a str> {
    text.lines().filter(|line| is_new(line, whose)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_side_added_is_lost(Case { base, yours, theirs } in case(edit, 8)) {
        let result = merged("file.txt", &base, &yours, &theirs);
        let result_text = text(&result);
        let lines: Vec<&str> = result_text.lines().collect();
        for line in new_lines(&yours, "yours").into_iter().chain(new_lines(&theirs, "theirs")) {
            prop_assert!(lines.contains(&line), "{line} is missing in\n{result_text}");
        }
        prop_assert_eq!(find_marker(&result.contents).is_some(), result.conflicts > 0);
        prop_assert_eq!(lines.iter().filter(|line| line.starts_with("<<<<<<< ")).count(), result.conflicts);
    }

    /// By structure as well. There a comment of theirs goes with the entry that the user took out.
    #[test]
    fn nothing_that_the_user_added_is_lost_in_yaml(Case { base, yours, theirs } in case(edit, 4)) {
        let result = text(&merged("file.yaml", &base, &yours, &theirs));
        let lines: Vec<&str> = result.lines().map(str::trim_start).collect();
        for line in new_lines(&yours, "yours") {
            prop_assert!(lines.contains(&line.trim_start()), "{line} is missing in\n{result}");
        }
    }

    #[test]
    fn a_side_without_changes_changes_nothing(Case { base, yours, theirs } in case(edit, 8)) {
        for (sides, expected) in [
            ([&base, &yours, &base], &yours),
            ([&base, &base, &theirs], &theirs),
            ([&base, &yours, &yours], &yours),
        ] {
            let result = merged("file.txt", sides[0], sides[1], sides[2]);
            prop_assert_eq!(result.conflicts, 0);
            prop_assert_eq!(&text(&result), expected);
        }
    }

    #[test]
    fn a_second_merge_changes_nothing(Case { base, yours, theirs } in case(edit, 4)) {
        let first = text(&merged("file.txt", &base, &yours, &theirs));
        let second = merged("file.txt", &theirs, &first, &theirs);
        prop_assert_eq!(second.conflicts, 0);
        prop_assert_eq!(text(&second), first);
    }

    #[test]
    fn sides_can_change_places(Case { base, yours, theirs } in case(edit, 4)) {
        let (there, back) = (merged("file.txt", &base, &yours, &theirs), merged("file.txt", &base, &theirs, &yours));
        prop_assert_eq!(there.conflicts, back.conflicts);
        if there.conflicts == 0 {
            prop_assert_eq!(text(&there), text(&back));
        }
    }

    #[test]
    fn the_shape_is_that_of_yours(Case { base, yours, theirs } in case(edit, 4), bom: bool, crlf: bool, newline: bool) {
        let shaped = |text: &str| {
            let text = if newline { text } else { text.strip_suffix('\n').unwrap_or(text) };
            let text = if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
            if bom { format!("\u{feff}{text}") } else { text }
        };
        // A text of one line without an end says nothing about line endings.
        prop_assume!(shaped(&yours).contains('\n'));
        // Of two ends of line at the end, the first is an empty line's: without the second it would end the text.
        prop_assume!(newline || !yours.ends_with("\n\n"));
        let plain = merged("file.txt", &base, &yours, &theirs);
        let other = merged("file.txt", &base, &shaped(&yours), &theirs);
        prop_assert_eq!(plain.conflicts, other.conflicts);
        prop_assert_eq!(text(&other), shaped(&text(&plain)));
    }
}
