//! Two texts with no common ancestor in one: markers around every place where they differ.

use imara_diff::{Algorithm, Diff, InternedInput};

const BOM: &str = "\u{feff}";

/// Both texts, with diff3 markers and an empty base around each difference, in the line endings of `yours`;
/// and the number of differences. Text only.
pub(super) fn two_way(label: &str, yours: &[u8], theirs: &[u8]) -> (Vec<u8>, usize) {
    let (yours, theirs) = (String::from_utf8_lossy(yours), String::from_utf8_lossy(theirs));
    let mark = if yours.starts_with(BOM) { BOM } else { "" };
    let crlf = yours.contains("\r\n");
    let (yours, theirs) = (plain(&yours), plain(&theirs));
    let input = InternedInput::new(yours.as_str(), theirs.as_str());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let (before, after): (Vec<&str>, Vec<&str>) =
        (yours.split_inclusive('\n').collect(), theirs.split_inclusive('\n').collect());
    let (mut out, mut at, mut count) = (String::new(), 0, 0);
    for hunk in diff.hunks() {
        let range = |range: std::ops::Range<u32>| range.start as usize..range.end as usize;
        let (mine, new) = (range(hunk.before), range(hunk.after));
        out.extend(before[at..mine.start].iter().copied());
        at = mine.end;
        let (mine, new) = (before[mine].concat(), after[new].concat());
        out.push_str(&format!(
            "<<<<<<< yours\n{mine}||||||| nothing before\n=======\n{new}>>>>>>> seaworthy ({label})\n"
        ));
        count += 1;
    }
    out.extend(before[at..].iter().copied());
    let out = if crlf { out.replace('\n', "\r\n") } else { out };
    (format!("{mark}{out}").into_bytes(), count)
}

/// Without byte order mark, with LF endings and a final one.
fn plain(text: &str) -> String {
    let mut text = text.strip_prefix(BOM).unwrap_or(text).replace("\r\n", "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::find_marker;

    #[test]
    fn every_difference_is_marked_and_the_line_endings_stay() {
        let (text, count) = two_way("a", b"1\r\nmine\r\n3\r\n4\r\n", b"1\nnew\n3\n4\n5\n");
        let expected = "1\n<<<<<<< yours\nmine\n||||||| nothing before\n=======\nnew\n>>>>>>> seaworthy (a)\n3\n4\n\
                        <<<<<<< yours\n||||||| nothing before\n=======\n5\n>>>>>>> seaworthy (a)\n";
        assert_eq!(String::from_utf8(text.clone()).unwrap(), expected.replace('\n', "\r\n"));
        assert_eq!((count, find_marker(&text)), (2, Some(2)));
        assert_eq!(two_way("a", b"1\n", b"1\n"), (b"1\n".to_vec(), 0));
    }
}
