//! `retention:`: how long records are kept.

use super::compile::Pass;
use super::faces::desk_roles;
use crate::diagnostic::Sink;
use crate::model::{RecordType, Retention, RetentionCount, RetentionThen, Who};
use crate::yaml::Node;
use feel::Type;

const MOST_YEARS: u16 = 100;
const MOST_DAYS: u16 = 366;

/// Reads and checks the rule of a type.
pub(super) fn read(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("retention") else {
        return;
    };
    let (env, service) = (pass.env, pass.service);
    let from = pass
        .compiler()
        .at(node, "from", env, Some(&Type::Date.optional()));
    let years = years(node, pass.sink);
    let mut roles = |word: &str| desk_roles(node, word, rt, service, pass.sink);
    let rule = Retention {
        years,
        from,
        count: match node.text_of("count") {
            Some("year") => RetentionCount::Year,
            Some("day") => RetentionCount::Day,
            _ => RetentionCount::FiscalYear,
        },
        then: match node.text_of("then") {
            Some("archive") => RetentionThen::Archive,
            Some("review") => RetentionThen::Review,
            _ => RetentionThen::Dispose,
        },
        basis: node.string("basis").unwrap_or_default(),
        by: roles("by"),
        decide: roles("decide"),
        unsent: node.number::<u16>("unsent"),
    };
    check_unsent(node, rt, &rule, pass.sink);
    check(node, rt, &rule, pass.sink);
    rt.retention = Some(rule);
}

/// Years, or for ever.
fn years(node: &Node, sink: &mut Sink) -> Option<u16> {
    let years = node.number::<u16>("years");
    if (node.get("years").is_some()) == node.flag("permanent") {
        sink.error(
            &node.at,
            "retention-years",
            "保存する年数（years）か、いつまでも保存すること（permanent: true）の、どちらか1つを書いてください。",
        )
        .hint("例: retention: { years: 5, … }");
    }
    if years.is_some_and(|years| !(1..=MOST_YEARS).contains(&years)) {
        sink.error(
            node.key_at("years"),
            "retention-years",
            format!("保存する年数は、1から{MOST_YEARS}までです。"),
        );
    }
    years.filter(|_| !node.flag("permanent"))
}

/// Days for what never arrived need a type whose records arrive.
fn check_unsent(node: &Node, rt: &RecordType, rule: &Retention, sink: &mut Sink) {
    let Some(days) = rule.unsent else {
        return;
    };
    if !(1..=MOST_DAYS).contains(&days) {
        sink.error(
            node.key_at("unsent"),
            "retention-unsent",
            format!("届かないまま終わった記録を残す日数（unsent）は、1から{MOST_DAYS}までです。"),
        );
    }
    if rt.arrives_at.is_none() {
        sink.error(
            node.key_at("unsent"),
            "retention-unsent",
            "この種類の記録には届く操作（arrives_at）がないので、届かないまま終わったかどうかが分かりません。",
        )
        .hint("unsent を消すか、arrives_at を書いてください。");
    }
}

fn check(node: &Node, rt: &RecordType, rule: &Retention, sink: &mut Sink) {
    if rule.years.is_none() {
        return;
    }
    if !rt.states.values().any(|state| state.ended) {
        sink.error(
            &node.at,
            "retention-never-ends",
            "終わりの状態（ended: true）がないので、保存期間が始まりません。",
        )
        .hint("記録が終わる状態に ended: true を書くか、permanent: true にしてください。");
    }
    for (word, roles) in [("by", &rule.by), ("decide", &rule.decide)] {
        if roles.is_empty() {
            let what = match word {
                "by" => "起案する人（by）",
                _ => "決定する人（decide）",
            };
            sink.error(
                &node.at,
                "retention-nobody",
                format!("満了したときに{what}が書かれていません。"),
            )
            .hint(format!("例: {word}: desk.役割"));
        }
    }
    let unseen = |role: &&String| {
        !rt.see
            .iter()
            .any(|rule| rule.who == Who::Desk((*role).clone()))
    };
    if let Some(role) = rule.by.iter().chain(&rule.decide).find(unseen) {
        sink.error(
            &node.at,
            "retention-unseen",
            format!("desk.{role} は、この記録を見られません。"),
        )
        .hint("廃棄するかどうかを確かめられるよう、see に規則を足してください。");
    }
}
