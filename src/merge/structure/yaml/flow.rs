//! Flow sequences of scalars in one line, such as `needs: [build, test]`, which are merged as sets.

use super::raw::{Kind, Raw};
use super::tree::{FlowList, Head, Line};

/// The list that is the value of an entry, if it is one; `line` is the line of the entry.
pub(super) fn list(raw: &Raw, line: &str, column: usize) -> Option<FlowList> {
    let Kind::Sequence { flow: true, items } = &raw.kind else {
        return None;
    };
    let is_plain = |item: &Raw| matches!(item.kind, Kind::Scalar { .. }) && item.start.line == item.end.line;
    if raw.start.line != raw.end.line || !items.iter().all(is_plain) {
        return None;
    }
    let between = line.get(raw.inner.column + 1..raw.end.column.checked_sub(1)?)?;
    let (first, last) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (first.start.column, last.end.column),
        _ => (raw.inner.column + 1, raw.inner.column + 1 + between.len()),
    };
    let items = items.iter().map(|item| Some((line.get(item.start.column..item.end.column)?.to_owned(), item.sem())));
    Some(FlowList {
        open: line.get(column..first)?.to_owned(),
        items: items.collect::<Option<Vec<_>>>()?,
        close: line.get(last..raw.end.column)?.to_owned(),
    })
}

/// The head with other items in its list.
pub(super) fn with_items(head: &Head, items: Vec<(String, super::sem::Sem)>) -> Option<Head> {
    let list = head.list.clone()?;
    let texts: Vec<&str> = items.iter().map(|(text, _)| text.as_str()).collect();
    let text = format!("{}{}{}", list.open, texts.join(", "), list.close);
    Some(Head { code: vec![Line { shift: 0, text }], list: Some(FlowList { items, ..list }), ..head.clone() })
}
