//! Cases by hand; random edits of real files are in `edits`.

use super::*;

mod edits;

const LABELS: Labels<'_> = Labels { yours: "yours", base: "old", theirs: "new" };

fn merged(path: &str, base: &str, yours: &str, theirs: &str) -> StructuredMerge {
    merge(path, &TextSides { base, yours, theirs }, &LABELS).expect("this is JSON that can be merged")
}

/// The text of a merge that has no conflict and nothing to tell.
fn clean(base: &str, yours: &str, theirs: &str) -> String {
    let StructuredMerge { text, conflicts, notes } = merged("biome.jsonc", base, yours, theirs);
    assert_eq!((conflicts, notes), (0, Vec::new()), "{text}");
    text
}

const PACKAGE: &str = r#"{
  "name": "orders",
  "scripts": {
    "build": "tsc",
    "start": "node dist/server.js"
  },
  "dependencies": {
    "pg": "8.23.1",
    "zod": "4.6.7"
  }
}
"#;

/// The text with replacements; each must be found.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn keys_that_both_add_stand_side_by_side() {
    let yours = edited(
        PACKAGE,
        &[("\"4.6.7\"\n", "\"4.6.7\",\n    \"mine\": \"1.0.0\"\n"), ("\n}\n", ",\n  \"jest\": {}\n}\n")],
    );
    let theirs = edited(
        PACKAGE,
        &[("\"4.6.7\"\n", "\"4.6.7\",\n    \"new\": \"1.0.0\"\n"), ("  \"dep", "  \"type\": \"module\",\n  \"dep")],
    );
    let expected = edited(
        &yours,
        &[("\"4.6.7\",\n", "\"4.6.7\",\n    \"new\": \"1.0.0\",\n"), ("  \"dep", "  \"type\": \"module\",\n  \"dep")],
    );
    assert_eq!(clean(PACKAGE, &yours, &theirs), expected);
}

#[test]
fn text_of_theirs_takes_the_indentation_of_yours() {
    let tabs = PACKAGE.replace("    ", "\t\t").replace("  ", "\t");
    let theirs = edited(
        PACKAGE,
        &[("  \"scripts\"", "  \"files\": [\n    \"dist\",\n    {\n      \"a\": 1\n    }\n  ],\n  \"scripts\"")],
    );
    let expected = edited(
        &tabs,
        &[("\t\"scripts\"", "\t\"files\": [\n\t\t\"dist\",\n\t\t{\n\t\t\t\"a\": 1\n\t\t}\n\t],\n\t\"scripts\"")],
    );
    assert_eq!(clean(PACKAGE, &tabs, &theirs), expected);
}

#[test]
fn what_one_side_removes_goes_with_its_comma() {
    let yours = edited(PACKAGE, &[("  \"name\": \"orders\",\n", "  \"name\":   \"mine\" ,\n")]);
    let theirs = edited(PACKAGE, &[(",\n    \"zod\": \"4.6.7\"", ""), ("    \"build\": \"tsc\",\n", "")]);
    let expected = edited(&theirs, &[("  \"name\": \"orders\",\n", "  \"name\":   \"mine\" ,\n")]);
    assert_eq!(clean(PACKAGE, &yours, &theirs), expected);
    let without = edited(PACKAGE, &[("    \"build\": \"tsc\",\n    \"start\": \"node dist/server.js\"\n", "")]);
    assert_eq!(
        clean(PACKAGE, &yours, &without),
        edited(&yours, &[("{\n    \"build\": \"tsc\",\n    \"start\": \"node dist/server.js\"\n  }", "{}")])
    );
    assert_eq!(clean("{}\n", "{}\n", PACKAGE), PACKAGE);
    assert_eq!(
        clean("{\n\t\"a\": {}\n}\n", "{\n\t\"a\": { }\n}\n", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n"),
        "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n"
    );
}

#[test]
fn a_command_or_a_package_that_the_user_changed_stays() {
    let yours = edited(
        PACKAGE,
        &[
            ("\"node dist/server.js\"", "\"pm2 start\""),
            ("\"4.6.7\"", "\"workspace:*\""),
            ("    \"build\": \"tsc\",\n", ""),
        ],
    );
    let theirs = edited(PACKAGE, &[("dist/server.js", "dist/main.js"), ("4.6.7", "4.7.0"), ("\"tsc\"", "\"tsc -b\"")]);
    let package = merged("api/package.json", PACKAGE, &yours, &theirs);
    assert_eq!((package.text, package.conflicts), (yours.clone(), 0));
    let notes = [
        "scripts.start: yours is kept; the new one is \"node dist/main.js\"",
        "scripts.build: stays removed; the new one is \"tsc -b\"",
        "dependencies.zod: yours is kept; the new one is \"4.7.0\"",
    ];
    assert!(notes.iter().all(|note| package.notes.iter().any(|other| other == note)), "{:?}", package.notes);
    assert_eq!(package.notes.len(), 3);
    let gone = edited(PACKAGE, &[(",\n    \"zod\": \"4.6.7\"", "")]);
    let package = merged("package.json", PACKAGE, &yours, &gone);
    assert_eq!((package.text, package.conflicts), (yours, 0));
    assert_eq!(package.notes, ["dependencies.zod: yours is kept; the new version has none"]);
}

#[test]
fn what_conflicts_is_marked_and_nothing_around_it() {
    let yours = edited(PACKAGE, &[("\"orders\"", "\"mine\""), ("\"tsc\"", "\"swc\"")]);
    let theirs = edited(PACKAGE, &[("\"orders\"", "\"new\""), ("\"8.23.1\"", "\"8.24.0\"")]);
    let marked = "\n<<<<<<< yours\n  \"name\": \"mine\",\n||||||| old\n  \"name\": \"orders\",\n=======\n  \"name\": \"new\",\n>>>>>>> new\n";
    let expected = edited(&yours, &[("\n  \"name\": \"mine\",\n", marked), ("\"8.23.1\"", "\"8.24.0\"")]);
    let merged = merged("package.json", PACKAGE, &yours, &theirs);
    assert_eq!((merged.text, merged.conflicts), (expected, 1));
}

#[test]
fn a_conflict_in_one_line_takes_the_whole_line() {
    let text = |value: u8| format!("{{\n  \"a\": {{ \"b\": {value} }},\n  \"c\": [[{value}]]\n}}\n");
    let merged = merged("x.json", &text(1), &text(2), &text(3));
    let expected = "{\n<<<<<<< yours\n  \"a\": { \"b\": 2 },\n||||||| old\n  \"a\": { \"b\": 1 },\n=======\n  \"a\": { \"b\": 3 },\n>>>>>>> new\n<<<<<<< yours\n  \"c\": [[2]]\n||||||| old\n  \"c\": [[1]]\n=======\n  \"c\": [[3]]\n>>>>>>> new\n}\n";
    assert_eq!((merged.text.as_str(), merged.conflicts), (expected, 2));
    let one_line = |value: u8| format!("{{\"a\": {value}}}\n");
    assert!(
        merge("x.json", &TextSides { base: &one_line(1), yours: &one_line(2), theirs: &one_line(3) }, &LABELS)
            .is_none()
    );
}

#[test]
fn arrays_of_scalars_are_sets() {
    let text = |lib: &str, include: &str| format!("{{\n  \"lib\": [{lib}],\n  \"include\": [\n{include}\n  ]\n}}\n");
    let base = text("\"a\", \"b\"", "    \"src\",\n    \"test\"");
    let yours = text("\"b\", \"mine\"", "    \"src\",\n    // Ours.\n    \"test\",\n    \"mine\",");
    let theirs = text("\"new\", \"a\", \"b\"", "    \"src\",\n    \"new\",\n    \"test\"");
    let expected =
        text("\"new\", \"b\", \"mine\"", "    \"src\",\n    \"new\",\n    // Ours.\n    \"test\",\n    \"mine\",");
    assert_eq!(clean(&base, &yours, &theirs), expected);
    assert_eq!(clean("[1]", "[ 1, 2 ]", "[1, 3]"), "[ 1, 3, 2 ]");
    assert_eq!(clean("[1]", "[1]", "[]"), "[]");
    assert_eq!(clean("[\n  1\n]", "[\n  1 // Mine.\n]", "[\n  2\n]"), "[\n  1, // Mine.\n  2\n]");
}

#[test]
fn comments_and_trailing_commas_stay_and_new_comments_come() {
    let base = "// Head.\n{\n  \"a\": 1,\n  \"b\": 2\n}\n";
    let yours = "// Head.\n{\n  // Mine.\n  \"a\": 1, // One.\n  \"b\": 2, /* two */\n  // The end.\n}\n";
    let theirs =
        "// Head.\n// Of two lines.\n{\n  // Why.\n  \"a\": 1,\n  \"b\": 3,\n  // New.\n  \"c\": 4 // four\n}\n";
    let expected = "// Head.\n// Of two lines.\n{\n  // Mine.\n  // Why.\n  \"a\": 1, // One.\n  \"b\": 3, /* two */\n  // New.\n  \"c\": 4, // four\n  // The end.\n}\n";
    assert_eq!(clean(base, yours, theirs), expected);
    assert_eq!(
        clean("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1 // one\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n"),
        "{\n  \"a\": 1, // one\n  \"b\": 2\n}\n"
    );
}

#[test]
fn names_are_compared_as_they_read() {
    assert_eq!(
        clean("{\n  \"a\": 1\n}\n", "{\n  \"\\u0061\": 1\n}\n", "{\n  \"a\": 2\n}\n"),
        "{\n  \"\\u0061\": 2\n}\n"
    );
}

#[test]
fn what_is_not_json_is_left_to_the_lines() {
    let help = |yours| merge("x.json", &TextSides { base: "{}", yours, theirs: "{\"a\": 1}" }, &LABELS);
    for yours in ["", "{", "{\"a\": 1, \"a\": 2}", "{a: 1}", "{'a': 1}", "{} {}", "// nothing", "{\"a\" 1}"] {
        assert!(help(yours).is_none(), "{yours}");
    }
}
