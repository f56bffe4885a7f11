//! `looked:`: what people are told of who looked.

use super::compile::Pass;
use super::faces::desk_roles;
use super::lists::state_set;
use crate::model::{Looked, RecordType, Withheld};
use crate::yaml::Node;

/// Reads and checks what a type says.
pub(super) fn read(pass: &mut Pass<'_>, rt: &mut RecordType) {
    let Some(node) = pass.node.get("looked") else {
        return;
    };
    let mut looked = Looked {
        names: node.flag("names"),
        withheld: Vec::new(),
    };
    for item in node.get("withheld").map(Node::items).unwrap_or_default() {
        looked.withheld.push(Withheld {
            by: desk_roles(item, "by", rt, pass.service, pass.sink),
            states: state_set(pass, item.get("states"), rt),
            basis: item.string("basis").unwrap_or_default(),
        });
    }
    if rt.parties.is_empty() {
        pass.sink
            .error(
                &node.at,
                "looked-by-nobody",
                "当事者のいない記録なので、「だれが見たか」を見る人がいません。",
            )
            .hint("looked を消すか、parties に当事者を書いてください。");
    }
    rt.looked = looked;
}
