//! Whoever accepts an invitation sees what they are to go on with, and stands in the role by the invitation alone.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::{Change, Who};
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let rt = subject.rt;
    let parties = subject.node.get("parties").map(Node::entries);
    for (key, node) in parties.unwrap_or_default() {
        let invited = rt
            .parties
            .get(&key.name)
            .and_then(|party| party.invited.as_ref());
        let (Some(invited), Some(node)) = (invited, node.get("invited")) else {
            continue;
        };
        let role = Who::Party(key.name.clone());
        let seen = |state: &String| {
            let rules = rt.see.iter().filter(|rule| rule.who == role);
            rules.into_iter().any(|rule| {
                let within = rule.states.as_ref();
                within.is_none_or(|states| states.contains(state))
            })
        };
        if let Some(state) = invited.from.iter().find(|state| !seen(state)) {
            sink.error(
                node.key_at("from"),
                "invited-unseen",
                format!(
                    "「{}」に招かれた人が、状態「{state}」の記録を見られません。",
                    key.name
                ),
            )
            .hint(format!(
                "see に、who: {}、scope: own の規則を足してください。",
                key.name
            ));
        }
        let acts = |state: &String| {
            let of = |action: &&crate::model::Action| {
                action.by.contains(&role) && action.from.contains(state)
            };
            rt.actions.values().find(of).is_some()
        };
        if !invited.from.iter().any(acts) {
            sink.error(
                node.key_at("from"),
                "invited-idle",
                format!(
                    "「{}」に招かれた人が、その状態でできることがありません。",
                    key.name
                ),
            )
            .hint(format!(
                "続きを頼む操作の by に {} を足してください。",
                key.name
            ));
        }
    }
    put_in_by_changes(subject, sink);
}

/// A change puts nobody into such a role, nor takes anybody out of it.
fn put_in_by_changes(subject: &Subject<'_>, sink: &mut Sink) {
    let invited = |role: &String| {
        let rule = subject.rt.parties.get(role);
        rule.is_some_and(|rule| rule.invited.is_some())
    };
    for (key, _) in subject
        .node
        .get("actions")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let changes = subject
            .rt
            .actions
            .get(&key.name)
            .map(|action| &action.change);
        for change in changes.into_iter().flatten() {
            let Change::Party { role, on, from, .. } = change else {
                continue;
            };
            let there = subject
                .types
                .values()
                .filter(|other| on.leads(subject.rt, other));
            let target = there
                .filter_map(|other| other.parties.get(role))
                .any(|rule| rule.invited.is_some());
            if target || invited(from) {
                sink.error(
                    &key.at,
                    "invited-by-change",
                    "招かれた人の役割には、change で人を入れたり、そこから移したりできません。",
                )
                .hint("持ち主など、ほかの役割を書いてください。");
            }
        }
    }
}
