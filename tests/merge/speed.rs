//! The time that a merge takes does not grow with the square of the text.

use std::time::{Duration, Instant};

use super::edits::merged;

const SHORT: usize = 1000;
const TIMES: usize = 8;

/// Merges in the shortest of three tries.
fn time(sides: &[String; 3]) -> Duration {
    let once = || {
        let start = Instant::now();
        assert!(!merged("deploy.txt", &sides[0], &sides[1], &sides[2]).contents.is_empty());
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// Checks that what is eight times as long takes nowhere near 64 times as long, or is too fast to tell.
fn grows_in_proportion(what: &str, sides: impl Fn(usize) -> [String; 3]) {
    let (short, long) = (time(&sides(SHORT)), time(&sides(SHORT * TIMES)));
    assert!(long < short * 40 || long < Duration::from_secs(1), "{what}: {short:?} became {long:?}");
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).flat_map(|index| [line(index), "\n".to_owned()]).collect()
}

#[test]
fn long_files() {
    let base = |count| lines(count, |index| format!("line {index}"));
    let edited = |count, at, word: &str| {
        lines(count, |index| format!("line{} {index}", if index % 20 == at { word } else { "" }))
    };
    grows_in_proportion("changes everywhere", |count| {
        [base(count), edited(count, 3, " of yours"), edited(count, 13, " of theirs")]
    });
    let rewritten = |count, word: &str| lines(count, |index| format!("{word} {index}"));
    grows_in_proportion("other files altogether", |count| {
        [base(count), rewritten(count, "yours"), rewritten(count, "theirs")]
    });
    let backwards = |count| lines(count, |index| format!("line {}", count - 1 - index));
    grows_in_proportion("the order reversed", |count| [base(count), backwards(count), edited(count, 13, " of theirs")]);
}

#[test]
fn repetitive_files() {
    let same = |count| lines(count, |_| "same".to_owned());
    grows_in_proportion("more of the same", |count| {
        [same(count), same(2 * count), same(count) + "end\n" + &same(count)]
    });
    let image = |count, tag| lines(count, |_| format!("    image: node:{tag}-slim"));
    grows_in_proportion("bumps", |count| [image(count, 24), image(count, 25), image(count, 26)]);
    let list = |count, by| format!("node-version:\n{}", lines(count, |index| format!("  - {}", index * by)));
    grows_in_proportion("a list of versions", |count| [list(count, 1), list(count, 2), list(count, 3)]);
    let step = |index: usize, version: usize, word: &str| {
        format!("  - uses: actions/checkout@v{version}.0.0\n    with:\n      depth: {index}\n    # {word}")
    };
    let steps = |count, version, word: &str| lines(count / 4, |index| step(index, version, word));
    grows_in_proportion("a workflow", |count| [steps(count, 1, "a"), steps(count, 2, "a"), steps(count, 3, "b")]);
}

#[test]
fn long_lines() {
    let word = |count, word: &str| word.repeat(count) + "\n";
    for (what, words) in [
        ("versions", ["a@1.2 ", "b:v1 ", "version=1 "]),
        ("one word", ["@", "=:", "\""]),
        ("brackets", ["version:[1,", "image:", "[ ] "]),
    ] {
        grows_in_proportion(what, |count| words.map(|text| word(100 * count, text)));
    }
}
