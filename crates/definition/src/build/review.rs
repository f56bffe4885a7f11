//! After which records the user review is asked.

use crate::diagnostic::{Sink, nearest};
use crate::model::{RecordType, Service};
use crate::yaml::Node;

/// The record types that `review` names; where it says nothing, all that can be a procedure.
pub(super) fn read(head: &Node, service: &Service, sink: &mut Sink) -> Vec<String> {
    let node = head.get("review");
    if node.is_some_and(|node| node.flag("off")) {
        return Vec::new();
    }
    let named = node.and_then(|node| node.get("after"));
    let Some(named) = named.map(Node::one_or_many) else {
        let procedures = service.types.values().filter(|rt| is_procedure(rt));
        return procedures.map(|rt| rt.name.clone()).collect();
    };
    let mut after = Vec::new();
    for node in named {
        let Some(name) = node.text() else { continue };
        match service.types.get(name) {
            Some(rt) if rt.parties.values().any(|party| party.owner) && ends(rt) => {
                after.push(name.to_owned());
            }
            Some(_) => {
                sink.error(
                    &node.at,
                    "review-of-nobody",
                    format!("「{name}」には、終わる状態か、持ち主の当事者がありません。"),
                )
                .hint("parties に owner: true の当事者、states に ended: true の状態がある記録を書いてください。");
            }
            None => {
                sink.error(
                    &node.at,
                    "unknown-record",
                    format!("「{name}」という記録の種類はありません。"),
                )
                .hint_if(nearest(name, service.types.keys().map(String::as_str)));
            }
        }
    }
    after
}

/// What a party begins, what arrives, and what comes to an end.
fn is_procedure(rt: &RecordType) -> bool {
    !rt.register
        && rt.arrives_at.is_some()
        && rt.parties.values().any(|party| party.owner)
        && ends(rt)
}

fn ends(rt: &RecordType) -> bool {
    rt.states.values().any(|state| state.ended)
}
