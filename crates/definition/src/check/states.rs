//! States that no act reaches, or that none leaves.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::Change;
use crate::yaml::Node;
use std::collections::BTreeSet;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let rt = subject.rt;
    let states = subject
        .node
        .get("states")
        .map(Node::entries)
        .unwrap_or_default();
    if rt.states.is_empty() {
        return;
    }
    let reached = reached(subject);
    for (key, _) in states {
        let name = &key.name;
        if !reached.contains(name.as_str()) {
            sink.error(
                &key.at,
                "unreachable-state",
                format!("状態「{name}」には、どの操作でも入れません。"),
            )
            .hint("この状態へ to で移る操作を書くか、状態を消してください。");
        }
        let left = rt.actions.values().any(|action| {
            action.from.contains(name) && action.to.as_ref().is_some_and(|to| to != name)
        });
        let ended = rt.states.get(name).is_some_and(|state| state.ended);
        if !left && !ended {
            sink.error(
                &key.at,
                "no-way-out",
                format!("状態「{name}」から出る操作がありません。"),
            )
            .hint("終わりの状態なら ended: true を書いてください。");
        }
    }
}

fn reached<'a>(subject: &Subject<'a>) -> BTreeSet<&'a str> {
    let rt = subject.rt;
    let first = rt.states.keys().next().map(String::as_str);
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for action in rt.actions.values().filter(|action| action.opens) {
        reached.extend(action.to.as_deref().or(first));
    }
    for change in subject
        .types
        .values()
        .flat_map(|other| other.actions.values())
        .flat_map(|action| &action.change)
    {
        if let Change::Open {
            record_type, state, ..
        } = change
            && *record_type == rt.name
        {
            reached.extend(
                state
                    .as_deref()
                    .and_then(|state| rt.states.get_key_value(state))
                    .map(|(name, _)| name.as_str())
                    .or(first),
            );
        }
    }
    loop {
        let before = reached.len();
        for action in rt.actions.values() {
            if action
                .from
                .iter()
                .any(|from| reached.contains(from.as_str()))
            {
                reached.extend(action.to.as_deref());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}
