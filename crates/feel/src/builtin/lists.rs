//! Functions over lists.

use crate::Value;

/// Each value once, in the order of its first appearance.
pub(crate) fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// One level after the other, bounded by the nesting that values can have.
pub(crate) fn flatten(items: Vec<Value>, into: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::List(inner) => flatten(inner, into),
            other => into.push(other),
        }
    }
}

/// The place of `list[n]`, from 0: `1` is the first, `-1` the last.
pub(crate) fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if index > 0 {
        index - 1
    } else {
        length.checked_add(index)?
    };
    if index != 0 && (0..length).contains(&at) {
        usize::try_from(at).ok()
    } else {
        None
    }
}

/// `sublist` and `substring`: what starts at `start` and has at most `count` elements.
pub(crate) fn slice<T>(items: &[T], start: i64, count: Option<i64>) -> Option<&[T]> {
    let from = place(start, items.len())?;
    let count = count.map_or(Some(items.len()), |count| usize::try_from(count).ok())?;
    items.get(from..items.len().min(from.saturating_add(count)))
}
