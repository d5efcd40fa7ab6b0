use super::*;
use crate::merge::{Labels, Sides, merge};

const LABELS: Labels<'_> = Labels { yours: "yours", base: "old", theirs: "new" };
const A: &str = "3d3c42e5aac5ba805825da76410c181273ba90b1";
const B: &str = "820762786026740c76f36085b0efc47a31fe5020";
const C: &str = "dbcb813823bdd20940b903addbd779551569679f";

/// The keys and versions that are found in a file.
fn found(path: &str, text: &str) -> Vec<String> {
    let lines = split(text);
    find::slots(path, &lines).iter().map(|slot| format!("{} {}", slot.key, slot.version())).collect()
}

/// Merges without a conflict; the notes go with the text.
fn merged(path: &str, [base, yours, theirs]: [&str; 3]) -> (String, Vec<String>) {
    let sides = Sides { base: base.as_bytes(), yours: yours.as_bytes(), theirs: theirs.as_bytes() };
    let result = merge(path, &sides, &LABELS);
    let text = String::from_utf8(result.contents).unwrap();
    assert_eq!(result.conflicts, 0, "{text}");
    (text, result.notes)
}

/// Merges one line that differs; the result and no note.
fn line(path: &str, sides: [&str; 3]) -> String {
    let (text, notes) = merged(path, sides);
    assert_eq!(notes, Vec::<String>::new(), "{text}");
    text
}

#[test]
fn versions_are_found_where_bots_look_for_them() {
    let ci = format!(
        "      - uses: actions/checkout@{A} # v7.0.1\n        uses: \"a/b/c@v4\" # keep\n      - uses: $/x.yml\n      - uses: ./local\n      \
         - uses: docker://alpine:3.8\n          version: v1.36.3\n          node-version: [22, '24']\n          go-version:\n            \
         - '1.22'\n            # none\n            - 1.23\n          other: 1.2\n      - 1.24\nversion: 2\n"
    );
    assert_eq!(
        found(".github/workflows/ci.yml", &ci),
        [
            "actions/checkout v7.0.1",
            "a/b/c v4",
            "alpine 3.8",
            "version v1.36.3",
            "node-version[] 22",
            "node-version[] 24",
            "go-version[] 1.22",
            "go-version[] 1.23"
        ]
    );
    let digest = format!("sha256:{}", "0".repeat(64));
    let dockerfile = format!(
        "FROM --platform=linux/amd64 node:24-trixie-slim AS base\nFROM base AS npm\nARG NPM_VERSION=11.19.1\nARG BASE=registry.example:5000/x/node:24@{digest}\n\
         COPY --from=base /a /b\nCOPY --from=busybox:1.36 /a:1 /b\nRUN npm install --global npm@11.19.1 && cargo install x --version =0.1.0\n"
    );
    assert_eq!(
        found("Dockerfile", &dockerfile),
        [
            "node 24-trixie-slim",
            "NPM_VERSION 11.19.1",
            "registry.example:5000/x/node 24",
            "busybox 1.36",
            "npm@ 11.19.1",
            "version 0.1.0"
        ]
    );
    let compose = format!(
        "    image: edoburu/pgbouncer:v1.25.2-p0@{digest}\n    image: orders:local\n    image: ${{IMAGE:?set}}\n    ports: [\"127.0.0.1:5432:5432\"]\n    newTag: 1.2.3\n    digest: {digest}\n"
    );
    assert_eq!(
        found("compose.yaml", &compose),
        ["edoburu/pgbouncer v1.25.2-p0", "tag 1.2.3", &format!("digest {digest}")]
    );
    assert_eq!(found(".nvmrc", "24\n"), ["version 24"]);
    assert_eq!(found("a.ts", "const API_VERSION = \"v1\"; // mail@10.0.0.1 npm@11.1.0\n"), ["npm@ 11.1.0"]);
}

#[test]
fn ranges_are_found_in_package_json() {
    let text = r#"{
  "name": "a@1.0.0", "version": "0.0.0",
  "packageManager": "npm@11.19.1",
  "engines": { "node": ">=24" },
  "scripts": { "pg": "1.0.0" },
  "dependencies": {
    "pg": "^8.23.1", "git": "git+https://example.com/a.git", "q\"": "1 || 2"
  },
  "devDependencies": {"typescript": "7.0.2"}
}
"#;
    assert_eq!(
        found("app/package.json", text),
        [
            "npm@ 11.19.1",
            "engines node >=24",
            "dependencies pg ^8.23.1",
            "dependencies q\\\" 1 || 2",
            "devDependencies typescript 7.0.2"
        ]
    );
}

#[test]
fn the_newer_side_wins() {
    let from = |tag: &str| format!("FROM node:{tag} AS base\n");
    for (base, yours, theirs, result) in [
        ("24.1-slim", "24.2-slim", "24.3-slim", "24.3-slim"),
        ("24.1-slim", "24.3-slim", "24.2-slim", "24.3-slim"),
        ("24-slim", "24-slim", "26-slim", "26-slim"),
        ("24-slim", "26-slim", "25-slim", "26-slim"),
        // One that says less covers the other.
        ("23-slim", "24-slim", "24.1-slim", "24-slim"),
        // The base is no vote: a version that was taken back stays so where only one side did it.
        ("24.3-slim", "24.2-slim", "24.3-slim", "24.2-slim"),
        ("24.3-slim", "24.3-slim", "24.2-slim", "24.2-slim"),
    ] {
        assert_eq!(line("Dockerfile", [&from(base), &from(yours), &from(theirs)]), from(result));
    }
}

#[test]
fn a_choice_that_does_not_compare_is_kept_and_told() {
    let image = |tag: &str| format!("    image: postgres:{tag}\n");
    let (text, notes) = merged("compose.yaml", [&image("17.11-trixie"), &image("17.12-alpine"), &image("18.0-trixie")]);
    assert_eq!(text, image("17.12-alpine"));
    assert_eq!(notes, ["postgres: 17.12-alpine is kept; whether 18.0-trixie is newer cannot be told"]);
    let (text, notes) = merged("compose.yaml", [&image("17.11"), &image("16"), &image("18.0")]);
    assert_eq!(text, image("18.0"));
    assert_eq!(notes, ["postgres: 16 gives way to 18.0"]);
}

#[test]
fn another_image_is_an_edit_that_a_bump_does_not_touch() {
    let image = |name: &str| format!("services:\n  cache:\n    image: {name}\n    restart: always\n");
    let sides = [image("redis:8.10.1"), image("valkey/valkey:8.1"), image("redis:8.11.0")];
    assert_eq!(line("x.conf", [&sides[0], &sides[1], &sides[2]]), sides[1]);
    assert_eq!(line("x.conf", [&sides[0], &sides[2], &sides[1]]), sides[1]);
}

#[test]
fn commit_and_comment_move_together() {
    let uses = |commit: &str, rest: &str| format!("      - uses: actions/checkout@{commit}{rest}\n");
    let sides = [uses(A, " # v7.0.1"), uses(B, " # v7.0.2"), uses(C, " # v7.1.0")];
    assert_eq!(line("ci.yml", [&sides[0], &sides[1], &sides[2]]), sides[2]);
    // The user's spacing and words stay.
    let yours = uses(B, "   # tag=v7.0.2 keep in step");
    assert_eq!(line("ci.yml", [&sides[0], &yours, &sides[2]]), uses(C, "   # v7.1.0 keep in step"));
    // A tag in place of a commit.
    assert_eq!(line("ci.yml", [&sides[0], &uses("v7", ""), &sides[2]]), uses("v7", ""));
    assert_eq!(line("ci.yml", [&sides[0], &uses("v7.0.2", ""), &uses(C, " # v8.0.0")]), uses(C, " # v8.0.0"));
}

#[test]
fn quotes_around_an_action_stay_in_place() {
    let base = format!("      - uses: actions/checkout@{A} # v7.0.1\n");
    let theirs = format!("      - uses: actions/checkout@{C} # v7.1.0\n");
    for yours in [
        format!("      - uses: \"actions/checkout@{A}\" # v7.0.1\n"),
        "      - uses: \"actions/checkout@v7.0.2\"\n".to_owned(),
    ] {
        let expected = format!("      - uses: \"actions/checkout@{C}\" # v7.1.0\n");
        assert_eq!(line("ci.yml", [&base, &yours, &theirs]), expected);
    }
}

#[test]
fn tag_and_digest_move_together() {
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let image = |tag: &str, digit: &str| format!("    image: redis:{tag}@{}\n", digest(digit));
    let sides = [image("8.1", "1"), image("8.3", "2"), image("8.2", "3")];
    assert_eq!(line("compose.yaml", [&sides[0], &sides[1], &sides[2]]), sides[1]);
    let apart =
        |tag: &str, digit: &str| format!("images:\n  - name: a\n    newTag: {tag}\n    digest: {}\n", digest(digit));
    let sides = [apart("8.1", "1"), apart("8.2", "2"), apart("8.3", "3")];
    assert_eq!(line("kustomization.yaml", [&sides[0], &sides[1], &sides[2]]), sides[2]);
    assert_eq!(line("kustomization.yaml", [&sides[0], &sides[2], &sides[1]]), sides[2]);
}

#[test]
fn an_edit_beside_a_bump_does_not_conflict() {
    let base =
        format!("steps:\n  - uses: a/checkout@{A} # v1\n    with:\n      depth: 1\n  - uses: a/node@{A} # v1.2\n");
    let bumped =
        format!("steps:\n  - uses: a/checkout@{B} # v2\n    with:\n      depth: 1\n  - uses: a/node@{B} # v1.3\n");
    let edited = format!(
        "steps:\n  - uses: a/checkout@{A} # v1\n    with:\n      depth: 0\n  - name: Node\n    uses: a/node@{A} # v1.2\n    if: true\n"
    );
    let both = format!(
        "steps:\n  - uses: a/checkout@{B} # v2\n    with:\n      depth: 0\n  - name: Node\n    uses: a/node@{B} # v1.3\n    if: true\n"
    );
    assert_eq!(line("steps.txt", [&base, &bumped, &edited]), both);
    assert_eq!(line("steps.txt", [&base, &edited, &bumped]), both);
    // Nor does an edit in the line itself, or the removal of it.
    let from = |rest: &str| format!("FROM node:{rest}\nUSER 1\n");
    assert_eq!(
        line("Dockerfile", [&from("24.1 AS base"), &from("24.2 AS base"), &from("24.1 AS build")]),
        from("24.2 AS build")
    );
    assert_eq!(line("Dockerfile", [&from("24.1"), "USER 1\n", &from("24.2")]), "USER 1\n");
    assert_eq!(line("Dockerfile", [&from("24.1"), &from("24.2"), "USER 1\n"]), "USER 1\n");
}

#[test]
fn a_step_that_theirs_adds_has_what_the_bot_raised_everywhere() {
    let step = |commit: &str, version: &str, name: &str| {
        format!("  - uses: a/checkout@{commit} # {version}\n    name: {name}\n")
    };
    let base = step(A, "v1", "x") + "middle\n" + &step(A, "v1", "y");
    let yours = step(B, "v2", "x") + "middle\n" + &step(B, "v2", "y");
    let theirs = base.clone() + "end\n" + &step(A, "v1", "z");
    assert_eq!(line("steps.txt", [&base, &yours, &theirs]), yours + "end\n" + &step(B, "v2", "z"));
}

#[test]
fn the_same_line_added_by_both_has_the_newer_version() {
    let theirs = format!("a\n  - uses: a/cache@{A} # v1\nb\n");
    let yours = format!("a\n  - uses: a/cache@{B} # v2\nb\n");
    assert_eq!(line("steps.txt", ["a\nb\n", &yours, &theirs]), yours);
    assert_eq!(line("steps.txt", ["a\nb\n", &theirs, &yours]), yours);
}

#[test]
fn lists_of_versions_are_edited_and_bumped() {
    let list = |versions: &[&str]| {
        let lines: String = versions.iter().flat_map(|version| ["      - ", version, "\n"]).collect();
        format!("    node-version:\n{lines}    fail-fast: false\n")
    };
    // An element that the user put in front is not the first one bumped.
    assert_eq!(
        line("x.txt", [&list(&["22", "24"]), &list(&["20", "22", "24"]), &list(&["23", "24"])]),
        list(&["20", "23", "24"])
    );
    assert_eq!(line("x.txt", [&list(&["22", "24"]), &list(&["22", "26"]), &list(&["22", "25"])]), list(&["22", "26"]));
    let flow = |versions: &str| format!("node-version: [{versions}]\n");
    assert_eq!(line("x.txt", [&flow("22, 24"), &flow("22, 24, 26"), &flow("22, 25")]), flow("22, 25, 26"));
    assert_eq!(line("x.txt", [&flow("22.1, 24.1"), &flow("22.2, 24.1"), &flow("22.1, 24.3")]), flow("22.2, 24.3"));
}

#[test]
fn a_range_keeps_the_operator_that_the_user_gave_it() {
    let package = |range: &str| format!("{{\n  \"dependencies\": {{\n    \"pg\": \"{range}\"\n  }}\n}}\n");
    for (base, yours, theirs, result) in [
        ("8.1.0", "^8.1.0", "8.2.0", "^8.2.0"),
        ("8.1.0", "^8.3.0", "8.2.0", "^8.3.0"),
        ("8.1.0", "8.2.0-rc.1", "8.2.0", "8.2.0"),
    ] {
        assert_eq!(line("package.json", [&package(base), &package(yours), &package(theirs)]), package(result));
    }
    let (text, _) = merged("package.json", [&package("8.1.0"), &package(">=8 <10"), &package("9.0.0")]);
    assert_eq!(text, package(">=8 <10"));
}

#[test]
fn drift_in_pins_is_told_from_an_edit() {
    let differs = |a: &str, b: &str| differs_only_in_pins("Dockerfile", a.as_bytes(), b.as_bytes());
    assert!(differs("FROM node:24-slim\nRUN npm i -g npm@11.1.0\n", "FROM node:25-slim\r\nRUN npm i -g npm@11.2.0"));
    assert!(!differs("FROM node:24-slim\n", "FROM node:24-slim\r\n"));
    assert!(!differs("FROM node:24-slim\n", "FROM nodes:24-slim\n"));
    assert!(!differs("FROM node:24-slim\n", "FROM node:25-slim\n\n"));
    assert!(!differs("FROM node:24-slim\n", "FROM node:latest\n"));
    let uses = |rest: &str| format!("      - uses: actions/checkout@{rest}\n");
    assert!(differs(&uses(&format!("{A} # v7.0.1")), &uses("v8")));
    assert!(!differs_only_in_pins("a", b"\xff1.2.3", b"\xff1.2.4"));
}
