//! Effects towards a payment gateway, and the actions that its answers perform.

use super::compile::{Compiler, Pass};
use crate::diagnostic::Sink;
use crate::model::{Effect, Form, GATEWAY_FIELDS, Gateway, IndexKey, RecordType, Who};
use crate::yaml::Node;
use feel::{Env, Type};

/// `charge`, `refund` or `recall`.
pub(super) fn effect(compiler: &mut Compiler<'_>, item: &Node, env: &Env) -> Option<Effect> {
    if let Some(charge) = item.get("charge") {
        let when = compiler.at(charge, "when", env, Some(&Type::Boolean));
        let amount = compiler.at(charge, "amount", env, Some(&Type::Number));
        let title = compiler.at(charge, "title", env, Some(&Type::Text));
        let until = compiler.at(charge, "until", env, Some(&Type::Date));
        return Some(Effect::Charge {
            amount: amount?,
            title: title?,
            until: until?,
            when,
        });
    }
    if let Some(refund) = item.get("refund") {
        let when = compiler.at(refund, "when", env, Some(&Type::Boolean));
        let amount = compiler.at(refund, "amount", env, Some(&Type::Number));
        let payment = compiler.at(refund, "payment", env, Some(&Type::Text));
        let reason = compiler.at(refund, "reason", env, Some(&Type::Text));
        return Some(Effect::Refund {
            amount: amount?,
            payment: payment?,
            reason: reason?,
            when,
        });
    }
    let recall = item.get("recall")?;
    let when = compiler.at(recall, "when", env, Some(&Type::Boolean));
    Some(Effect::Recall { when })
}

/// The type's `gateway`, and whether its actions can do what is asked of them.
pub(super) fn fill(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("gateway") else {
        needless(pass, rt);
        return;
    };
    pass.compiler()
        .all_known(node.get("pay_in"), "状態", rt.states.keys());
    let gateway = Gateway {
        pay_in: node.strings("pay_in"),
        terms: node.string("terms"),
        ready: node.string("ready"),
        paid: node.string("paid"),
        expired: node.string("expired"),
        refunded: node.string("refunded"),
        refused: node.string("refused"),
        stray: node.string("stray"),
        day: node.string("day"),
        counted: node.string("counted"),
    };
    for (word, _) in gateway.actions() {
        if let Some(node) = node.get(word)
            && pass.compiler().known(node, "操作", rt.actions.keys())
        {
            answers(word, node, rt, pass.sink);
        }
    }
    if let Some(node) = node.get("counted") {
        counted(node, rt, pass);
    }
    rt.gateway = Some(gateway);
}

/// Whoever charges must take the answer.
fn needless(pass: &mut Pass<'_>, rt: &RecordType) {
    let asks = |effect: &Effect| matches!(effect, Effect::Charge { .. } | Effect::Refund { .. });
    if rt.actions.values().any(|a| a.effect.iter().any(asks)) {
        pass.sink
            .error(
                pass.node.key_at("actions"),
                "no-gateway",
                "電子納付や返金を頼んでいますが、答えを受ける gateway がありません。",
            )
            .hint("gateway: { ready: …, paid: …, expired: … } を書いてください。");
    }
}

fn answers(word: &str, node: &Node, rt: &RecordType, sink: &mut Sink) {
    let Some(action) = node.text().and_then(|name| rt.actions.get(name)) else {
        return;
    };
    super::actions::must_be_system(node, rt, sink);
    let opens = matches!(word, "stray" | "day");
    if opens && !action.opens {
        sink.error(
            &node.at,
            "gateway-opens-nothing",
            format!("「{}」は記録を始められません。", action.name),
        )
        .hint("opens: true を書いてください。");
    }
    let missing = rt.states.keys().find(|state| !action.from.contains(state));
    if let Some(state) = missing.filter(|_| matches!(word, "paid" | "refunded")) {
        sink.error(
            &node.at,
            "money-refused",
            format!(
                "お金は、状態「{state}」のときにも届きます。「{}」の from にありません。",
                action.name
            ),
        )
        .hint("すべての状態から行えるようにし、合わないお金は預かってください。");
    }
    let Form::Fields(form) = &action.form else {
        return;
    };
    for field in form.iter().filter_map(|name| rt.fields.get(name)) {
        let known = GATEWAY_FIELDS.iter().find(|(name, _)| *name == field.name);
        let fits = known.is_some_and(|(_, expected)| {
            *expected == Type::Any || *field.kind.feel_type().required() == *expected
        });
        if !fits {
            sink.error(
                &node.at,
                "gateway-field",
                format!(
                    "代行会社の答えに「{}」（{}）はありません。",
                    field.name, field.title
                ),
            )
            .hint("form には gateway の説明にある項目だけを書き、種類を合わせてください。");
        }
    }
}

fn counted(node: &Node, rt: &RecordType, pass: &mut Pass<'_>) {
    let names: Vec<&String> = rt.indexes.iter().map(|index| &index.name).collect();
    if !pass.compiler().known(node, "並び", names.into_iter()) {
        return;
    }
    let index = rt
        .indexes
        .iter()
        .find(|index| Some(index.name.as_str()) == node.text());
    let first = index.and_then(|index| index.keys.first());
    if first.map(IndexKey::path).as_deref() != Some("received_on") {
        pass.sink
            .error(
                &node.at,
                "counted-by-day",
                "日ごとに数える並びの、初めの鍵は received_on です。",
            )
            .hint("keys: [received_on] の並びを書いてください。");
    }
}

/// Whether the gateway's answers perform an action.
pub(crate) fn performs(rt: &RecordType, action: &str) -> bool {
    let Some(gateway) = &rt.gateway else {
        return false;
    };
    let by_system = rt
        .actions
        .get(action)
        .is_some_and(|a| a.by.contains(&Who::System));
    by_system && gateway.actions().any(|(_, name)| name == action)
}
