//! `uses:`, `gives:` and the grounds on which records cross to other services and bodies. What a package says of itself is
//! checked with it; what it says of others once all have been read.

use super::compile::Pass;
use super::faces::desk_roles;
use crate::diagnostic::{Sink, nearest};
use crate::model::{
    Basis, ConsentRule, FieldKind, Giving, Ground, RecordType, ScopeKind, SeeRule, Service, Use,
    Who,
};
use crate::yaml::{At, Node};
use indexmap::IndexMap;
use std::sync::Arc;

/// Days for which a consent holds unless it is said (assumed).
const CONSENT_DAYS: u32 = 365;

/// A place at which a package reads another.
#[derive(Clone, Debug)]
pub(crate) struct Crossing {
    at: At,
    /// Slug of the reading package.
    pub(crate) by: String,
    wanted: Use,
}

/// The ground of a rule on who sees. Officials of a municipality are of another body than who keeps the record.
pub(super) fn of_rule(pass: &mut Pass<'_>, item: &Node, scope: ScopeKind) -> Option<Ground> {
    let who = item.get("who").map(Node::one_or_many).unwrap_or_default();
    let desk = who
        .iter()
        .filter_map(Node::text)
        .any(|who| who.starts_with("desk."));
    let Some(node) = item.get("ground") else {
        if desk && scope == ScopeKind::Municipality {
            pass.sink
                .error(
                    &item.at,
                    "no-ground",
                    "区市町村の職員に見せる規則に、利用目的と根拠がありません。",
                )
                .hint("ground: { purpose: 利用目的, law: 法令と条項 } を書いてください（個人情報の保護に関する法律 第69条）。");
        }
        return None;
    };
    if let Some(consent) = node.get("consent") {
        pass.sink
            .error(
                &consent.at,
                "consent-of-rule",
                "見られる範囲（see）の根拠に、同意は書けません。",
            )
            .hint("法令を law に書くか、同意によるものは uses にしてください。");
    }
    ground(node, pass.sink)
}

fn ground(node: &Node, sink: &mut Sink) -> Option<Ground> {
    let basis = match (node.string("law"), node.string("consent")) {
        (Some(law), None) => Basis::Law(law),
        (None, Some(field)) => Basis::Consent(ConsentRule {
            field,
            days: node.number("days").unwrap_or(CONSENT_DAYS),
        }),
        _ => {
            sink.error(
                &node.at,
                "ground",
                "根拠は、law（法令）か consent（本人の同意）の、どちらか1つです。",
            )
            .hint("例: ground: { purpose: 登録の審査, law: 花の会要綱 第3条 }");
            return None;
        }
    };
    Some(Ground {
        purpose: node.string("purpose").unwrap_or_default(),
        basis,
    })
}

/// Reads and checks what a type reads and gives.
pub(super) fn read(pass: &mut Pass<'_>, rt: &mut RecordType) {
    if let Some(node) = pass.node.get("gives") {
        let known = rt.fields.keys();
        pass.compiler().all_known(node.get("fields"), "項目", known);
        rt.gives = Some(Giving {
            to: node.strings("to"),
            fields: node.strings("fields"),
        });
        let own =
            |rule: &SeeRule| matches!(rule.who, Who::Party(_)) && rule.scope == ScopeKind::Own;
        if !rt.see.iter().any(own) {
            pass.sink
                .error(
                    &node.at,
                    "gives-of-nobody",
                    "当事者が自分のものとして見る記録ではないので、だれの記録かで読めません。",
                )
                .hint("see に { who: 当事者, scope: own } を書くか、gives を消してください。");
        }
    }
    for (key, node) in pass.node.get("uses").map(Node::entries).unwrap_or_default() {
        if let Some(wanted) = one(pass, rt, &key.name, node) {
            pass.sink.crossings.push(Crossing {
                at: node.key_at("from").clone(),
                by: pass.service.slug.clone(),
                wanted: wanted.clone(),
            });
            rt.uses.insert(key.name.clone(), wanted);
        }
    }
}

fn one(pass: &mut Pass<'_>, rt: &RecordType, name: &str, node: &Node) -> Option<Use> {
    if let Some(of) = node.get("of") {
        pass.compiler().known(of, "当事者", rt.parties.keys());
    }
    let readers = desk_roles(node, "for", rt, pass.service, pass.sink);
    let from = node.string("from")?;
    let Some((service, record_type)) = from.split_once('/') else {
        pass.sink
            .error(
                node.key_at("from"),
                "use-from",
                "読む先は「サービス/記録の種類」と書きます。",
            )
            .hint("例: from: delegations/delegation");
        return None;
    };
    let ground = ground(node.get("ground")?, pass.sink)?;
    if let Some(rule) = ground.consent() {
        consented(pass, rt, node, &rule.field);
    }
    Some(Use {
        name: name.to_owned(),
        title: node.string("title").unwrap_or_default(),
        service: service.to_owned(),
        record_type: record_type.to_owned(),
        of: node.string("of")?,
        states: Some(node.strings("states")).filter(|all| !all.is_empty()),
        fields: node.strings("fields"),
        readers,
        ground,
    })
}

/// A consent is a declaration that may be left out: what is demanded is no consent.
fn consented(pass: &mut Pass<'_>, rt: &RecordType, node: &Node, field: &str) {
    let at = node
        .get("ground")
        .map_or(&node.at, |ground| ground.key_at("consent"));
    match rt.fields.get(field) {
        Some(found) if !matches!(found.kind, FieldKind::Declaration { .. }) => {
            pass.sink
                .error(
                    at,
                    "consent-field",
                    format!("「{field}」は、同意する文（declaration）ではありません。"),
                )
                .hint("type: declaration の項目を書いてください。");
        }
        Some(found) if found.required => {
            pass.sink
                .error(at, "consent-required", "必須の項目では、同意になりません。")
                .hint("required を消し、同意がないときの手順を決めてください。");
        }
        Some(_) => {}
        None => {
            pass.sink
                .error(
                    at,
                    "unknown-field",
                    format!("「{field}」という項目はありません。"),
                )
                .hint_if(nearest(field, rt.fields.keys().map(String::as_str)));
        }
    }
}

/// Checks a reading against the package that is read; all are there by now.
pub(crate) fn check(
    crossing: &Crossing,
    services: &IndexMap<String, Arc<Service>>,
    left_out: &[String],
    sink: &mut Sink,
) {
    let Crossing { at, by, wanted } = crossing;
    if wanted.service == *by {
        sink.error(
            at,
            "use-of-own",
            "uses は、ほかのサービスの記録を読む語です。",
        )
        .hint("同じサービスの記録は lookups に書いてください。");
        return;
    }
    // Its own faults are told already.
    if left_out.contains(&wanted.service) {
        return;
    }
    let holder = services.get(&wanted.service);
    let Some(holder) = holder.and_then(|service| service.types.get(&wanted.record_type)) else {
        let all = services.values().flat_map(|service| {
            let types = service.types.keys();
            types.map(|name| format!("{}/{name}", service.slug))
        });
        let all: Vec<String> = all.collect();
        let from = format!("{}/{}", wanted.service, wanted.record_type);
        sink.error(
            at,
            "unknown-type",
            format!("「{from}」という記録はありません。"),
        )
        .hint_if(nearest(&from, all.iter().map(String::as_str)));
        return;
    };
    let unknown = wanted
        .states
        .iter()
        .flatten()
        .find(|state| !holder.states.contains_key(*state));
    if let Some(state) = unknown {
        let title = &holder.title;
        sink.error(
            at,
            "unknown-state",
            format!("「{title}」に「{state}」という状態はありません。"),
        )
        .hint_if(nearest(state, holder.states.keys().map(String::as_str)));
    }
    let given = |field: &&String| {
        let gives = holder.gives.as_ref();
        !gives.is_some_and(|gives| gives.lets(by, field))
    };
    if let Some(field) = wanted.fields.iter().find(given) {
        sink.error(
            at,
            "not-given",
            format!(
                "「{}」は、このサービスに「{field}」を読ませていません。",
                holder.title
            ),
        )
        .hint(format!(
            "{}/{} の gives に、to: [{by}] とその項目を、所管と相談して書いてください。",
            wanted.service, wanted.record_type
        ));
    }
}
