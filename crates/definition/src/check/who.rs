//! Actions that nobody may take.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::{Action, Change, RecordType, Who};
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for (key, node) in subject
        .node
        .get("actions")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some(action) = subject.rt.actions.get(&key.name) else {
            continue;
        };
        if action.from.is_empty() && !action.opens {
            sink.error(
                &key.at,
                "action-from-nowhere",
                format!("操作「{}」はどの状態からも行えません。", key.name),
            )
            .hint("from に状態を書くか、opens: true を書いてください。");
        }
        let by = node.get("by").map(Node::one_or_many).unwrap_or_default();
        for (who, item) in action
            .by
            .iter()
            .zip(by)
            .filter(|_| action.by.len() == by.len())
        {
            if !sees(subject.rt, action, who) {
                sink.error(
                    &item.at,
                    "action-unseen",
                    format!(
                        "「{}」は、この操作のできる状態の記録を見られません。",
                        item.text().unwrap_or("")
                    ),
                )
                .hint("see に、この人が from の状態の記録を見られる規則を足してください。");
            }
        }
        if action.by.as_slice() == [Who::System]
            && action.when.is_none()
            // The platform opens such records by itself: voices of users, imports.
            && !action.opens
            && !performed(subject, &action.name)
        {
            sink.error(
                &key.at,
                "never-performed",
                format!(
                    "system の操作「{}」は、いつ行われるか書かれていません。",
                    key.name
                ),
            )
            .hint("when を書くか、change の act や clocks の on_due から呼んでください。");
        }
    }
}

/// Whether someone may see a record in a state from which the action is possible. Opening needs no sight.
fn sees(rt: &RecordType, action: &Action, who: &Who) -> bool {
    if *who == Who::System || (action.opens && action.from.is_empty()) {
        return true;
    }
    let covers = |states: &Option<Vec<String>>| {
        states
            .as_ref()
            .is_none_or(|states| states.iter().any(|state| action.from.contains(state)))
    };
    let same = |rule: &Who| {
        rule == who || *rule == Who::Public || (*rule == Who::SignedIn && *who != Who::Public)
    };
    rt.see
        .iter()
        .any(|rule| same(&rule.who) && covers(&rule.states))
}

fn performed(subject: &Subject<'_>, name: &str) -> bool {
    let rt = subject.rt;
    let called = subject.types.values().any(|other| {
        other.actions.values().flat_map(|action| &action.change).any(|change| matches!(change, Change::Act { on, action, .. } if action == name && on.leads(other, rt)))
    });
    called
        || rt
            .clocks
            .values()
            .any(|clock| clock.on_due.as_deref() == Some(name))
        || crate::build::performs(rt, name)
}
