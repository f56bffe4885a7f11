//! Messages: `{{ expression }}` typed over every record type that sends them.

use super::presence::Settled;
use crate::diagnostic::Sink;
use crate::env::Names;
use crate::model::{Effect, Message, Outside, Part, RecordType, Service};
use crate::package::Parts;
use crate::yaml::Node;
use feel::Env;
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the messages and types their expressions.
pub(super) fn fill(
    head: &Node,
    records: &IndexMap<String, Node>,
    types: &IndexMap<String, RecordType>,
    service: &mut Service,
    presence: &Settled,
    sink: &mut Sink,
) {
    let senders = senders(records, types);
    let mut messages = std::mem::take(&mut service.messages);
    let envs: BTreeMap<&String, Env> = {
        let names = Names {
            types: types.values().collect(),
            tables: &service.tables,
        };
        types
            .iter()
            .map(|(name, rt)| (name, names.env(rt, presence)))
            .collect()
    };
    for (key, node) in head.get("messages").map(Node::entries).unwrap_or_default() {
        let users = senders.get(key.name.as_str());
        if users.is_none() {
            sink.warning(
                &key.at,
                "unused",
                format!("文「{}」はどこからも送られません。", key.name),
            )
            .hint("effect の notify か clocks の remind で使うか、消してください。");
        }
        let envs: Vec<&Env> = users
            .into_iter()
            .flatten()
            .filter_map(|name| envs.get(name))
            .collect();
        let parts = |word: &str, sink: &mut Sink| {
            node.get(word)
                .map(|node| template(node, &envs, sink))
                .unwrap_or_default()
        };
        messages.insert(
            key.name.clone(),
            Message {
                name: key.name.clone(),
                subject: parts("subject", sink),
                body: parts("body", sink),
                outside: outside(node).or_else(|| outside(head)).unwrap_or_default(),
                urgent: node.flag("urgent"),
                translated: BTreeMap::new(),
            },
        );
    }
    service.messages = messages;
}

fn outside(node: &Node) -> Option<Outside> {
    match node.text_of("outside")? {
        "full" => Some(Outside::Full),
        "none" => Some(Outside::None),
        _ => Some(Outside::Short),
    }
}

/// Puts the fresh translations into the messages. A translation may use the expressions of the Japanese, each as it is
/// written there: so it needs no types of its own, and cannot tell more than the Japanese does.
pub(super) fn translate(parts: &Parts, service: &mut Service, sink: &mut Sink) {
    let mut messages = std::mem::take(&mut service.messages);
    for (language, all) in &service.translations {
        for (name, message) in &mut messages {
            let mut said = |word: &str, japanese: &[Part]| {
                let path = format!("service.messages.{name}.{word}");
                let found = all.by_path.get(&path).filter(|one| one.fresh)?;
                let made = translated(&found.text, japanese);
                if let (Err(source), Some(node)) = (&made, parts.i18n.get(language)) {
                    let at = node.get(&path).map_or(&node.at, |node| &node.at);
                    sink.error(
                        at,
                        "template",
                        format!("訳の「{{{{{source}}}}}」が日本語の文にありません。"),
                    )
                    .hint("日本語の文にある {{ 式 }} を、そのままの書き方で使ってください。");
                }
                made.ok()
            };
            if let (Some(subject), Some(body)) = (
                said("subject", &message.subject),
                said("body", &message.body),
            ) {
                message.translated.insert(language.clone(), (subject, body));
            }
        }
    }
    service.messages = messages;
}

/// A translated template with the typed expressions of the Japanese; the source of one that is not there.
fn translated(text: &str, japanese: &[Part]) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (source, after) = after.split_once("}}").unwrap_or((after, ""));
        let same = |part: &&Part| matches!(part, Part::Value(typed) if typed.source().trim() == source.trim());
        let part = japanese.iter().find(same).ok_or(source.trim())?;
        literal(&mut parts, Some(before));
        parts.push(part.clone());
        rest = after;
    }
    literal(&mut parts, Some(rest));
    Ok(parts)
}

/// Record types by the messages that they send.
fn senders<'a>(
    records: &'a IndexMap<String, Node>,
    types: &'a IndexMap<String, RecordType>,
) -> BTreeMap<&'a str, BTreeSet<&'a String>> {
    let mut senders: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (name, rt) in types {
        for effect in rt.actions.values().flat_map(|action| &action.effect) {
            let Effect::Notify { message, .. } = effect else {
                continue;
            };
            senders.entry(message).or_default().insert(name);
        }
        for invited in rt
            .parties
            .values()
            .filter_map(|party| party.invited.as_ref())
        {
            for message in [&invited.joined, &invited.acted] {
                senders.entry(message).or_default().insert(name);
            }
        }
        let clocks = records
            .get(name)
            .and_then(|node| node.get("clocks"))
            .map(Node::entries)
            .unwrap_or_default();
        for message in clocks
            .iter()
            .filter_map(|(_, clock)| clock.get("remind")?.text_of("message"))
        {
            senders.entry(message).or_default().insert(name);
        }
    }
    senders
}

/// Splits a text at `{{ … }}` and types each expression in every environment; the first that succeeds is kept.
pub(super) fn template(node: &Node, envs: &[&Env], sink: &mut Sink) -> Vec<Part> {
    let Some(text) = node.text() else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(open) = text
        .get(at..)
        .and_then(|rest| rest.find("{{"))
        .map(|found| at + found)
    {
        let Some(close) = text
            .get(open..)
            .and_then(|rest| rest.find("}}"))
            .map(|found| open + found)
        else {
            sink.error(
                &node.inside(open, 2),
                "template",
                "「{{」に対応する「}}」がありません。",
            )
            .hint("{{ 式 }} のように閉じてください。");
            break;
        };
        literal(&mut parts, text.get(at..open));
        let inner = text.get(open + 2..close).unwrap_or("");
        let start = open + 2 + (inner.len() - inner.trim_start().len());
        if let Some(typed) = expression(node, inner.trim(), start, envs, sink) {
            parts.push(Part::Value(typed));
        }
        at = close + 2;
    }
    literal(&mut parts, text.get(at..));
    parts
}

fn literal(parts: &mut Vec<Part>, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        parts.push(Part::Literal(text.to_owned()));
    }
}

fn expression(
    node: &Node,
    source: &str,
    start: usize,
    envs: &[&Env],
    sink: &mut Sink,
) -> Option<feel::Typed> {
    let mut kept = None;
    for env in envs {
        match feel::compile(source, env, None) {
            Ok(typed) => {
                sink.passed.extend_from_slice(typed.passed());
                kept = kept.or(Some(typed));
            }
            Err(found) => {
                for fault in found {
                    let at = node.inside(
                        start + fault.span.start,
                        fault.span.end.saturating_sub(fault.span.start),
                    );
                    sink.error(&at, fault.code, fault.message)
                        .hint_if(fault.hint);
                }
            }
        }
    }
    kept
}
