//! `handed_over_by:`: open work that names an official can be handed to another (引継ぎ). From the word come an action that
//! puts another name, a hidden field with whoever was named before, and an index of open records by who is named.

use super::faces::{desk_roles, plain_action};
use crate::diagnostic::Sink;
use crate::model::{
    Action, Batch, Field, FieldKind, Form, IndexKey, ListIndex, RecordType, Service, Who,
};
use crate::yaml::{Key, Node};
use feel::{Predicate, Value};

/// The word of a field.
const WORD: &str = "handed_over_by";
/// What the names of its actions begin with.
const HAND_OVER: &str = "hand_over_";
/// The longest number of an account.
const MOST_CHARS: usize = 40;

/// The action that hands a field's work over.
#[must_use]
pub fn hand_over(field: &str) -> String {
    format!("{HAND_OVER}{field}")
}

/// The field whose work an action hands over, if it is such an action.
#[must_use]
pub fn handed_by<'a>(rt: &'a RecordType, action: &str) -> Option<&'a Field> {
    let field = rt.fields.get(action.strip_prefix(HAND_OVER)?)?;
    field.hands.is_some().then_some(field)
}

/// The index of open records by whom a field names, those that name nobody first.
#[must_use]
pub fn held_index(field: &str) -> String {
    format!("held_{field}")
}

/// The field that keeps whom another named before.
#[must_use]
pub fn before(field: &str) -> String {
    format!("{field}_before")
}

/// Fields of a type that say by whom their work is handed over.
fn words(node: &Node) -> impl Iterator<Item = (&Key, &Node)> {
    let fields = node.get("fields").map(Node::entries).unwrap_or_default();
    let worded = fields.iter().filter(|(_, node)| node.get(WORD).is_some());
    worded.map(|(key, node)| (key, node))
}

/// The action and the hidden field.
pub(super) fn read(node: &Node, rt: &mut RecordType, service: &Service, sink: &mut Sink) {
    for (key, node) in words(node) {
        if node.get("official").is_none() {
            sink.error(
                node.key_at(WORD),
                "handed-without-official",
                "職員を名指さない項目に handed_over_by は書けません。",
            )
            .hint("official を書くか、handed_over_by を消してください。");
            continue;
        }
        let (action, before) = (hand_over(&key.name), before(&key.name));
        if rt.fields.contains_key(&before) || rt.actions.contains_key(&action) {
            sink.error(
                node.key_at(WORD),
                "reserved-name",
                format!(
                    "handed_over_by があると、操作「{action}」と項目「{before}」は自動でできます。"
                ),
            )
            .hint("同じ名前の操作や項目の名前を変えてください。");
            continue;
        }
        let roles = desk_roles(node, WORD, rt, service, sink);
        let Some(field) = rt.fields.get_mut(&key.name) else {
            continue;
        };
        let title = field.title.clone();
        field.hands = Some(roles.clone());
        let kind = FieldKind::Text {
            multiline: false,
            max_chars: MOST_CHARS,
        };
        let kept = Field {
            internal: true,
            ..Field::plain(&before, &format!("前の{title}"), kind, false)
        };
        rt.fields.insert(before, kept);
        let by = roles.into_iter().map(Who::Desk).collect();
        let open = rt.states.values().filter(|state| !state.ended);
        let handing = Action {
            from: open.map(|state| state.name.clone()).collect(),
            form: Form::Fields(vec![key.name.clone()]),
            batch: Some(Batch::Always),
            ..plain_action(&action, format!("引き継ぐ（{title}）"), by)
        };
        rt.actions.insert(action, handing);
    }
}

/// The indexes.
pub(super) fn indexes(node: &Node, rt: &mut RecordType, sink: &mut Sink) {
    for (key, node) in words(node) {
        let name = held_index(&key.name);
        if rt.indexes.iter().any(|index| index.name == name) {
            let detail = format!("handed_over_by があると、並び「{name}」は自動でできます。");
            sink.error(node.key_at(WORD), "reserved-name", detail)
                .hint("別の名前にしてください。");
            continue;
        }
        let ended = rt.states.values().filter(|state| state.ended);
        let ended = ended.map(|state| Value::text(&state.name)).collect();
        rt.indexes.push(ListIndex {
            name,
            keys: vec![IndexKey::Field(vec![key.name.clone()]), IndexKey::Due],
            only: Some(Predicate::Not(Box::new(Predicate::In {
                field: vec!["state".to_owned()],
                values: ended,
            }))),
        });
    }
}

/// Who hands over must see the field in the states in which there is work.
pub(super) fn check(node: &Node, rt: &RecordType, sink: &mut Sink) {
    for (key, node) in words(node) {
        let Some(roles) = rt
            .fields
            .get(&key.name)
            .and_then(|field| field.hands.as_ref())
        else {
            continue;
        };
        let sees_nothing = |role: &&String| {
            !rt.see
                .iter()
                .any(|rule| matches!(&rule.who, Who::Desk(other) if other == *role))
        };
        if let Some(role) = roles.iter().find(sees_nothing) {
            sink.error(
                node.key_at(WORD),
                "handed-unseen",
                format!("desk.{role} は、この記録を見られません。"),
            )
            .hint("引き継ぐ仕事を確かめられるよう、see に規則を足してください。");
        }
    }
}
