//! `break_glass:`: who may read in an emergency.

use super::compile::Pass;
use super::faces::desk_roles;
use super::lists::field_set;
use crate::diagnostic::Sink;
use crate::model::{
    BreakGlass, FieldKind, FieldSet, IndexKey, RecordType, ScopeKind, SeeRule, Who,
};
use crate::yaml::Node;
use feel::Type;

/// Hours where a package says none, and at most: a week.
const HOURS: (u32, u32) = (24, 168);

/// Reads and checks what a type says.
pub(super) fn read(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("break_glass") else {
        return;
    };
    let env = pass.env;
    let tell = pass
        .compiler()
        .at(node, "tell", env, Some(&Type::Text.optional()));
    let roles = desk_roles(node, "by", rt, pass.service, pass.sink);
    let fields = field_set(pass, node.get("fields"), rt);
    let hours = node.text_of("hours").and_then(|text| text.parse().ok());
    let reasons = node.get("reasons").map(Node::entries).unwrap_or_default();
    let reasons = reasons
        .iter()
        .filter_map(|(key, title)| Some((key.name.clone(), title.text()?.to_owned())));
    let Some(first) = roles.first() else { return };
    let glass = BreakGlass {
        rule: SeeRule {
            who: Who::Desk(first.clone()),
            scope: ScopeKind::All,
            of: None,
            states: None,
            names: !matches!(fields, FieldSet::Only(_)),
            fields,
            class: "@glass".into(),
            ground: None,
        },
        roles,
        hours: hours.unwrap_or(HOURS.0),
        reasons: reasons.collect(),
        find: node.strings("find"),
        tell,
    };
    check(node, rt, &glass, pass.sink);
    rt.break_glass = Some(glass);
}

fn check(node: &Node, rt: &RecordType, glass: &BreakGlass, sink: &mut Sink) {
    if !(1..=HOURS.1).contains(&glass.hours) {
        sink.error(
            node.key_at("hours"),
            "glass-hours",
            format!("hours は、1から{}までです。", HOURS.1),
        );
    }
    if glass.reasons.is_empty() {
        sink.error(
            node.key_at("reasons"),
            "glass-reasons",
            "理由が1つもありません。",
        );
    }
    let asked = |key: &IndexKey| match key {
        IndexKey::Number => true,
        IndexKey::Field(path) => asks(rt, path),
        _ => false,
    };
    for name in &glass.find {
        let index = rt.indexes.iter().find(|index| index.name == *name);
        if !index.is_some_and(|index| index.keys.iter().all(asked)) {
            sink.error(
                node.key_at("find"),
                "glass-find",
                format!("「{name}」は、番号・文字・日付の項目だけを鍵にした並びではありません。"),
            )
            .hint("indexes に、言い当てに使う鍵だけの並びを足してください。");
        }
    }
}

/// Whether somebody can be asked for what a key says in one line.
fn asks(rt: &RecordType, path: &[String]) -> bool {
    let field = path.first().and_then(|name| rt.fields.get(name));
    let kind = field.map(|field| &field.kind);
    match (kind, path.len()) {
        (Some(FieldKind::PersonName), 2) => true,
        (Some(kind), 1) => matches!(
            kind,
            FieldKind::Text { .. }
                | FieldKind::Date
                | FieldKind::Kana
                | FieldKind::Phone
                | FieldKind::PostalCode
                | FieldKind::CorporateNumber
        ),
        _ => false,
    }
}
