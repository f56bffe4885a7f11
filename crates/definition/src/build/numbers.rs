//! Individual numbers (個人番号): asked for on a ground of law only, by types that say who may read them and what for.
//! 番号法 (行政手続における特定の個人を識別するための番号の利用等に関する法律) 9条 says what a number may be used for, 15条, 19条 and 20条
//! that nobody may ask for, hand on, collect or keep one for anything else.

use super::actions::assured;
use super::faces::desk_roles;
use crate::diagnostic::Sink;
use crate::model::{Assured, Field, FieldKind, Form, IndividualRule, RecordType, Service, Who};
use crate::yaml::{At, Node};

/// The law, as packages call it.
const LAW: [&str; 2] = [
    "番号法",
    "行政手続における特定の個人を識別するための番号の利用等に関する法律",
];
/// What of it allows the use: an item of its schedule (9条1項), a 準法定事務 of the same, or an ordinance (9条2項).
const ITEM: [&str; 3] = ["別表", "準法定事務", "条例"];

/// Words that have no place on a number: it is neither computed nor offered nor shown again.
const NOT_HERE: [&str; 6] = ["value", "default", "check", "fixed", "internal", "phrases"];

/// Reads what stands on the field; roles are read with the type's others.
pub(super) fn kind(node: &Node, in_rows: bool, sink: &mut Sink) -> FieldKind {
    if in_rows {
        sink.error(
            node.key_at("type"),
            "number-in-rows",
            "明細の中に、個人番号の項目は置けません。",
        )
        .hint("記録の項目に置いてください。");
    }
    for word in NOT_HERE.into_iter().filter(|word| node.get(word).is_some()) {
        sink.error(
            node.key_at(word),
            "number-word",
            format!("個人番号の項目に「{word}」は書けません。"),
        )
        .hint("番号は計算にも初めの値にも使えません。この語を消してください。");
    }
    let ground = node.string("ground").unwrap_or_default();
    let names = |words: &[&str]| words.iter().any(|word| ground.contains(word));
    if !names(&LAW) || !names(&ITEM) {
        let at = match node.get("ground") {
            Some(_) => node.key_at("ground"),
            None => node.key_at("type"),
        };
        sink.error(
            at,
            "number-ground",
            "個人番号を受け取る根拠（ground）に、番号法と、別表の項・準法定事務・条例のどれかが書かれていません。",
        )
        .hint("例: ground: 番号法第9条第1項 別表の○の項（○○に関する事務）。根拠のない事務では受け取れません（番号法15条・20条）。");
    }
    let purposes = node.get("purposes").map(Node::entries).unwrap_or_default();
    let purposes = purposes
        .iter()
        .filter_map(|(key, title)| Some((key.name.clone(), title.text()?.to_owned())));
    let rule = IndividualRule {
        ground,
        open: Vec::new(),
        purposes: purposes.collect(),
        assurance: sureness(node, sink),
    };
    if rule.purposes.is_empty() && node.get("purposes").is_some() {
        sink.error(
            node.key_at("purposes"),
            "number-purposes",
            "個人番号を見る目的（purposes）が1つもありません。",
        );
    }
    FieldKind::IndividualNumber(Box::new(rule))
}

/// How surely whoever opens it must be known: officials, whose identity their employer vouches for.
fn sureness(node: &Node, sink: &mut Sink) -> Assured {
    let asked = assured(node, &[Who::SignedIn], sink);
    if let Some(demand) = node.get("assurance").filter(|_| asked.identity > 0) {
        sink.error(
            demand.key_at("identity"),
            "number-assurance",
            "個人番号を見る人は職員なので、身元確認（identity）は求められません。",
        )
        .hint("当人認証だけを書いてください。例: assurance: { authentication: 2 }");
    }
    asked
}

/// Reads who may open, and refuses what would carry a number elsewhere.
pub(super) fn fill(node: &Node, rt: &mut RecordType, service: &Service, sink: &mut Sink) {
    let fields = node.get("fields").map(Node::entries).unwrap_or_default();
    for (key, field) in fields {
        let is_number = |kind: &FieldKind| kind.individual_rule().is_some();
        if !rt.fields.get(&key.name).is_some_and(|f| is_number(&f.kind)) {
            continue;
        }
        let open = desk_roles(field, "open", rt, service, sink);
        if let Some(found) = rt.fields.get_mut(&key.name)
            && let FieldKind::IndividualNumber(rule) = &mut found.kind
        {
            rule.open = open;
        }
    }
    actions(node, rt, sink);
}

/// Whether a field is a number, which no value of an expression and no column of a file is ever put into.
pub(super) fn refused(field: &Field, at: &At, sink: &mut Sink) -> bool {
    if field.kind.individual_rule().is_none() {
        return false;
    }
    sink.error(
        at,
        "number-set",
        format!(
            "「{}」は個人番号なので、式やファイルの値を入れられません。",
            field.title
        ),
    )
    .hint("番号は、本人か窓口が書式で入力したときだけ保管庫に入ります。この行を消してください。");
    true
}

/// What is drafted for others or done over many is kept before it is decided: no number may stand in it.
fn actions(node: &Node, rt: &RecordType, sink: &mut Sink) {
    let numbers: Vec<&String> = rt
        .fields
        .values()
        .filter(|field| field.kind.individual_rule().is_some())
        .map(|field| &field.name)
        .collect();
    let entries = node.get("actions").map(Node::entries).unwrap_or_default();
    for (key, at) in entries {
        let Some(action) = rt.actions.get(&key.name) else {
            continue;
        };
        let asks = |names: &Vec<String>| numbers.iter().any(|name| names.contains(name));
        let asked = matches!(&action.form, Form::Fields(names) if asks(names));
        if asked && (action.route.is_some() || action.batch.is_some()) {
            sink.error(
                at.key_at("form"),
                "number-held",
                format!(
                    "「{}」は決裁か一括処理の操作なので、個人番号を受け取れません。",
                    action.title
                ),
            )
            .hint("番号は、本人か窓口がその場で行う操作で受け取ってください。");
        }
    }
}
