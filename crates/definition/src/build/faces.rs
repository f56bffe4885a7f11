//! What a record shows beside its fields: outlook, comparisons, notes, the counter, measures.

use super::compile::Pass;
use super::fields::phrases;
use super::skeleton::everybody;
use crate::diagnostic::{Sink, nearest};
use crate::model::{
    Action, Assured, Beside, Compare, Counter, Dimension, Field, FieldKind, Form, Measure, Notes,
    Options, Outlook, RecordType, Service, Tone, Who,
};
use crate::yaml::{Content, Node};
use feel::{Type, Typed};
use indexmap::IndexMap;

/// The action that `notes:` adds, and the fields of its form.
pub const NOTE: &str = "note";
/// How it was said.
pub const NOTE_HOW: &str = "note_how";
/// With whom.
pub const NOTE_WITH: &str = "note_with";
/// What.
pub const NOTE_TEXT: &str = "note_text";
/// Whether the owner may read it.
pub const NOTE_SHARED: &str = "note_shared";

const MOST_DIMENSIONS: usize = 4;
const MOST_NOTE_CHARS: usize = 4000;
/// What a measure may read besides the record's own fields: what changes only by an event of the record itself.
const OWN: [&str; 7] = [
    "state",
    "number",
    "authority",
    "office",
    "municipality",
    "arrived_on",
    "created_on",
];

/// Who keeps notes and who sits at the counter; the note's action and fields.
pub(super) fn people(node: &Node, rt: &mut RecordType, service: &Service, sink: &mut Sink) {
    if let Some(counter) = node.get("counter") {
        rt.counter = Some(Counter {
            roles: desk_roles(counter, "by", rt, service, sink),
            help: counter.string("help"),
        });
        if !rt.parties.values().any(|party| party.owner) {
            sink.error(
                &counter.at,
                "counter-without-owner",
                "代わって入力する相手（owner: true の当事者）がいません。",
            )
            .hint("parties に owner: true の当事者を書いてください。");
        }
    }
    let Some(notes) = node.get("notes") else {
        return;
    };
    let by = desks(notes, "by", rt, service, sink);
    for field in note_fields(notes, service, sink) {
        if rt.fields.contains_key(&field.name) || rt.actions.contains_key(NOTE) {
            sink.error(
                &notes.at,
                "reserved-name",
                format!(
                    "notes があると、操作「{NOTE}」と項目「{}」は自動でできます。",
                    field.name
                ),
            )
            .hint("同じ名前の操作や項目の名前を変えてください。");
            return;
        }
        rt.fields.insert(field.name.clone(), field);
    }
    rt.actions
        .insert(NOTE.to_owned(), note_action(by.clone(), rt));
    rt.notes = Some(Notes { by });
}

/// The desk roles under a word.
fn desks(node: &Node, word: &str, rt: &RecordType, service: &Service, sink: &mut Sink) -> Vec<Who> {
    let found = everybody(node, word, rt, service, sink);
    if found.iter().any(|who| !matches!(who, Who::Desk(_))) {
        sink.error(
            node.key_at(word),
            "unknown-role",
            "ここに書けるのは desk.役割 だけです。",
        )
        .hint(format!("例: {word}: [desk.examiner]"));
    }
    found
}

/// The names of the desk roles under a word.
pub(super) fn desk_roles(
    node: &Node,
    word: &str,
    rt: &RecordType,
    service: &Service,
    sink: &mut Sink,
) -> Vec<String> {
    let found = desks(node, word, rt, service, sink).into_iter();
    let roles = found.filter_map(|who| match who {
        Who::Desk(role) => Some(role),
        _ => None,
    });
    roles.collect()
}

fn note_action(by: Vec<Who>, rt: &RecordType) -> Action {
    let form = [NOTE_HOW, NOTE_WITH, NOTE_TEXT, NOTE_SHARED];
    Action {
        from: rt.states.keys().cloned().collect(),
        form: Form::Fields(form.map(str::to_owned).to_vec()),
        note: true,
        ..plain_action(NOTE, "電話・窓口のメモを残す".to_owned(), by)
    }
}

/// An action beside others that asks for nothing and changes nothing: what a word makes by itself begins with it.
pub(super) fn plain_action(name: &str, title: String, by: Vec<Who>) -> Action {
    Action {
        name: name.to_owned(),
        title,
        by,
        opens: false,
        from: Vec::new(),
        to: None,
        form: Form::None,
        require: Vec::new(),
        when: None,
        route: None,
        change: Vec::new(),
        effect: Vec::new(),
        confirm: None,
        tone: Tone::Secondary,
        batch: None,
        corrects: Vec::new(),
        extra: Vec::new(),
        substitute: false,
        note: false,
        assurance: Assured::default(),
    }
}

fn note_fields(notes: &Node, service: &Service, sink: &mut Sink) -> [Field; 4] {
    let ways = match notes.get("how").map(|how| &how.content) {
        Some(Content::Map(entries)) => entries
            .iter()
            .map(|(key, title)| {
                (
                    key.name.clone(),
                    title.text().unwrap_or(&key.name).to_owned(),
                )
            })
            .collect(),
        Some(Content::Seq(items)) => items
            .iter()
            .filter_map(Node::text)
            .map(|text| (text.to_owned(), text.to_owned()))
            .collect(),
        _ => [("phone", "電話"), ("counter", "窓口"), ("mail", "メール")]
            .map(|(code, title)| (code.to_owned(), title.to_owned()))
            .into(),
    };
    let text = |multiline, max_chars| FieldKind::Text {
        multiline,
        max_chars,
    };
    let mut what = Field::plain(NOTE_TEXT, "話したこと", text(true, MOST_NOTE_CHARS), true);
    what.phrases = phrases(notes, service, sink);
    let mut shared = Field::plain(NOTE_SHARED, "本人にも見せる", FieldKind::Boolean, false);
    shared.help = Some("選ばなければ、職員だけが見られます。".to_owned());
    [
        Field::plain(
            NOTE_HOW,
            "どのように",
            FieldKind::Choice(Options::Inline(ways)),
            true,
        ),
        Field::plain(NOTE_WITH, "話した相手", text(false, 100), false),
        what,
        shared,
    ]
}

/// The outlook: a day and why.
pub(super) fn outlook(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("outlook") else {
        return;
    };
    let env = pass.env;
    let mut compiler = pass.compiler();
    let value = compiler.at(node, "value", env, Some(&Type::Date.optional()));
    let because = compiler.sentence(node, "because", env).unwrap_or_default();
    rt.outlook = value.map(|value| Outlook {
        title: node.string("title").unwrap_or_default(),
        value,
        because,
    });
}

/// Comparisons: both fields exist and are of kinds that can be laid side by side.
pub(super) fn compare(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let types = pass.types;
    for (key, node) in pass
        .node
        .get("compare")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let Some((with, of)) = beside(pass, node, rt) else {
            continue;
        };
        let Some(other) = types.get(&of) else {
            continue;
        };
        let mut fields = IndexMap::new();
        for (own, theirs) in node.get("fields").map(Node::entries).unwrap_or_default() {
            let Some(name) = theirs.text() else { continue };
            if !rt.fields.contains_key(&own.name) {
                pass.sink
                    .error(
                        &own.at,
                        "unknown-field",
                        format!("「{}」という項目はありません。", own.name),
                    )
                    .hint_if(nearest(&own.name, rt.fields.keys().map(String::as_str)));
            } else if pass.compiler().known(theirs, "項目", other.fields.keys()) {
                fields.insert(own.name.clone(), name.to_owned());
            }
        }
        rt.compare.insert(
            key.name.clone(),
            Compare {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                with,
                of,
                fields,
            },
        );
    }
}

fn beside(pass: &mut Pass<'_>, node: &Node, rt: &RecordType) -> Option<(Beside, String)> {
    let with = node.get("with")?;
    let name = with.text()?;
    if let Some(lookup) = rt.lookups.get(name) {
        return Some((Beside::Lookup(name.to_owned()), lookup.of.clone()));
    }
    if let Some(child) = rt.has.get(name) {
        return Some((Beside::Children(name.to_owned()), child.record_type.clone()));
    }
    if let Some(of) = rt.links.get(name) {
        return Some((Beside::Link(name.to_owned()), of.clone()));
    }
    if name == "parent"
        && let Some((parent, _)) = rt.child_of.first()
    {
        return Some((Beside::Parent, parent.clone()));
    }
    let known = rt
        .lookups
        .keys()
        .chain(rt.has.keys())
        .chain(rt.links.keys());
    pass.sink
        .error(
            &with.at,
            "unknown-name",
            format!("「{name}」という相手はありません。"),
        )
        .hint_if(nearest(name, known.map(String::as_str).chain(["parent"])));
    None
}

/// Measures: they read nothing that could change without an event of the record itself.
pub(super) fn measures(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let env = pass.env;
    for (key, node) in pass
        .node
        .get("measures")
        .map(Node::entries)
        .unwrap_or_default()
    {
        let by = node.get("by").map(Node::entries).unwrap_or_default();
        if by.is_empty() || by.len() > MOST_DIMENSIONS {
            pass.sink.error(
                node.key_at("by"),
                "measure-dimensions",
                format!("軸は1つから{MOST_DIMENSIONS}つです。"),
            );
        }
        let mut compiler = pass.compiler();
        let only = compiler.at(node, "only", env, Some(&Type::Boolean));
        let sum = compiler.at(node, "sum", env, Some(&Type::Number.optional()));
        let text = Type::Text.optional();
        let by: Vec<Dimension> = by
            .iter()
            .filter_map(|(title, value)| {
                Some(Dimension {
                    title: title.name.clone(),
                    value: compiler.expr(value, env, Some(&text))?,
                })
            })
            .collect();
        let all = only
            .iter()
            .chain(&sum)
            .chain(by.iter().map(|dimension| &dimension.value));
        for head in all.flat_map(Typed::reads).filter_map(|path| path.first()) {
            if !rt.fields.contains_key(head)
                && !rt.parties.contains_key(head)
                && !OWN.contains(&head.as_str())
            {
                pass.sink
                    .error(
                        &node.at,
                        "measure-reads",
                        format!("集計の式で「{head}」は使えません。"),
                    )
                    .hint(
                        "この記録の項目と、状態・事務所・区市町村・到達の日だけで書いてください。",
                    );
            }
        }
        rt.measures.insert(
            key.name.clone(),
            Measure {
                name: key.name.clone(),
                title: node.string("title").unwrap_or_else(|| key.name.clone()),
                unit: node.string("unit").unwrap_or_else(|| "件".to_owned()),
                only,
                sum,
                by,
                small: node.text_of("small").and_then(|text| text.parse().ok()),
            },
        );
    }
}
