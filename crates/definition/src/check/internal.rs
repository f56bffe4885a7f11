//! Fields that are only machinery: filled without a person, and shown to none.

use super::Subject;
use crate::diagnostic::Sink;
use crate::model::{Action, Field, Form, RecordType, Who};
use crate::yaml::Node;
use feel::Typed;

pub(super) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    for field in subject.rt.fields.values().filter(|field| field.internal) {
        filled(subject, field, sink);
        asked(subject, field, sink);
        hidden(subject, field, sink);
        shown(subject, field, sink);
    }
}

fn filled(subject: &Subject<'_>, field: &Field, sink: &mut Sink) {
    let handed = |action: &Action| {
        let names = matches!(&action.form, Form::Fields(names) if names.contains(&field.name));
        by_platform(action) && names
    };
    let filled = field.value.is_some()
        || super::forms::set(subject, &field.name)
        || subject.rt.actions.values().any(handed);
    if filled || sink.has_errors() {
        return;
    }
    let fields = subject.node.get("fields");
    if let Some(node) = fields.and_then(|fields| fields.get(&field.name)) {
        sink.error(
            &node.at,
            "internal-empty",
            format!("人が読まない項目「{}」に値が入りません。", field.name),
        )
        .hint("value に式を書くか、change で値を入れてください。");
    }
}

/// Whether only the platform performs it: nobody is asked then.
fn by_platform(action: &Action) -> bool {
    action.by.iter().all(|who| *who == Who::System)
}

fn asked(subject: &Subject<'_>, field: &Field, sink: &mut Sink) {
    let actions = subject.node.get("actions");
    for (key, action) in actions.map(Node::entries).unwrap_or_default() {
        let known = subject.rt.actions.get(&key.name);
        if known.is_some_and(by_platform) {
            continue;
        }
        if let Some(item) = named(action.get("form"), &field.name) {
            sink.error(
                &item.at,
                "internal-asked",
                format!(
                    "「{}」は人が読まない項目（internal）なので、form に書けません。",
                    field.name
                ),
            )
            .hint("計算で決めるか、change で値を入れてください。");
        }
    }
}

/// A rule need not hide what nobody reads: it would only seem to hide a part of the record.
fn hidden(subject: &Subject<'_>, field: &Field, sink: &mut Sink) {
    for rule in subject.node.get("see").map(Node::items).unwrap_or_default() {
        let except = rule.get("fields").and_then(|set| set.get("except"));
        if let Some(item) = named(except, &field.name) {
            sink.error(
                &item.at,
                "internal-hidden",
                format!(
                    "「{}」は人が読まない項目（internal）なので、ここで除かなくても出ません。",
                    field.name
                ),
            )
            .hint("この名前を消してください。");
        }
    }
}

fn named<'n>(list: Option<&'n Node>, name: &str) -> Option<&'n Node> {
    let items = list.map(Node::one_or_many).unwrap_or_default();
    items.iter().find(|item| item.text() == Some(name))
}

/// Where values are put before people as they are. What an expression makes of it is another value.
fn shown(subject: &Subject<'_>, field: &Field, sink: &mut Sink) {
    let rt = subject.rt;
    let is = |typed: &Typed| typed.source().trim() == field.name;
    let views = rt.views.values().flat_map(|view| &view.columns);
    let letters = rt
        .documents
        .values()
        .flat_map(|letter| letter.data.values());
    let verified = rt
        .documents
        .values()
        .filter_map(|letter| letter.verify.as_ref());
    let measured = rt.measures.values().flat_map(|measure| &measure.by);
    let place = if views.map(|column| &column.value).any(is) {
        "views の columns"
    } else if letters.into_iter().any(is)
        || verified.flat_map(|v| &v.show).map(|c| &c.value).any(is)
    {
        "documents"
    } else if measured.map(|dimension| &dimension.value).any(is) {
        "measures の by"
    } else if compared(rt, &field.name) {
        "compare"
    } else {
        return;
    };
    sink.error(
        &subject.node.at,
        "internal-shown",
        format!(
            "「{}」は人が読まない項目（internal）なので、{place} に書けません。",
            field.name
        ),
    )
    .hint("internal を消して title を書くか、ここから除いてください。");
}

fn compared(rt: &RecordType, name: &str) -> bool {
    rt.compare
        .values()
        .any(|rule| rule.fields.contains_key(name))
}
