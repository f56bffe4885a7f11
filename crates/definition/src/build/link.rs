//! Fields that name records or officials: which, and what they bring along.

use super::actions::values;
use super::compile::Pass;
use crate::env::official_type;
use crate::model::{OfficialRule, RecordLink, RecordType};
use crate::yaml::Node;
use feel::Type;

/// Fills in the expressions of such a field.
pub(super) fn fill(
    pass: &mut Pass<'_>,
    node: &Node,
    name: &str,
    link: &mut RecordLink,
    rt: &RecordType,
) {
    let types = pass.types;
    let known = node
        .get("of")
        .is_some_and(|of| pass.compiler().known(of, "記録の種類", types.keys()));
    if !known {
        return;
    }
    if let Some(among) = node.get("among")
        && pass
            .compiler()
            .known(among, "横に見せる記録", rt.lookups.keys())
        && link
            .among
            .as_ref()
            .and_then(|among| rt.lookups.get(among))
            .is_some_and(|lookup| lookup.of != link.of)
    {
        pass.sink
            .error(
                &among.at,
                "wrong-lookup",
                format!("この lookups で見つかるのは「{}」ではありません。", link.of),
            )
            .hint("of と、lookups の of を同じにしてください。");
    }
    let mut env = pass.env.clone();
    let one = Type::Named(link.of.clone());
    env.variables.insert("it".to_owned(), one.clone());
    link.condition = pass
        .compiler()
        .at(node, "where", &env, Some(&Type::Boolean));
    env.variables.remove("it");
    // What it copies is looked at only once something is chosen.
    let chosen = if link.many() { Type::list(one) } else { one };
    env.variables.insert(name.to_owned(), chosen);
    link.copies = values(pass, node.get("copies"), rt, &env);
}

/// The rule of a field that names an official, if it is one.
pub(super) fn official(
    pass: &mut Pass<'_>,
    node: &Node,
    rt: &RecordType,
) -> Option<Box<OfficialRule>> {
    let copies = node.get("copies").filter(|_| node.get("of").is_none());
    let Some(rule) = node.get("official") else {
        if let Some(copies) = copies {
            let detail = "職員を名指さない文字の項目に copies は書けません。";
            pass.sink
                .error(&copies.at, "copies-without-official", detail)
                .hint("official を書くか、copies を消してください。");
        }
        return None;
    };
    let mut env = pass.env.clone();
    env.variables.insert("it".to_owned(), official_type());
    let condition = pass.compiler().condition(rule, &env, &rt.fields);
    let copies = values(pass, copies, rt, &env);
    Some(Box::new(OfficialRule {
        condition: condition?,
        copies,
    }))
}
