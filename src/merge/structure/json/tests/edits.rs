//! Random edits of real files on both sides, and what comes out compared with a merge of the bare values.

use proptest::prelude::*;

use super::super::tree::{Container, Entry, Item, Sem, Value};
use super::*;

/// One edit; what it touches follows from the numbers, modulo what there is.
#[derive(Clone, Copy, Debug)]
struct Edit {
    kind: Kind,
    container: usize,
    place: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Add,
    Comment,
    Change,
    Remove,
    Move,
}

const ADDING: &[Kind] = &[Kind::Add];
const ANY: &[Kind] = &[Kind::Add, Kind::Comment, Kind::Change, Kind::Remove, Kind::Move];

fn edits(kinds: &'static [Kind]) -> impl Strategy<Value = Vec<Edit>> {
    let edit = (prop::sample::select(kinds), 0..1000_usize, 0..1000_usize);
    prop::collection::vec(edit.prop_map(|(kind, container, place)| Edit { kind, container, place }), 1..8)
}

/// A file of the examples, with the indentation of some editor.
fn example() -> impl Strategy<Value = String> {
    let examples = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"));
    let names = ["package.json", "tsconfig.json", "tsconfig.build.json", "biome.jsonc"];
    let paths: Vec<_> = ["api", "at-scale", "minimal"]
        .iter()
        .flat_map(|preset| names.map(|name| examples.join(preset).join(name)))
        .collect();
    prop::sample::select(paths).prop_map(|path| std::fs::read_to_string(path).unwrap())
}

fn apply(text: &str, edits: &[Edit], token: &str) -> String {
    let mut file = read(text).unwrap();
    for (at, edit) in edits.iter().enumerate() {
        let mut left = edit.container % count(&file.value);
        make(*edit, nth(&mut file.value, &mut left).unwrap(), &format!("{token}-{at}"));
    }
    file.print(Mode::One(Side::Yours))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Container(container) => {
            1 + container.entries().into_iter().map(|entry| count(&entry.value)).sum::<usize>()
        }
        Value::Scalar { .. } => 0,
    }
}

fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Container> {
    let Value::Container(container) = value else {
        return None;
    };
    if *left == 0 {
        return Some(container);
    }
    *left -= 1;
    container.items.iter_mut().find_map(|item| match item {
        Item::Entry(entry) => nth(&mut entry.value, left),
        Item::Conflict(_) => None,
    })
}

fn make(edit: Edit, container: &mut Container, token: &str) {
    let text = format!("\"{token}\"");
    let value = || Value::Scalar { text: text.clone(), sem: Sem::Text(token.to_owned()) };
    let length = container.items.len();
    let lead = container.entries().last().map_or("\n  ".to_owned(), |entry| entry.lead.clone());
    let place = edit.place % length.max(1);
    match edit.kind {
        Kind::Add => {
            let name = container.is_object.then(|| token.to_owned());
            let key = if container.is_object { format!("{text}: ") } else { String::new() };
            let entry = Entry { lead, name, key, value: value(), before_comma: String::new(), trail: String::new() };
            container.items.insert(edit.place % (length + 1), Item::Entry(Box::new(entry)));
        }
        // A comment keeps an element of an array that theirs drops; values cannot tell.
        Kind::Comment if length > 0 && container.is_object && lead.contains('\n') => {
            if let Item::Entry(entry) = &mut container.items[place] {
                entry.trail = format!(" // {token}");
            }
        }
        Kind::Change if length > 0 => {
            if let Item::Entry(entry) = &mut container.items[place]
                && matches!(entry.value, Value::Scalar { .. })
            {
                entry.value = value();
            }
        }
        Kind::Remove if length > 0 => {
            container.items.remove(place);
        }
        Kind::Move if length > 0 && lead.contains('\n') => container.items.swap(place, edit.container % length),
        _ => {}
    }
}

/// The merge of bare values: None where the sides disagree. Objects are sorted by key, and arrays of scalars
/// by value: the order is another matter.
fn oracle(base: Option<&Sem>, yours: &Sem, theirs: &Sem) -> Option<Sem> {
    let set = |sem: &Sem| matches!(sem, Sem::List(items) if is_set(items));
    match (yours, theirs) {
        _ if Some(theirs) == base || yours == theirs => Some(yours.clone()),
        _ if Some(yours) == base => Some(theirs.clone()),
        (Sem::Object(of_yours), Sem::Object(of_theirs)) => {
            let of_base = match base {
                Some(Sem::Object(entries)) => entries.as_slice(),
                _ => &[],
            };
            let get = |entries: &[(String, Sem)], key: &str| {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
            };
            let mut result = Vec::new();
            for (key, _) in of_yours.iter().chain(of_theirs.iter().filter(|(key, _)| get(of_yours, key).is_none())) {
                let value = match (get(of_base, key), get(of_yours, key), get(of_theirs, key)) {
                    (base, Some(yours), Some(theirs)) => Some(oracle(base.as_ref(), &yours, &theirs)?),
                    (None, one, other) => one.or(other),
                    (Some(base), one, other) if one.as_ref().or(other.as_ref()) == Some(&base) => None,
                    (Some(_), ..) => return None,
                };
                result.extend(value.map(|value| (key.clone(), value)));
            }
            Some(Sem::Object(result))
        }
        (Sem::List(of_yours), Sem::List(of_theirs)) if set(yours) && set(theirs) && base.is_none_or(set) => {
            let of_base = match base {
                Some(Sem::List(items)) => items.as_slice(),
                _ => &[],
            };
            let stays = |item: &&Sem, other: &[Sem]| !of_base.contains(item) || other.contains(item);
            let mut items: Vec<Sem> = of_yours.iter().filter(|item| stays(item, of_theirs)).cloned().collect();
            items.extend(of_theirs.iter().filter(|item| !of_base.contains(item) && !of_yours.contains(item)).cloned());
            Some(Sem::List(items))
        }
        _ => None,
    }
}

fn is_set(items: &[Sem]) -> bool {
    let scalar = |sem: &Sem| matches!(sem, Sem::Word(_) | Sem::Text(_));
    items.iter().all(scalar) && (0..items.len()).all(|at| !items[..at].contains(&items[at]))
}

fn sorted(sem: &Sem) -> Sem {
    match sem {
        Sem::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Sem::Object(entries)
        }
        Sem::List(items) => {
            let mut items: Vec<_> = items.iter().map(sorted).collect();
            items.sort_by_key(|item| format!("{item:?}"));
            Sem::List(items)
        }
        Sem::Word(_) | Sem::Text(_) => sem.clone(),
    }
}

fn sem(text: &str) -> Sem {
    sorted(&read(text).unwrap().value.sem(Side::Yours))
}

fn check(base: &str, yours: &str, theirs: &str) -> Result<StructuredMerge, TestCaseError> {
    let merged = merge("x.json", &TextSides { base, yours, theirs }, &LABELS);
    prop_assert!(merged.is_some(), "base:\n{base}\nyours:\n{yours}\ntheirs:\n{theirs}");
    let merged = merged.unwrap();
    for token in (0..8).map(|at| format!("mine-{at}")).filter(|token| yours.contains(token.as_str())) {
        prop_assert!(merged.text.contains(&token), "{token} is lost:\n{}", merged.text);
    }
    if merged.conflicts == 0 {
        prop_assert!(read(&merged.text).is_some(), "{}", merged.text);
    }
    Ok(merged)
}

/// The lines without their commas, of which the last entry has none.
fn bare(text: &str) -> Vec<String> {
    text.lines().map(|line| line.replace(',', "")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_values_are_those_of_a_merge_of_values(base in example(), mine in edits(ANY), new in edits(ANY)) {
        let (yours, theirs) = (apply(&base, &mine, "mine"), apply(&base, &new, "new"));
        let merged = check(&base, &yours, &theirs)?;
        if merged.conflicts == 0 {
            let values = |text: &str| read(text).unwrap().value.sem(Side::Yours);
            let expected = oracle(Some(&values(&base)), &values(&yours), &values(&theirs));
            if let Some(expected) = expected {
                prop_assert_eq!(sem(&merged.text), sorted(&expected), "{}", merged.text);
            }
            let again = check(&theirs, &merged.text, &theirs)?;
            prop_assert_eq!(again.text, merged.text);
        }
    }

    #[test]
    fn what_comes_leaves_every_other_line_as_it_is(base in example(), mine in edits(ANY), new in edits(ADDING), tabs: bool) {
        let mut yours = apply(&base, &mine, "mine");
        if tabs {
            yours = yours.replace("  ", "\t");
        }
        // In lines of their own only: an element that joins a line changes it.
        let theirs = apply(&base, &new, "new");
        let rest: Vec<&str> = theirs.lines().filter(|line| !line.contains("new-")).collect();
        if bare(&rest.join("\n")) == bare(&base) {
            let merged = check(&base, &yours, &theirs)?;
            if merged.conflicts == 0 {
                let rest: Vec<&str> = merged.text.lines().filter(|line| !line.contains("new-")).collect();
                prop_assert_eq!(bare(&rest.join("\n")), bare(&yours));
            }
        }
    }

    #[test]
    fn a_side_that_did_nothing_changes_nothing(base in example(), mine in edits(ANY)) {
        let edited = apply(&base, &mine, "mine");
        prop_assert_eq!(&check(&base, &edited, &base)?.text, &edited);
        prop_assert_eq!(&check(&base, &edited, &edited)?.text, &edited);
        let merged = check(&base, &base, &edited)?;
        prop_assert_eq!((sem(&merged.text), merged.conflicts), (sem(&edited), 0));
    }

    #[test]
    fn damaged_text_is_merged_or_left_alone(base in example(), yours in damage(), theirs in damage()) {
        let (yours, theirs) = (damaged(&base, &yours), damaged(&base, &theirs));
        if let Some(merged) = merge("x.json", &TextSides { base: &base, yours: &yours, theirs: &theirs }, &LABELS) {
            prop_assert!(merged.conflicts > 0 || read(&merged.text).is_some(), "{}", merged.text);
        }
    }
}

/// Pieces of text, and where they go.
fn damage() -> impl Strategy<Value = Vec<(usize, &'static str)>> {
    let pieces = vec![
        " ",
        "\n",
        ",",
        ":",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "//",
        "// c\n",
        "/*",
        "*/",
        "/* , */",
        "/* \n */",
        "1",
        "null",
        "\\",
        "\u{e9}",
        "\u{1f600}",
        "\"a\": 1,",
        "\t",
        "\r",
    ];
    prop::collection::vec((0..100_000_usize, prop::sample::select(pieces)), 1..3)
}

fn damaged(text: &str, damage: &[(usize, &str)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, piece) in damage {
        let at = at % (text.len() + 1);
        text.splice(at..at, piece.chars());
    }
    text.into_iter().collect()
}
