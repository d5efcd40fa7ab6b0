//! A bot's bumps against random edits.

use proptest::prelude::*;

use super::edits::{Case, case, edit, merged, text};

/// The text with every action and every image of it at a newer version, as a bot would leave it.
fn bumped(text: &str) -> String {
    text.lines().flat_map(|line| [bumped_line(line), "\n".to_owned()]).collect()
}

fn bumped_line(line: &str) -> String {
    let trimmed = line.trim_start_matches([' ', '-']);
    if let Some((action, version)) =
        line.split_once(" # v").filter(|_| trimmed.starts_with("uses: ") && line.contains('@'))
    {
        let (name, commit) = action.split_once('@').unwrap();
        let (major, rest) = version.split_once('.').unwrap();
        let commit: String = commit.chars().rev().collect();
        return format!("{name}@{commit} # v{}.{rest}", major.parse::<u32>().unwrap() + 1);
    }
    for (start, name) in [("FROM ", "node"), ("image: ", "postgres"), ("image: ", "redis"), ("image: ", "caddy")] {
        if let Some(rest) = trimmed.strip_prefix(start).and_then(|image| image.strip_prefix(name)?.strip_prefix(':')) {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
            let before = &line[..line.len() - rest.len()];
            return format!("{before}{}{}", rest[..digits].parse::<u32>().unwrap() + 1, &rest[digits..]);
        }
    }
    line.to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bumps_and_edits_are_both_there(Case { base, yours, theirs } in case(edit, 6)) {
        for (sides, expected) in [
            ([&base, &bumped(&base), &theirs], bumped(&theirs)),
            ([&base, &yours, &bumped(&base)], bumped(&yours)),
        ] {
            let result = merged("ci.txt", sides[0], sides[1], sides[2]);
            prop_assert_eq!(result.conflicts, 0, "{}", text(&result));
            prop_assert_eq!(text(&result), expected);
        }
    }

    #[test]
    fn bumps_make_no_conflict(Case { base, yours, theirs } in case(edit, 6)) {
        let plain = merged("ci.txt", &base, &yours, &theirs);
        for (yours, theirs) in [(bumped(&yours), theirs.clone()), (yours, bumped(&theirs))] {
            prop_assert_eq!(merged("ci.txt", &base, &yours, &theirs).conflicts, plain.conflicts);
        }
    }
}

#[test]
fn the_golden_trees_have_something_to_bump() {
    let bumps: usize = super::edits::emitted_files()
        .iter()
        .map(|file| file.lines().filter(|line| bumped_line(line) != **line).count())
        .sum();
    assert!(bumps > 40, "{bumps}");
}
