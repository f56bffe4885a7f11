//! Extending: maps merge by key, lists replace, `null` removes. Every node keeps the place that it came from.

use super::{Content, Node, Scalar};

/// `over` laid upon `base`. Keys of the base keep their order; new ones follow.
pub(crate) fn merge(base: Node, over: &Node) -> Node {
    match (base.content, &over.content) {
        (Content::Map(mut entries), Content::Map(more)) => {
            for (key, node) in more {
                let place = entries.iter().position(|(known, _)| known.name == key.name);
                match place {
                    Some(index) if node.is_null() => {
                        entries.remove(index);
                    }
                    Some(index) => {
                        if let Some(slot) = entries.get_mut(index) {
                            let old = std::mem::replace(&mut slot.1, Node::null(node.at.clone()));
                            slot.1 = merge(old, node);
                            slot.0.at = key.at.clone();
                        }
                    }
                    None => entries.push((key.clone(), node.clone())),
                }
            }
            Node {
                at: over.at.clone(),
                content: Content::Map(entries),
            }
        }
        (_, _) => over.clone(),
    }
}

/// Fills `$(name)` in every scalar and key. A scalar that is nothing but one parameter becomes its text as a plain scalar.
/// Answers the names that no parameter has.
pub(crate) fn substitute(
    node: &mut Node,
    value: &dyn Fn(&str) -> Option<String>,
) -> Vec<(super::At, String)> {
    let mut unknown = Vec::new();
    let at = node.at.clone();
    match &mut node.content {
        Content::Scalar(scalar) => {
            if let Some(text) = filled(&scalar.text, value, &mut |name| {
                unknown.push((at.clone(), name))
            }) {
                *scalar = Scalar {
                    text,
                    style: scalar.style,
                    start: None,
                };
            }
        }
        Content::Seq(items) => {
            for item in items {
                unknown.extend(substitute(item, value));
            }
        }
        Content::Map(entries) => {
            for (key, item) in entries {
                let at = key.at.clone();
                if let Some(name) = filled(&key.name, value, &mut |name| {
                    unknown.push((at.clone(), name))
                }) {
                    key.name = name;
                }
                unknown.extend(substitute(item, value));
            }
        }
    }
    unknown
}

/// The text with parameters filled in; `None` when it names none.
pub(crate) fn filled(
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
    unknown: &mut dyn FnMut(String),
) -> Option<String> {
    if !text.contains("$(") {
        return None;
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once(')') else {
            out.push_str("$(");
            rest = after;
            continue;
        };
        match value(name.trim()) {
            Some(text) => out.push_str(&text),
            None => unknown(name.trim().to_owned()),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}
