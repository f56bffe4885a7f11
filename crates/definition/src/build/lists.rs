//! What is seen, listed, searched and unique.

use super::compile::{Compiler, Pass};
use super::skeleton::who_of;
use crate::diagnostic::{Sink, nearest};
use crate::env::{closed_filter_env, states};
use crate::kinds::Tables;
use crate::model::{
    Field, FieldKind, FieldSet, IndexKey, ListIndex, RecordType, ScopeKind, SeeRule, Unique, Who,
};
use crate::yaml::Node;
use feel::{MapScope, Predicate, Type, Value};
use std::collections::BTreeSet;

/// The most keys of an index.
const MOST_KEYS: usize = 4;

const BUILTIN: [(&str, IndexKey); 7] = [
    ("state", IndexKey::State),
    ("number", IndexKey::Number),
    ("created_at", IndexKey::CreatedAt),
    ("updated_at", IndexKey::UpdatedAt),
    ("arrived_on", IndexKey::ArrivedOn),
    ("due", IndexKey::Due),
    ("waits_for", IndexKey::WaitsFor),
];

/// The index that every type has: by the day it was opened, so that one's own records and unfiltered lists are served.
pub const RECENT_INDEX: &str = "recent";

/// The index that every type with a route has: by whose acknowledgement (後閲) is waited for.
pub const AFTER_REVIEW_INDEX: &str = "after_review";

/// Reads the indexes of a type; filters and lookups of every type rest on them.
pub(super) fn indexes(node: &Node, rt: &mut RecordType, tables: &Tables, sink: &mut Sink) {
    for (key, node) in node.get("indexes").map(Node::entries).unwrap_or_default() {
        let items = node.get("keys").map(Node::one_or_many).unwrap_or_default();
        if items.is_empty() || items.len() > MOST_KEYS {
            sink.error(
                node.key_at("keys"),
                "index-keys",
                format!("並びの鍵は1つから{MOST_KEYS}つです。"),
            )
            .hint("要る鍵だけを残すか、並びを分けてください。");
        }
        if key.name == AFTER_REVIEW_INDEX {
            sink.error(
                &key.at,
                "reserved-name",
                format!("並び「{AFTER_REVIEW_INDEX}」は、決裁のある記録に後閲のためにあります。"),
            )
            .hint("別の名前にしてください。");
        }
        if key.name == RECENT_INDEX {
            sink.error(
                &key.at,
                "reserved-name",
                format!("並び「{RECENT_INDEX}」はどの記録にもあります（created_at の順）。"),
            )
            .hint("別の名前にしてください。");
        }
        let keys = items
            .iter()
            .filter_map(|item| index_key(item, rt, sink))
            .collect();
        let only = node
            .get("only")
            .and_then(|only| predicate(only, rt, tables, sink));
        rt.indexes.push(ListIndex {
            name: key.name.clone(),
            keys,
            only,
        });
    }
    if !rt.indexes.iter().any(|index| index.name == RECENT_INDEX) {
        rt.indexes.push(ListIndex {
            name: RECENT_INDEX.to_owned(),
            keys: vec![IndexKey::CreatedAt],
            only: None,
        });
    }
    if rt.actions.values().any(|action| action.route.is_some()) {
        rt.indexes.push(ListIndex {
            name: AFTER_REVIEW_INDEX.to_owned(),
            keys: vec![IndexKey::AfterReview, IndexKey::UpdatedAt],
            only: None,
        });
    }
}

fn index_key(item: &Node, rt: &RecordType, sink: &mut Sink) -> Option<IndexKey> {
    let text = item.text()?;
    if let Some((_, key)) = BUILTIN.iter().find(|(name, _)| *name == text) {
        return Some(key.clone());
    }
    field_path(item, rt, sink).map(IndexKey::Field)
}

/// A path of fields: `name`, `premises.line`, `rows.field`.
fn field_path(item: &Node, rt: &RecordType, sink: &mut Sink) -> Option<Vec<String>> {
    let text = item.text()?;
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let first = parts.first()?;
    let Some(field) = rt.fields.get(first) else {
        let known = rt
            .fields
            .keys()
            .map(String::as_str)
            .chain(BUILTIN.iter().map(|(name, _)| *name));
        sink.error(
            &item.at,
            "unknown-field",
            format!("「{first}」という項目はありません。"),
        )
        .hint_if(nearest(first, known));
        return None;
    };
    let inner: Vec<&str> = match &field.kind {
        FieldKind::Rows { fields, .. } => fields.keys().map(String::as_str).collect(),
        other => other.parts().iter().map(|(part, _)| *part).collect(),
    };
    let fits = match parts.as_slice() {
        [_] => {
            let single = !matches!(
                field.kind,
                FieldKind::Files { .. } | FieldKind::Remarks | FieldKind::IndividualNumber(_)
            );
            inner.is_empty() && single
        }
        [_, part] => inner.contains(&part.as_str()),
        _ => false,
    };
    if !fits {
        let message = if inner.is_empty() {
            format!("「{text}」は並びや検索に使えません。")
        } else {
            format!("「{text}」は1つの値ではありません。")
        };
        sink.error(&item.at, "bad-path", message)
            .hint_if((!inner.is_empty()).then(|| {
                inner
                    .iter()
                    .map(|part| format!("{first}.{part}"))
                    .collect::<Vec<_>>()
                    .join("、")
            }));
        return None;
    }
    Some(parts)
}

/// A filter as an index sees it, with stand-ins for what is only known later (`today`, `actor`).
pub(super) fn predicate(
    node: &Node,
    rt: &RecordType,
    tables: &Tables,
    sink: &mut Sink,
) -> Option<Predicate> {
    let env = closed_filter_env(rt, tables);
    let typed = Compiler { sink }.expr(node, &env, Some(&Type::Boolean))?;
    let free: BTreeSet<String> = env
        .variables
        .keys()
        .filter(|name| !["today", "actor"].contains(&name.as_str()))
        .cloned()
        .collect();
    let day = jiff::civil::Date::constant(2026, 4, 1);
    let actor = Value::context([
        ("name", Value::text("")),
        ("party", Value::text("")),
        ("role", Value::text("")),
        ("office", Value::text("")),
    ]);
    let scope = MapScope::new().with("today", day).with("actor", actor);
    let folded = match typed.fold(&scope, &free) {
        Ok(folded) => folded,
        Err(fault) => {
            sink.error(&node.at, "filter", fault.to_string())
                .hint("並びの鍵と today、actor だけで書いてください。");
            return None;
        }
    };
    match folded.predicate() {
        Ok(predicate) => Some(predicate),
        Err(fault) => {
            let at = node.inside(
                fault.span.start,
                fault.span.end.saturating_sub(fault.span.start),
            );
            sink.error(&at, "filter", fault.message).hint(fault.hint);
            None
        }
    }
}

/// Lookups: the index of the other type serves the keys, `it` is what was found.
pub(super) fn lookups(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let mut lookups = std::mem::take(&mut rt.lookups);
    for (key, node) in pass
        .node
        .get("lookups")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some(lookup) = lookups.get_mut(&key.name) else {
            continue;
        };
        let (types, env, service) = (pass.types, pass.env, pass.service);
        let Some(of) = node
            .get("of")
            .filter(|of| pass.compiler().known(of, "記録の種類", types.keys()))
        else {
            continue;
        };
        let Some(other) = of.text().and_then(|of| types.get(of)) else {
            continue;
        };
        let index = node.get("index").filter(|index| {
            let names: Vec<&String> = other.indexes.iter().map(|index| &index.name).collect();
            pass.compiler().known(index, "並び", names.into_iter())
        });
        let keys = node.get("keys").map(Node::one_or_many).unwrap_or_default();
        if let Some(index) = index.and_then(|index| {
            other
                .indexes
                .iter()
                .find(|known| Some(known.name.as_str()) == index.text())
        }) {
            if keys.is_empty() || keys.len() > index.keys.len() {
                pass.sink
                    .error(
                        node.key_at("keys"),
                        "lookup-keys",
                        format!("並び「{}」の鍵は{}個です。", index.name, index.keys.len()),
                    )
                    .hint("初めの鍵から順に、1つ以上、その数まで書いてください。");
            }
            let expected: Vec<Type> = index
                .keys
                .iter()
                .map(|key| key_type(key, other, &service.tables).optional())
                .collect();
            let mut compiler = pass.compiler();
            lookup.keys = keys
                .iter()
                .zip(&expected)
                .filter_map(|(key, expected)| compiler.expr(key, env, Some(expected)))
                .collect();
        }
        let mut env = env.clone();
        env.variables
            .insert("it".to_owned(), Type::Named(other.name.clone()));
        lookup.condition = pass
            .compiler()
            .at(node, "where", &env, Some(&Type::Boolean));
    }
    rt.lookups = lookups;
}

/// The type of one entry of an index key.
fn key_type(key: &IndexKey, rt: &RecordType, tables: &Tables) -> Type {
    match key {
        IndexKey::State => states(rt),
        IndexKey::Number | IndexKey::WaitsFor | IndexKey::AfterReview => Type::Text,
        IndexKey::CreatedAt | IndexKey::UpdatedAt => Type::DateTime,
        IndexKey::ArrivedOn | IndexKey::Due => Type::Date,
        IndexKey::Field(path) => {
            let field = path.first().and_then(|first| rt.fields.get(first));
            let closed = |field: &Field| field.kind.closed_type(&field.title, tables);
            match (field, path.get(1)) {
                (Some(field), Some(inner)) => match &field.kind {
                    FieldKind::Rows { fields, .. } => fields.get(inner).map_or(Type::Any, closed),
                    _ => Type::Text,
                },
                (Some(field), None) => match closed(field) {
                    Type::List(of) => *of,
                    other => other,
                },
                (None, _) => Type::Any,
            }
        }
    }
}

/// See rules; those with equal scope and states share a class of scope keys.
pub(super) fn see(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let mut classes: Vec<Class> = Vec::new();
    for item in pass.node.get("see").map(Node::items).unwrap_or_default() {
        let scope = match item.text_of("scope") {
            Some("own") => ScopeKind::Own,
            Some("office") => ScopeKind::Office,
            Some("municipality") => ScopeKind::Municipality,
            Some("authority") => ScopeKind::Authority,
            _ => ScopeKind::All,
        };
        reaches(pass, item, scope, rt);
        let states = state_set(pass, item.get("states"), rt);
        let fields = field_set(pass, item.get("fields"), rt);
        let of = place_field(pass, item, scope, rt);
        let names = item.get("names").and_then(Node::boolean);
        let ground = super::sharing::of_rule(pass, item, scope);
        let class = class_of(&mut classes, scope, &of, &states);
        for who in item.get("who").map(Node::one_or_many).unwrap_or_default() {
            if let Some(who) = who_of(who, rt, pass.service, pass.sink) {
                let names = names.unwrap_or_else(|| names_by_default(&who, scope, &fields));
                rt.see.push(SeeRule {
                    who,
                    names,
                    scope,
                    of: of.clone(),
                    states: states.clone(),
                    fields: fields.clone(),
                    ground: ground.clone(),
                    class: class.clone(),
                });
            }
        }
    }
}

/// An extract names its fields and nobody; what everybody may read names nobody either.
fn names_by_default(who: &Who, scope: ScopeKind, fields: &FieldSet) -> bool {
    let everybody = matches!(who, Who::Public | Who::SignedIn) && scope != ScopeKind::Own;
    !everybody && !matches!(fields, FieldSet::Only(_))
}

/// A scope needs what it is measured by: an owner, an office, a municipality, an authority.
fn reaches(pass: &mut Pass<'_>, item: &Node, scope: ScopeKind, rt: &RecordType) {
    if item.get("of").is_some() {
        return;
    }
    let missing = match scope {
        ScopeKind::Own => (!rt.parties.values().any(|party| party.owner))
            .then_some("parties に owner: true の当事者"),
        ScopeKind::Office => pass
            .node
            .get("office")
            .is_none()
            .then_some("office（扱う事務所）"),
        ScopeKind::Municipality => pass
            .node
            .get("municipality")
            .is_none()
            .then_some("municipality（区市町村）"),
        ScopeKind::Authority => pass
            .node
            .get("authority")
            .is_none()
            .then_some("authority（処分庁）"),
        ScopeKind::All => None,
    };
    if let Some(missing) = missing {
        let at = &item.get("scope").unwrap_or(item).at;
        pass.sink
            .error(
                at,
                "empty-scope",
                format!("この規則で見られる記録はありません。{missing}が書かれていないためです。"),
            )
            .hint(format!("{missing}を書くか、scope を変えてください。"));
    }
}

/// The field under `of`: one text that can be compared with a seat's.
fn place_field(
    pass: &mut Pass<'_>,
    item: &Node,
    scope: ScopeKind,
    rt: &RecordType,
) -> Option<String> {
    let of = item.get("of")?;
    if !pass.compiler().known(of, "項目", rt.fields.keys()) {
        return None;
    }
    let name = of.text()?;
    let text = rt
        .fields
        .get(name)
        .is_some_and(|field| field.kind.feel_type() == Type::Text);
    let by_place = matches!(
        scope,
        ScopeKind::Office | ScopeKind::Municipality | ScopeKind::Authority
    );
    if !text || !by_place {
        pass.sink
            .error(
                &of.at,
                "see-of",
                "of は、scope が office・municipality・authority のときに、文字か選択肢の項目を書きます。",
            )
            .hint("例: { who: desk.examiner, scope: office, of: offered_to }");
        return None;
    }
    Some(name.to_owned())
}

/// What rules must have in common to share scope keys, and the name of the class.
type Class = (ScopeKind, Option<String>, Option<Vec<String>>, String);

fn class_of(
    classes: &mut Vec<Class>,
    scope: ScopeKind,
    of: &Option<String>,
    states: &Option<Vec<String>>,
) -> String {
    if let Some((.., name)) = classes
        .iter()
        .find(|(known, field, set, _)| *known == scope && field == of && set == states)
    {
        return name.clone();
    }
    let word = match scope {
        ScopeKind::Own => "own",
        ScopeKind::Office => "office",
        ScopeKind::Municipality => "municipality",
        ScopeKind::Authority => "authority",
        ScopeKind::All => "all",
    };
    let count = classes.iter().filter(|(known, ..)| *known == scope).count();
    let name = if count == 0 {
        word.to_owned()
    } else {
        format!("{word}{}", count + 1)
    };
    classes.push((scope, of.clone(), states.clone(), name.clone()));
    name
}

/// States in the order of their declaration; `None` for all.
pub(super) fn state_set(
    pass: &mut Pass<'_>,
    node: Option<&Node>,
    rt: &RecordType,
) -> Option<Vec<String>> {
    let node = node?;
    let (items, except) = match node.get("except") {
        Some(except) => (except, true),
        None => (node, false),
    };
    pass.compiler()
        .all_known(Some(items), "状態", rt.states.keys());
    let named: Vec<&str> = items.one_or_many().iter().filter_map(Node::text).collect();
    Some(
        rt.states
            .keys()
            .filter(|state| named.contains(&state.as_str()) != except)
            .cloned()
            .collect(),
    )
}

pub(super) fn field_set(pass: &mut Pass<'_>, node: Option<&Node>, rt: &RecordType) -> FieldSet {
    let Some(node) = node.filter(|node| node.text() != Some("all")) else {
        return FieldSet::All;
    };
    for word in ["only", "except"] {
        pass.compiler()
            .all_known(node.get(word), "項目", rt.fields.keys());
    }
    match (node.get("only"), node.get("except")) {
        (Some(_), None) => FieldSet::Only(node.strings("only")),
        (None, Some(_)) => FieldSet::Except(node.strings("except")),
        _ => {
            pass.sink
                .error(
                    &node.at,
                    "field-set",
                    "fields には all、only、except のどれか1つを書きます。",
                )
                .hint("例: { only: [place] }");
            FieldSet::Only(Vec::new())
        }
    }
}

/// Paths that are searched.
pub(super) fn search(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let items = pass
        .node
        .get("search")
        .map(Node::one_or_many)
        .unwrap_or_default();
    rt.search = items
        .iter()
        .filter_map(|item| field_path(item, rt, pass.sink))
        .collect();
}

/// Uniqueness.
pub(super) fn unique(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let env = pass.env;
    for (key, node) in pass
        .node
        .get("unique")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let mut compiler = pass.compiler();
        let keys = node
            .get("keys")
            .map(Node::one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(|key| compiler.expr(key, env, None))
            .collect();
        let only = compiler.at(node, "only", env, Some(&Type::Boolean));
        rt.unique.push(Unique {
            name: key.name.clone(),
            keys,
            only,
            message: compiler.sentence(node, "else", env).unwrap_or_default(),
        });
    }
}

pub(super) fn serves(
    view: &Node,
    filter: Option<&Node>,
    index: &ListIndex,
    (rt, tables): (&RecordType, &Tables),
    sink: &mut Sink,
) {
    let predicate = filter
        .and_then(|filter| predicate(filter, rt, tables, sink))
        .unwrap_or(Predicate::True);
    let names: Vec<String> = index.keys.iter().map(IndexKey::path).collect();
    let mut read = BTreeSet::new();
    fields_of(&predicate, &mut read);
    for field in read.iter().filter(|field| !names.contains(field)) {
        let at = filter.unwrap_or(view).at.clone();
        sink.error(
            &at,
            "not-served",
            format!("「{field}」は並び「{}」の鍵にありません。", index.name),
        )
        .hint(format!(
            "鍵は {} です。絞り込みをこの鍵だけで書くか、並びを足してください。",
            names.join("、")
        ));
    }
    let fixed = names
        .iter()
        .take_while(|name| fixed(&predicate, name))
        .count();
    let order = names.get(fixed);
    if let Some(sort) = view.get("sort")
        && let Some(text) = sort.text()
        && order.map(String::as_str) != Some(text.trim_start_matches('-'))
    {
        let hint = order.map_or_else(
            || "並びに、並べる鍵を足してください。".to_owned(),
            |order| format!("この絞り込みでは「{order}」の順に並びます。"),
        );
        sink.error(
            &sort.at,
            "not-served",
            format!("並び「{}」は「{text}」の順を支えません。", index.name),
        )
        .hint(hint);
    }
}

/// Whether a filter fixes a key to one value.
pub(super) fn fixed(predicate: &Predicate, name: &str) -> bool {
    match predicate {
        Predicate::And(all) => all.iter().any(|part| fixed(part, name)),
        Predicate::Compare {
            field,
            op: feel::Op::Eq,
            ..
        }
        | Predicate::Contains { field, .. } => field.join(".") == name,
        Predicate::In { field, values } => values.len() == 1 && field.join(".") == name,
        _ => false,
    }
}

fn fields_of(predicate: &Predicate, into: &mut BTreeSet<String>) {
    match predicate {
        Predicate::True | Predicate::False => {}
        Predicate::And(parts) | Predicate::Or(parts) => {
            parts.iter().for_each(|part| fields_of(part, into))
        }
        Predicate::Not(inner) => fields_of(inner, into),
        Predicate::Compare { field, .. }
        | Predicate::In { field, .. }
        | Predicate::Absent { field }
        | Predicate::Contains { field, .. } => {
            into.insert(field.join("."));
        }
    }
}
