//! What a view offers for many rows at once.

use super::Subject;
use crate::diagnostic::{Sink, nearest};
use crate::yaml::Node;

/// What a route adds to an action's name that may be taken on many records.
const STEPS: [&str; 2] = ["_draft", "_pass"];

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for (_, view) in subject
        .node
        .get("views")
        .map(Node::entries)
        .unwrap_or_default()
    {
        for item in view.get("batch").map(Node::one_or_many).unwrap_or_default() {
            if let Some(name) = item.text() {
                one(subject, item, name, sink);
            }
        }
    }
}

fn one(subject: &Subject<'_>, item: &Node, name: &str, sink: &mut Sink) {
    let actions = &subject.rt.actions;
    let routed = || {
        STEPS
            .iter()
            .find_map(|step| actions.get(name.strip_suffix(step)?))
            .filter(|action| action.route.is_some())
    };
    match actions.get(name).or_else(routed) {
        None => {
            sink.error(
                &item.at,
                "unknown-action",
                format!("「{name}」という操作はありません。"),
            )
            .hint_if(nearest(name, actions.keys().map(String::as_str)));
        }
        Some(action) if action.batch.is_none() => {
            sink.error(
                &item.at,
                "no-batch",
                format!("「{name}」は、まとめて行える操作ではありません。"),
            )
            .hint("操作に batch: true か、まとめて行ってよい記録の条件を書いてください。");
        }
        Some(_) => {}
    }
}
