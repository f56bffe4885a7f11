//! Doors: what stands under a heading is there, can be begun by a person, and stands there once.

use crate::diagnostic::{Sink, nearest};
use crate::model::Service;
use crate::yaml::Node;
use std::collections::BTreeSet;

pub(crate) fn check(head: &Node, service: &Service, sink: &mut Sink) {
    let mut met = BTreeSet::new();
    for (_, door) in head.get("doors").map(Node::entries).unwrap_or_default() {
        let records = door.get("records").map(Node::one_or_many);
        for node in records.into_iter().flatten() {
            let Some(name) = node.text() else { continue };
            let Some(rt) = service.types.get(name) else {
                let unknown = format!("「{name}」という記録の種類はありません。");
                sink.error(&node.at, "unknown-record", unknown)
                    .hint_if(nearest(name, service.types.keys().map(String::as_str)));
                continue;
            };
            if !rt.begun_by_people() {
                let closed = format!("「{name}」は、住民や事業者が始められる記録ではありません。");
                sink.error(&node.at, "door-nobody-opens", closed)
                    .hint("opens: true で、当事者かだれでもが行う行為のある記録を書いてください。");
            } else if !met.insert(name) {
                let twice = format!("「{name}」は、ほかの見出しにもあります。");
                sink.error(&node.at, "door-twice", twice)
                    .hint("1つの見出しだけに書いてください。");
            }
        }
    }
}
