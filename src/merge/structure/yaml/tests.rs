//! Cases by hand; random edits of real files are in `edits`.

use crate::merge::{Labels, StructuredMerge, TextSides};

use super::*;

mod edits;

const LABELS: Labels<'_> = Labels { yours: "yours", base: "old", theirs: "new" };

fn merged(base: &str, yours: &str, theirs: &str) -> StructuredMerge {
    merge(&TextSides { base, yours, theirs }, &LABELS).expect("this is YAML that can be followed")
}

/// The text of a merge that has no conflict.
fn clean(base: &str, yours: &str, theirs: &str) -> String {
    let merged = merged(base, yours, theirs);
    assert_eq!(merged.conflicts, 0, "{}", merged.text);
    merged.text
}

#[test]
fn every_yaml_file_of_the_examples_prints_back() {
    let mut seen = 0;
    for path in files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(tree_of(&text).is_some(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 40);
}

fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let of = |path: std::path::PathBuf| match path.extension().and_then(|extension| extension.to_str()) {
        _ if path.is_dir() => files(&path),
        Some("yaml" | "yml") => vec![path],
        _ => Vec::new(),
    };
    entries.flat_map(of).collect()
}

const WORKFLOW: &str = "\
name: CI

on:
  pull_request:

jobs:
  # Fast.
  check:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@a1 # v7
      - run: npm ci
      - name: Test
        run: |
          npm test
          npm run build

  image:
    needs: [check]
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@a1 # v7
";

/// The text with replacements; each must be found.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn steps_that_both_add_at_one_place_stand_side_by_side() {
    let step = |name: &str| format!("      - run: npm ci\n      # Why {name}.\n      - run: npm run {name}\n");
    let yours = edited(WORKFLOW, &[("      - run: npm ci\n", &step("mine"))]);
    let theirs = edited(WORKFLOW, &[("      - run: npm ci\n", &step("new"))]);
    let both = "      - run: npm ci\n      # Why new.\n      - run: npm run new\n      # Why mine.\n      - run: npm run mine\n";
    assert_eq!(clean(WORKFLOW, &yours, &theirs), edited(WORKFLOW, &[("      - run: npm ci\n", both)]));
}

#[test]
fn jobs_and_keys_that_both_add_do_not_conflict() {
    let end = "      - uses: actions/checkout@a1 # v7\n";
    let job = |name: &str| format!("\n  {name}:\n    runs-on: {name}\n    steps: []\n");
    let with = |name: &str| {
        let text = edited(WORKFLOW, &[("on:\n", &format!("env:\n  {name}: x\n\non:\n"))]);
        text.strip_suffix(end).unwrap().to_owned() + end + &job(name)
    };
    let expected = edited(WORKFLOW, &[("on:\n", "env:\n  mine: x\n  new: x\n\non:\n")]) + &job("new") + &job("mine");
    assert_eq!(clean(WORKFLOW, &with("mine"), &with("new")), expected);
}

#[test]
fn a_step_that_both_change_is_merged_by_key_and_its_script_by_line() {
    let yours =
        edited(WORKFLOW, &[("        run: |\n", "        env:\n          CI: 1\n        run: |\n          set -x\n")]);
    let theirs = edited(
        WORKFLOW,
        &[("        run: |\n", "        timeout-minutes: 5\n        run: |\n"), (" build\n", " build:all\n")],
    );
    let both = "        timeout-minutes: 5\n        env:\n          CI: 1\n        run: |\n          set -x\n          npm test\n          npm run build:all\n";
    let expected = edited(WORKFLOW, &[("        run: |\n          npm test\n          npm run build\n", both)]);
    assert_eq!(clean(WORKFLOW, &yours, &theirs), expected);
}

#[test]
fn the_first_line_of_a_step_may_change_on_both_sides() {
    let yours = edited(WORKFLOW, &[("      - name: Test\n", "      - if: always()\n        name: Test\n")]);
    let theirs = edited(WORKFLOW, &[("      - name: Test\n", "      - id: test\n        name: Test\n")]);
    let both = "      - if: always()\n        id: test\n        name: Test\n";
    assert_eq!(clean(WORKFLOW, &yours, &theirs), edited(WORKFLOW, &[("      - name: Test\n", both)]));
    let yours = edited(
        WORKFLOW,
        &[("      - name: Test\n        run: |\n", "      - run: |\n"), (" build\n", " build\n        name: Test\n")],
    );
    let theirs = edited(WORKFLOW, &[("      - name: Test\n", "      - name: Test\n        shell: sh\n")]);
    let expected = edited(&yours, &[("        name: Test\n", "        name: Test\n        shell: sh\n")]);
    assert_eq!(clean(WORKFLOW, &yours, &theirs), expected);
}

#[test]
fn text_of_theirs_takes_the_indentation_of_yours() {
    let yours = "jobs:\n    check:\n        steps:\n        -   run: npm ci\n        -   name: Test\n            run: |\n                npm test\n    mine:\n        steps:\n        -   run: x\n";
    let base =
        "jobs:\n  check:\n    steps:\n      - run: npm ci\n      - name: Test\n        run: |\n          npm test\n";
    let theirs = "jobs:\n  check:\n    steps:\n      - run: npm ci\n      - name: New\n        run: |\n          if x; then\n            y\n          fi\n      - name: Test\n        run: |\n          npm test\n  new:\n    with:\n      a: 1\n    steps:\n      - run: y\n";
    let expected = "jobs:\n    check:\n        steps:\n        -   run: npm ci\n        -   name: New\n            run: |\n                if x; then\n                  y\n                fi\n        -   name: Test\n            run: |\n                npm test\n    new:\n        with:\n            a: 1\n        steps:\n        -   run: y\n    mine:\n        steps:\n        -   run: x\n";
    assert_eq!(clean(base, yours, theirs), expected);
}

#[test]
fn what_conflicts_is_marked_and_nothing_around_it() {
    let yours = edited(WORKFLOW, &[("- name: Test\n", "- name: My test\n"), ("contents: read", "contents: write")]);
    let theirs = edited(WORKFLOW, &[("- name: Test\n", "- name: All tests\n"), ("  image:\n", "  image: # new\n")]);
    let marked = "\
<<<<<<< yours
      - name: My test
||||||| old
      - name: Test
=======
      - name: All tests
>>>>>>> new
        run: |
";
    let expected =
        edited(&yours, &[("      - name: My test\n        run: |\n", marked), ("  image:\n", "  image: # new\n")]);
    let merged = merged(WORKFLOW, &yours, &theirs);
    assert_eq!((merged.text, merged.conflicts), (expected, 1));
}

#[test]
fn what_one_side_removes_goes_if_the_other_left_it_alone() {
    let without_ci = edited(WORKFLOW, &[("      - run: npm ci\n", "")]);
    let renamed =
        edited(WORKFLOW, &[("- run: npm ci\n", "- run: npm ci\n        shell: sh\n"), ("# Fast.", "# Slow.")]);
    assert_eq!(
        clean(WORKFLOW, &without_ci, &edited(WORKFLOW, &[("# Fast.", "# Slow.")])),
        edited(&without_ci, &[("# Fast.", "# Slow.")])
    );
    let conflict = merged(WORKFLOW, &renamed, &without_ci);
    let marked = "<<<<<<< yours\n      - run: npm ci\n        shell: sh\n||||||| old\n      - run: npm ci\n=======\n>>>>>>> new\n";
    assert!(conflict.text.contains(marked), "{}", conflict.text);
    assert_eq!(conflict.conflicts, 1);
}

#[test]
fn lists_of_scalars_are_sets_and_commands_are_not() {
    let text = |ports: &str, caps: &str| format!("services:\n  app:\n    ports:\n{ports}    cap_drop: [{caps}]\n");
    let base = text("      - \"80:80\"\n", "ALL");
    let yours = text("      - \"80:80\"\n      - \"1:1\"\n", "ALL, A");
    let theirs = text("      - \"80:80\"\n      - \"2:2\"\n", "ALL, B");
    assert_eq!(
        clean(&base, &yours, &theirs),
        text("      - \"80:80\"\n      - \"2:2\"\n      - \"1:1\"\n", "ALL, B, A")
    );
    let command = |words: &str| format!("db:\n  command:\n    - postgres\n{words}");
    let merged = merged(&command(""), &command("    - -c\n    - a=1\n"), &command("    - -c\n    - b=1\n"));
    assert_eq!(merged.conflicts, 1);
    let option = |name: &str| format!("    - -c\n    - {name}=1\n");
    let (a, b, c) = (option("a"), option("b"), option("c"));
    let base = command(&format!("{a}    - -d\n"));
    let yours = command(&format!("{b}{a}    - -d\n"));
    let theirs = command(&format!("{a}    - -d\n{c}"));
    assert_eq!(clean(&base, &yours, &theirs), command(&format!("{b}{a}    - -d\n{c}")));
}

#[test]
fn documents_are_matched_by_the_object_that_they_describe() {
    let object = |name: &str, more: &str| format!("kind: Policy\nmetadata:\n  name: {name}\n{more}");
    let base = format!("{}---\n{}", object("a", ""), object("b", "spec: 1\n"));
    let yours =
        format!("{}---\n{}---\n# My own.\n{}", object("b", "spec: 1\nmine: 1\n"), object("a", ""), object("c", ""));
    let theirs = format!("{}---\n{}---\n{}", object("a", "new: 1\n"), object("n", ""), object("b", "spec: 2\n"));
    let expected = format!(
        "{}---\n{}---\n{}---\n# My own.\n{}",
        object("b", "spec: 2\nmine: 1\n"),
        object("a", "new: 1\n"),
        object("n", ""),
        object("c", "")
    );
    assert_eq!(clean(&base, &yours, &theirs), expected);
}

#[test]
fn comments_at_the_end_of_a_block_stay_there() {
    let base = "a:\n  b: 1\n\nc: 1\n";
    let yours = "a:\n  b: 1\n  # d: off\n\n# About c.\nc: 1\n# The end.\n";
    let theirs = "a:\n  b: 1\n  e: 1\n\nf: 1\n\nc: 2\n";
    assert_eq!(clean(base, yours, theirs), "a:\n  b: 1\n  e: 1\n  # d: off\n\nf: 1\n\n# About c.\nc: 2\n# The end.\n");
}

#[test]
fn anchors_aliases_tags_and_quotes_are_text_that_stays() {
    let base = "x-app: &app\n  init: true\n\nservices:\n  app:\n    <<: *app\n    \"on\": !!str 1\n";
    let yours =
        edited(base, &[("  init: true\n", "  init: true\n  mine: 1\n"), ("    <<: *app\n", "    <<: *app # all\n")]);
    let theirs = edited(
        base,
        &[
            ("  init: true\n", "  init: false\n"),
            ("!!str 1", "!!str 2"),
            ("services:\n", "services:\n  db:\n    <<: *app\n\n"),
        ],
    );
    let expected = "x-app: &app\n  init: false\n  mine: 1\n\nservices:\n  db:\n    <<: *app\n\n  app:\n    <<: *app # all\n    \"on\": !!str 2\n";
    assert_eq!(clean(base, &yours, &theirs), expected);
}

#[test]
fn a_result_that_would_not_read_back_is_left_to_the_lines() {
    let sides = |base, yours, theirs| merge(&TextSides { base, yours, theirs }, &LABELS);
    // The anchor goes, and a new alias of it comes.
    assert!(sides("a: &x 1\nb: 2\n", "b: 2\n", "a: &x 1\nb: 2\nc: *x\n").is_none());
    assert!(sides("a: 1\n", "a: 1\na: 2\n", "a: 3\n").is_none());
    assert!(sides("a: 1\n", "a: [\n", "a: 3\n").is_none());
}

#[test]
fn a_comment_inside_of_a_flow_mapping_stays_or_conflicts() {
    let with = |comments: &str| format!("limits: {{\n{comments}  cpu: 1 }}\n");
    let merged = merged(&with("  # old\n"), &with("  # mine\n  # old\n"), &with("  # new\n"));
    assert_eq!(merged.conflicts, 1);
    assert!(merged.text.contains("# mine") && merged.text.contains("# new"), "{}", merged.text);
}

#[test]
fn what_is_written_in_rare_ways_is_one_piece() {
    for piece in [
        "k: |2\n    text\n   more\n",
        "k:\n  ? complex\n  : value\n",
        "k: {a: 1,\n  b: 2}\n",
        "k: \"a\n  # b\"\n",
        "k: plain\n  more\n",
        "k:\n  &a\n  b: 1\n",
        "- - a\n  - b\n",
        "-\n  a: 1\n",
        "- |\n  a\n",
        "? a\n: b\n",
        "k: |+\n  a\n\n",
        "k: &a |\n  a\n",
    ] {
        assert!(tree_of(piece).is_some(), "{piece}");
    }
    let (base, yours, theirs) =
        ("k: {a: 1,\n  b: 2}\nn: 1\n", "k: {a: 1,\n  b: 3}\nn: 1\n", "k: {a: 1,\n  b: 2}\nn: 2\n");
    assert_eq!(clean(base, yours, theirs), "k: {a: 1,\n  b: 3}\nn: 2\n");
}
