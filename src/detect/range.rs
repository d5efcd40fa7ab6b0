//! Which Node.js majors a version or a range of npm means.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Majors that are told apart; nothing older runs and nothing newer is planned.
pub(crate) const MAJORS: RangeInclusive<u32> = 4..=40;

/// Whether a range of a package manager's versions takes some version of a major; `None` for what is no range.
pub(crate) fn takes_major(text: &str, major: u32) -> Option<bool> {
    let mut takes = false;
    for part in text.split("||") {
        takes |= alternative(part.trim(), 1..=99)?.contains(&major);
    }
    Some(takes)
}

/// Code names of long-term versions, as `nvm` takes them.
const LTS: [(&str, u32); 6] =
    [("fermium", 14), ("gallium", 16), ("hydrogen", 18), ("iron", 20), ("jod", 22), ("krypton", 24)];

/// The majors of a text such as `22`, `v22.3.0`, `lts/jod`, `>=20 <25`, `^22 || ^24`; `None` for what names none.
pub(crate) fn majors(text: &str) -> Option<BTreeSet<u32>> {
    let text = text.trim();
    if let Some(name) = text.strip_prefix("lts/") {
        let (_, major) = LTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        return Some(BTreeSet::from([*major]));
    }
    let mut found = BTreeSet::new();
    for part in text.split("||") {
        found.extend(alternative(part.trim(), MAJORS)?);
    }
    Some(found)
}

/// One side of `||`: every comparison in it holds.
fn alternative(text: &str, all: RangeInclusive<u32>) -> Option<Vec<u32>> {
    if let Some((low, high)) = text.split_once(" - ") {
        let (low, high) = (number(low)?.0, number(high)?.0);
        return Some(all.filter(|major| (low..=high).contains(major)).collect());
    }
    let spaced = ["<=", ">=", "<", ">", "^", "~", "="]
        .iter()
        .fold(text.to_owned(), |text, sign| text.replace(&format!("{sign} "), sign));
    let mut majors: Vec<u32> = all.collect();
    for comparison in spaced.split_whitespace() {
        let (sign, version) = comparison.split_at(comparison.find(|c: char| !"<>=^~".contains(c))?);
        if matches!(version, "*" | "x" | "X") {
            continue;
        }
        let (major, is_exact_major) = number(version)?;
        majors.retain(|it| match sign {
            ">=" => *it >= major,
            // Above 22.1 there is more of 22.
            ">" => {
                if is_exact_major {
                    *it > major
                } else {
                    *it >= major
                }
            }
            "<=" => *it <= major,
            "<" => {
                if is_exact_major {
                    *it < major
                } else {
                    *it <= major
                }
            }
            _ => *it == major,
        });
    }
    Some(majors)
}

/// The major of a version, and whether nothing but zeros follows it.
fn number(version: &str) -> Option<(u32, bool)> {
    let mut parts = version.trim().trim_start_matches(['v', 'V']).split('.');
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.all(|part| matches!(part, "0" | "x" | "X" | "*"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_takes_a_major_or_not() {
        for (text, takes) in [("^10", true), ("10.20.0", true), (">=9", true), ("^9 || ^11", false), ("1.x", false)] {
            assert_eq!(takes_major(text, 10), Some(takes), "{text}");
        }
        assert_eq!(takes_major("latest", 10), None);
    }

    #[test]
    fn ranges_mean_majors() {
        let of = |text: &str| {
            majors(text).map(|set| set.into_iter().filter(|it| (18..=26).contains(it)).collect::<Vec<_>>())
        };
        for (text, expected) in [
            ("22", vec![22]),
            ("v22.3.1\n", vec![22]),
            ("lts/Jod", vec![22]),
            ("^22.1 || >=24", vec![22, 24, 25, 26]),
            (">=20 <25", vec![20, 21, 22, 23, 24]),
            (">= 20.0.0 < 24.5", vec![20, 21, 22, 23, 24]),
            ("20.x", vec![20]),
            ("18 - 20", vec![18, 19, 20]),
            (">22", vec![23, 24, 25, 26]),
            ("*", vec![18, 19, 20, 21, 22, 23, 24, 25, 26]),
        ] {
            assert_eq!(of(text), Some(expected), "{text}");
        }
        for text in ["lts/*", "node", "latest", "", "stable"] {
            assert!(majors(text).is_none_or(|set| set.len() > 1), "{text}");
        }
    }
}
