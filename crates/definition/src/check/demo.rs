//! The demo's acts name what there is.

use crate::diagnostic::{Sink, nearest};
use crate::model::{RecordType, Service};
use crate::yaml::Node;

pub(crate) fn check(demo: Option<&Node>, service: &Service, sink: &mut Sink) {
    acts(demo, service, sink);
    let bulks = demo.and_then(|demo| demo.get("bulk")).map(Node::items);
    for bulk in bulks.unwrap_or_default() {
        acts(Some(bulk), service, sink);
        if let Some(node) = bulk.get("fill").and_then(|fill| fill.get("type")) {
            type_known(node, service, sink);
        }
    }
}

fn acts(block: Option<&Node>, service: &Service, sink: &mut Sink) {
    let mut saved: Vec<&str> = Vec::new();
    for act in block
        .and_then(|block| block.get("acts"))
        .map(Node::items)
        .unwrap_or_default()
    {
        let own = act
            .text_of("service")
            .is_none_or(|slug| slug == "this" || slug == service.slug);
        if own && let Some(node) = act.get("type") {
            act_on(act, node, service, sink);
        }
        if let Some(node) = act.get("record")
            && let Some(name) = node.text().and_then(|text| text.split(['.', '[']).next())
            && !saved.contains(&name)
        {
            sink.error(
                &node.at,
                "unknown-record",
                format!("「{name}」という名前で残した記録はありません。"),
            )
            .hint_if(nearest(name, saved.iter().copied()));
        }
        saved.extend(act.text_of("save_as"));
    }
}

/// The record type of that name; an error where there is none.
fn type_known<'s>(node: &Node, service: &'s Service, sink: &mut Sink) -> Option<&'s RecordType> {
    let found = node.text().and_then(|name| service.types.get(name));
    if found.is_none() {
        sink.error(
            &node.at,
            "unknown-type",
            format!(
                "「{}」という記録の種類はありません。",
                node.text().unwrap_or("")
            ),
        )
        .hint_if(nearest(
            node.text().unwrap_or(""),
            service.types.keys().map(String::as_str),
        ));
    }
    found.map(AsRef::as_ref)
}

fn act_on(act: &Node, node: &Node, service: &Service, sink: &mut Sink) {
    let Some(rt) = type_known(node, service, sink) else {
        return;
    };
    if let Some(action) = act.get("action")
        && let Some(name) = action.text()
        && !rt.actions.contains_key(name)
    {
        sink.error(
            &action.at,
            "unknown-action",
            format!("「{name}」という操作はありません。"),
        )
        .hint_if(nearest(name, rt.actions.keys().map(String::as_str)));
    }
}
