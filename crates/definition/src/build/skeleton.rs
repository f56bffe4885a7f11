//! Record types without their expressions: what has a name.

use super::{faces, fields};
use crate::diagnostic::{Sink, nearest};
use crate::model::{
    Action, Assured, Child, Form, Looked, Lookup, NumberRule, PartyRule, RecordType, Service,
    State, Tone, Who,
};
use crate::yaml::Node;
use indexmap::IndexMap;

/// Reads all record types as far as names go, and ties them together.
pub(super) fn read(
    records: &IndexMap<String, Node>,
    service: &Service,
    sink: &mut Sink,
) -> IndexMap<String, RecordType> {
    let mut types: IndexMap<String, RecordType> = records
        .iter()
        .map(|(name, node)| (name.clone(), record(name, node, service, sink)))
        .collect();
    children(records, &mut types, sink);
    links(records, &mut types);
    named(&mut types);
    types
}

/// A field that names records is a link too: changes may aim at it.
fn named(types: &mut IndexMap<String, RecordType>) {
    let known: Vec<String> = types.keys().cloned().collect();
    for rt in types.values_mut() {
        let fields = rt.fields.values().filter_map(|field| {
            let link = field.kind.record_link()?;
            Some((field.name.clone(), link.of.clone()))
        });
        let links: Vec<(String, String)> = fields.filter(|(_, of)| known.contains(of)).collect();
        rt.links.extend(links);
    }
}

fn record(name: &str, node: &Node, service: &Service, sink: &mut Sink) -> RecordType {
    let register = node.flag("register");
    let parties = map(node, "parties", |name, node| PartyRule {
        role: name.to_owned(),
        title: node.string("title").unwrap_or_else(|| name.to_owned()),
        is: Some(node.strings("is"))
            .filter(|is| !is.is_empty())
            .unwrap_or_else(|| vec!["person".to_owned(), "corporation".to_owned()]),
        owner: node.flag("owner"),
        invited: None,
    });
    let mut rt = RecordType {
        service: service.slug.clone(),
        name: name.to_owned(),
        title: node.string("title").unwrap_or_else(|| name.to_owned()),
        help: node.string("help"),
        register,
        number: node.get("number").map(|number| NumberRule {
            pattern: number.string("pattern").unwrap_or_default(),
            drawn_at: number.string("drawn_at"),
        }),
        arrives_at: node.string("arrives_at"),
        label: None,
        authority: None,
        office: None,
        municipality: None,
        parties,
        fields: fields::read(node.get("fields"), service, false, sink),
        lookups: map(node, "lookups", lookup),
        outlook: None,
        compare: IndexMap::new(),
        notes: None,
        counter: None,
        retention: None,
        looked: Looked::default(),
        uses: IndexMap::new(),
        gives: None,
        closed: None,
        break_glass: None,
        measures: IndexMap::new(),
        has: map(node, "has", |slot, node| Child {
            slot: slot.to_owned(),
            title: node.string("title").unwrap_or_else(|| slot.to_owned()),
            record_type: node.string("type").unwrap_or_default(),
        }),
        child_of: Vec::new(),
        links: IndexMap::new(),
        states: IndexMap::new(),
        clocks: IndexMap::new(),
        actions: IndexMap::new(),
        see: Vec::new(),
        indexes: Vec::new(),
        search: Vec::new(),
        unique: Vec::new(),
        views: IndexMap::new(),
        gateway: None,
        documents: IndexMap::new(),
        pinned: node
            .get("pinned")
            .and_then(Node::boolean)
            .unwrap_or(!register),
        derived: Default::default(),
    };
    rt.states = states(node, &rt, service, sink);
    super::invited::read(node, &mut rt, service, sink);
    rt.actions = actions(node, &rt, service, sink);
    faces::people(node, &mut rt, service, sink);
    super::handed::read(node, &mut rt, service, sink);
    rt.documents = super::documents::skeleton(node, &rt, service, sink);
    one_meaning(node, &rt, sink);
    rt
}

fn map<T>(node: &Node, word: &str, make: impl Fn(&str, &Node) -> T) -> IndexMap<String, T> {
    node.get(word)
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|(key, node)| (key.name.clone(), make(&key.name, node)))
        .collect()
}

fn lookup(name: &str, node: &Node) -> Lookup {
    Lookup {
        name: name.to_owned(),
        title: node.string("title").unwrap_or_else(|| name.to_owned()),
        of: node.string("of").unwrap_or_default(),
        index: node.string("index").unwrap_or_default(),
        keys: Vec::new(),
        condition: None,
        limit: node.number("limit").unwrap_or(20),
    }
}

fn states(
    node: &Node,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> IndexMap<String, State> {
    let mut states = IndexMap::new();
    for (key, node) in node.get("states").map(Node::entries).unwrap_or_default() {
        let waits_for = node
            .get("waits_for")
            .and_then(|who| who_of(who, rt, service, sink));
        states.insert(
            key.name.clone(),
            State {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                waits_for,
                line: node.string("line"),
                ended: node.flag("ended"),
            },
        );
    }
    states
}

/// Who is meant by a text: a party's role, `desk.ROLE`, `system`, `signed_in`, `public`.
pub(super) fn who_of(
    node: &Node,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> Option<Who> {
    let text = node.text()?;
    let found = match text {
        "system" => Some(Who::System),
        "signed_in" => Some(Who::SignedIn),
        "public" => Some(Who::Public),
        _ => seat_or_party(text, rt, service),
    };
    if found.is_none() {
        let known: Vec<String> = seats_and_parties(rt, service)
            .chain(["system", "signed_in", "public"].map(str::to_owned))
            .collect();
        sink.error(
            &node.at,
            "unknown-role",
            format!("「{text}」という人はいません。"),
        )
        .hint_if(nearest(text, known.iter().map(String::as_str)));
    }
    found
}

/// A party's role or `desk.ROLE`, if there is one of that name.
pub(super) fn seat_or_party(text: &str, rt: &RecordType, service: &Service) -> Option<Who> {
    match text.strip_prefix("desk.") {
        Some(role) => service
            .roles
            .contains_key(role)
            .then(|| Who::Desk(role.to_owned())),
        None => rt
            .parties
            .contains_key(text)
            .then(|| Who::Party(text.to_owned())),
    }
}

/// The names that [`seat_or_party`] knows.
pub(super) fn seats_and_parties(
    rt: &RecordType,
    service: &Service,
) -> impl Iterator<Item = String> {
    let desks = service.roles.keys().map(|role| format!("desk.{role}"));
    rt.parties.keys().cloned().chain(desks)
}

/// Everybody under a word that takes one or many.
pub(super) fn everybody(
    node: &Node,
    word: &str,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> Vec<Who> {
    node.get(word)
        .map(Node::one_or_many)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| who_of(item, rt, service, sink))
        .collect()
}

fn actions(
    node: &Node,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> IndexMap<String, Action> {
    let mut actions = IndexMap::new();
    for (key, node) in node.get("actions").map(Node::entries).unwrap_or_default() {
        let form = match node.get("form") {
            None => Form::None,
            Some(form) if form.text() == Some("any") => Form::Any,
            Some(_) => Form::Fields(node.strings("form")),
        };
        let corrects = node.strings("corrects");
        let form = with_corrected(form, &corrects);
        actions.insert(
            key.name.clone(),
            Action {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                by: everybody(node, "by", rt, service, sink),
                opens: node.flag("opens"),
                from: node.strings("from"),
                to: node.string("to"),
                form,
                require: Vec::new(),
                when: None,
                route: node.string("route"),
                change: Vec::new(),
                effect: Vec::new(),
                confirm: node.string("confirm"),
                tone: match node.text_of("tone") {
                    Some("primary") => Tone::Primary,
                    Some("danger") => Tone::Danger,
                    _ => Tone::Secondary,
                },
                batch: None,
                corrects,
                extra: Vec::new(),
                substitute: false,
                note: false,
                assurance: Assured::default(),
            },
        );
    }
    actions
}

/// What is corrected stands before what else is asked.
fn with_corrected(form: Form, corrects: &[String]) -> Form {
    if corrects.is_empty() {
        return form;
    }
    let mut fields = corrects.to_vec();
    if let Form::Fields(more) = form {
        fields.extend(more.into_iter().filter(|name| !corrects.contains(name)));
    }
    Form::Fields(fields)
}

/// Fields, slots, lookups and parties share the names of expressions.
fn one_meaning(node: &Node, rt: &RecordType, sink: &mut Sink) {
    let mut seen: IndexMap<&str, &str> = rt
        .fields
        .keys()
        .map(|name| (name.as_str(), "項目"))
        .collect();
    for (word, what) in [
        ("has", "子の記録"),
        ("lookups", "横に見せる記録"),
        ("parties", "当事者"),
    ] {
        for (key, _) in node.get(word).map(Node::entries).unwrap_or_default() {
            if let Some(other) = seen.insert(&key.name, what) {
                sink.error(
                    &key.at,
                    "duplicate-name",
                    format!("「{}」は{other}の名前でもあります。", key.name),
                )
                .hint("式の中で区別できるよう、名前を変えてください。");
            }
        }
    }
}

fn children(
    records: &IndexMap<String, Node>,
    types: &mut IndexMap<String, RecordType>,
    sink: &mut Sink,
) {
    let names: Vec<String> = types.keys().cloned().collect();
    let pairs: Vec<(String, String, String)> = types
        .values()
        .flat_map(|rt| {
            rt.has.values().map(|child| {
                (
                    rt.name.clone(),
                    child.slot.clone(),
                    child.record_type.clone(),
                )
            })
        })
        .collect();
    for (parent, slot, child) in pairs {
        match types.get_mut(&child) {
            Some(child) => child.child_of.push((parent, slot)),
            None => {
                let node = records
                    .get(&parent)
                    .and_then(|node| node.get("has")?.get(&slot)?.get("type"));
                if let Some(node) = node {
                    sink.error(
                        &node.at,
                        "unknown-type",
                        format!("「{child}」という記録の種類はありません。"),
                    )
                    .hint_if(nearest(&child, names.iter().map(String::as_str)));
                }
                if let Some(rt) = types.get_mut(&parent) {
                    rt.has.shift_remove(&slot);
                }
            }
        }
    }
}

/// Links come from `open … as:` where the name is no slot; the opened record links back as `origin`.
fn links(records: &IndexMap<String, Node>, types: &mut IndexMap<String, RecordType>) {
    for (name, node) in records {
        for (_, action) in node.get("actions").map(Node::entries).unwrap_or_default() {
            for change in action.get("change").map(Node::items).unwrap_or_default() {
                let (Some(opened), Some(link)) = (change.string("open"), change.string("as"))
                else {
                    continue;
                };
                let is_slot = types.get(name).is_some_and(|rt| rt.has.contains_key(&link));
                if is_slot || !types.contains_key(&opened) {
                    continue;
                }
                if let Some(rt) = types.get_mut(name) {
                    rt.links.entry(link).or_insert_with(|| opened.clone());
                }
                if let Some(rt) = types.get_mut(&opened) {
                    rt.links
                        .entry("origin".to_owned())
                        .or_insert_with(|| name.clone());
                }
            }
        }
    }
}
