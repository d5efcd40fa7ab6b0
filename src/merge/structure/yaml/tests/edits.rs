//! Random edits of real files on both sides: nothing that a side added is lost, and what comes out is YAML.

use proptest::prelude::*;

use super::super::tree::{Block, FlowList, Line, Node, Shape, Value};
use super::super::{flow, segments};
use super::*;

/// One edit; what it touches follows from the numbers, modulo what there is.
#[derive(Clone, Copy, Debug)]
struct Edit {
    kind: Kind,
    block: usize,
    place: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    AddEntry,
    AddComment,
    AddTail,
    AddNote,
    AddToScript,
    AddToList,
    Change,
    Remove,
    Move,
}

/// Edits that only add entries.
const ADDING: &[Kind] = &[Kind::AddEntry];
const ANY: &[Kind] = &[
    Kind::AddEntry,
    Kind::AddComment,
    Kind::AddTail,
    Kind::AddNote,
    Kind::AddToScript,
    Kind::AddToList,
    Kind::Change,
    Kind::Remove,
    Kind::Move,
];

fn edits(kinds: &'static [Kind], most: usize) -> impl Strategy<Value = Vec<Edit>> {
    let edit = (prop::sample::select(kinds), 0..1000_usize, 0..1000_usize);
    prop::collection::vec(edit.prop_map(|(kind, block, place)| Edit { kind, block, place }), 1..=most)
}

fn example() -> impl Strategy<Value = String> {
    let paths = files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")));
    prop::sample::select(paths).prop_map(|path| std::fs::read_to_string(path).unwrap())
}

/// The text with the edits made, each marked by `token` and a number. None: it is no longer YAML, because an
/// anchor is gone.
fn apply(text: &str, edits: &[Edit], token: &str) -> Option<String> {
    let mut tree = segments::split(text)?;
    for (at, edit) in edits.iter().enumerate() {
        let mut left = edit.block % count(&tree);
        let (key, block) = nth(&mut tree, None, &mut left)?;
        make(*edit, key.as_deref(), block, &format!("{token}-{at}"));
    }
    let text = MergedBlock::from(tree).print(Mode::Yours);
    tree_of(&text).map(|_| text)
}

/// The block with this number, in the order of the text, and the key that it stands under.
fn nth<'a>(block: &'a mut Block, key: Option<&str>, left: &mut usize) -> Option<(Option<String>, &'a mut Block)> {
    if block.shape != Shape::Documents {
        if *left == 0 {
            return Some((key.map(str::to_owned), block));
        }
        *left -= 1;
    }
    block.nodes.iter_mut().find_map(|node| match &mut node.value {
        Value::Block(inner) => nth(inner, node.head.key.as_ref().and_then(Sem::text), left),
        _ => None,
    })
}

fn count(block: &Block) -> usize {
    let below = |node: &Node| match &node.value {
        Value::Block(inner) => count(inner),
        _ => 0,
    };
    usize::from(block.shape != Shape::Documents) + block.nodes.iter().map(below).sum::<usize>()
}

fn make(edit: Edit, key: Option<&str>, block: &mut Block, token: &str) {
    let place = edit.place % block.nodes.len();
    let comment = Line { shift: 0, text: format!("# {token}") };
    match edit.kind {
        Kind::AddEntry => {
            if let Some(node) = entry(block, key, token) {
                block.nodes.insert(edit.place % (block.nodes.len() + 1), node);
            }
        }
        Kind::AddComment => block.nodes[place].lead.push(comment),
        Kind::AddTail => block.tail.push(comment),
        Kind::AddNote => {
            let head = &mut block.nodes[place].head;
            let one_line = head.code.len() == 1 && !head.code[0].text.ends_with(['|', '>']);
            if head.note.is_empty() && one_line {
                head.note = format!(" # {token}");
            }
        }
        Kind::AddToScript => {
            if let Value::Body { lines, .. } = &mut block.nodes[place].value {
                let at = edit.place % (lines.len() + 1);
                lines.insert(at, Line { shift: 0, text: format!("echo {token}") });
            }
        }
        Kind::AddToList => {
            let head = &mut block.nodes[place].head;
            if let Some(FlowList { mut items, .. }) = head.list.clone() {
                items.push((token.to_owned(), scalar(token)));
                *head = flow::with_items(head, items).unwrap();
            }
        }
        Kind::Change => {
            let node = &mut block.nodes[place];
            let text = node.head.key.as_ref().and_then(Sem::text).map(|key| format!("{key}: {token}"));
            if let (Value::Inline, Some(text), 1) = (&node.value, text, node.head.code.len()) {
                node.head.code[0].text = text;
            }
        }
        Kind::Remove if block.nodes.len() > 1 => {
            block.nodes.remove(place);
        }
        Kind::Move => {
            let other = edit.block % block.nodes.len();
            block.nodes.swap(place, other);
        }
        Kind::Remove => {}
    }
}

fn scalar(text: &str) -> Sem {
    Sem::Scalar { text: text.to_owned(), plain: true, props: String::new() }
}

/// A new entry of the kind that the block has. None: an item of a command, whose order counts.
fn entry(block: &Block, key: Option<&str>, token: &str) -> Option<Node> {
    let text = match block.shape {
        Shape::Mapping => format!("x-{token}: {token}\n"),
        _ if block.nodes.iter().any(|node| matches!(node.value, Value::Block(_))) => {
            format!("- name: {token}\n  run: |\n    echo {token}\n")
        }
        _ if key.is_some_and(|key| ["command", "args", "test"].contains(&key)) => return None,
        _ => format!("- {token}\n"),
    };
    let mut documents = segments::split(&text).unwrap();
    match documents.nodes.pop().unwrap().value {
        Value::Block(mut block) => block.nodes.pop(),
        _ => None,
    }
}

/// The text as the user would keep it: outside of conflicts, and the user's side of each.
fn side_of(text: &str, theirs: bool) -> String {
    let (mut kept, mut side) = (String::new(), ' ');
    for line in text.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => side = 'y',
            Some("|||||||") => side = 'b',
            Some("=======") => side = 't',
            Some(">>>>>>>") => side = ' ',
            _ if side == ' ' || side == if theirs { 't' } else { 'y' } => kept += &format!("{line}\n"),
            _ => {}
        }
    }
    kept
}

/// The marks of a side that are in its text.
fn tokens(text: &str, token: &str) -> Vec<String> {
    (0..20).map(|at| format!("{token}-{at}")).filter(|token| text.contains(token.as_str())).collect()
}

fn check(base: &str, yours: &str, theirs: &str) -> Result<StructuredMerge, TestCaseError> {
    let merged = merge(&TextSides { base, yours, theirs }, &LABELS);
    prop_assert!(merged.is_some(), "base:\n{base}\nyours:\n{yours}\ntheirs:\n{theirs}");
    let merged = merged.unwrap();
    for (side, token, is_theirs) in [(yours, "mine", false), (theirs, "new", true)] {
        let kept = side_of(&merged.text, is_theirs);
        prop_assert!(raw::documents(&kept).is_some(), "{kept}");
        // A comment of the template goes with what the user deleted below it.
        let is_comment = |token: &String| side.contains(&format!("# {token}\n"));
        for token in tokens(side, token).into_iter().filter(|token| !is_theirs || !is_comment(token)) {
            prop_assert!(kept.contains(&token), "{token} is lost:\n{}", merged.text);
        }
    }
    Ok(merged)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_side_added_is_lost(base in example(), mine in edits(ANY, 8), new in edits(ANY, 8)) {
        if let (Some(yours), Some(theirs)) = (apply(&base, &mine, "mine"), apply(&base, &new, "new")) {
            let merged = check(&base, &yours, &theirs)?;
            if merged.conflicts == 0 {
                // The next upgrade starts from what was emitted now.
                let again = check(&theirs, &merged.text, &theirs)?;
                prop_assert_eq!(again.text, merged.text);
            }
        }
    }

    #[test]
    fn entries_that_only_come_never_conflict(base in example(), mine in edits(ADDING, 8), new in edits(ADDING, 8)) {
        let (yours, theirs) = (apply(&base, &mine, "mine").unwrap(), apply(&base, &new, "new").unwrap());
        let merged = check(&base, &yours, &theirs)?;
        prop_assert_eq!(merged.conflicts, 0, "{}", merged.text);
    }

    #[test]
    fn a_side_that_did_nothing_changes_nothing(base in example(), mine in edits(ANY, 8)) {
        if let Some(edited) = apply(&base, &mine, "mine") {
            prop_assert_eq!(&check(&base, &edited, &base)?.text, &edited);
            prop_assert_eq!(&check(&base, &base, &edited)?.text, &edited);
            prop_assert_eq!(&check(&base, &edited, &edited)?.text, &edited);
        }
    }

    #[test]
    fn damaged_text_is_merged_or_left_alone(base in example(), yours in damage(), theirs in damage()) {
        let (yours, theirs) = (damaged(&base, &yours), damaged(&base, &theirs));
        if let Some(merged) = merge(&TextSides { base: &base, yours: &yours, theirs: &theirs }, &LABELS) {
            for theirs in [false, true] {
                let kept = side_of(&merged.text, theirs);
                prop_assert!(raw::documents(&kept).is_some(), "{kept}");
            }
        }
    }
}

/// Pieces of text, and where they go.
fn damage() -> impl Strategy<Value = Vec<(usize, &'static str)>> {
    let pieces = vec![
        " ",
        "  ",
        "\n",
        "\n\n",
        "#",
        " # c",
        ":",
        ": ",
        "- ",
        "-",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a ",
        "!t ",
        "|",
        ">",
        "|2",
        "? ",
        "---\n",
        "...\n",
        "\t",
        "\u{e9}",
        "\u{1f600}",
        "%YAML 1.2\n",
        ",",
        "\\",
        "<<: *a\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
    ];
    prop::collection::vec((0..100_000_usize, prop::sample::select(pieces)), 1..4)
}

fn damaged(text: &str, damage: &[(usize, &str)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, piece) in damage {
        let at = at % (text.len() + 1);
        text.splice(at..at, piece.chars());
    }
    text.into_iter().collect::<String>().trim_end_matches('\n').to_owned() + "\n"
}
