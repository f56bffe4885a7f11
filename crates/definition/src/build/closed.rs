//! `closed:`: records closed beyond role.

use super::compile::Pass;
use super::faces::desk_roles;
use crate::diagnostic::Sink;
use crate::model::{Closed, RecordType, Who};
use crate::yaml::Node;
use feel::Type;

/// Reads and checks what a type says.
pub(super) fn read(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("closed") else {
        return;
    };
    let (env, service) = (pass.env, pass.service);
    let mut at = |word: &str, of: Type| pass.compiler().at(node, word, env, Some(&of));
    let when = at("when", Type::Boolean.optional());
    let ground = at("ground", Type::Text.optional());
    let until = at("until", Type::Date.optional());
    let Some(when) = when else { return };
    let rule = Closed {
        title: node.string("title").unwrap_or_else(|| "閲覧制限".into()),
        when,
        circle: desk_roles(node, "circle", rt, service, pass.sink),
        named: node.strings("named"),
        ground,
        until,
        hides_from: node.strings("hides_from"),
        counted: node.flag("counted"),
    };
    check(node, rt, &rule, pass.sink);
    rt.closed = Some(rule);
}

fn check(node: &Node, rt: &RecordType, rule: &Closed, sink: &mut Sink) {
    let official = |name: &&String| {
        let field = rt.fields.get(*name);
        field.is_none_or(|field| field.official.is_none())
    };
    if let Some(name) = rule.named.iter().find(official) {
        sink.error(
            node.key_at("named"),
            "closed-named",
            format!("「{name}」は、職員を指す項目（official のある項目）ではありません。"),
        );
    }
    let party = |name: &&String| !rt.parties.contains_key(*name);
    if let Some(name) = rule.hides_from.iter().find(party) {
        sink.error(
            node.key_at("hides_from"),
            "closed-party",
            format!("「{name}」という当事者はありません。"),
        );
    }
    let seen = |role: &String| rt.see.iter().any(|see| see.who == Who::Desk(role.clone()));
    if let Some(role) = rule.circle.iter().find(|role| !seen(role)) {
        sink.error(
            &node.at,
            "closed-unseen",
            format!("desk.{role} は、閉じていなくてもこの記録を見られません。"),
        )
        .hint("see に規則を足してください。");
    }
    if rule.circle.is_empty() {
        sink.error(
            &node.at,
            "closed-nobody",
            "閉じた記録を見て、解くことのできる役割（circle）がありません。",
        )
        .hint("例: circle: [desk.chief]");
    }
}
