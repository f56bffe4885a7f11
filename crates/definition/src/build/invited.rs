//! Roles into which an owner invites others to go on with a record.

use super::compile::message_known;
use crate::diagnostic::{Sink, nearest};
use crate::model::{Invited, RecordType, Service};
use crate::yaml::Node;

const DAYS: std::ops::RangeInclusive<u16> = 1..=30;
const USUAL_DAYS: u16 = 7;
/// Each stands under scope keys of their own.
const MOST: std::ops::RangeInclusive<u8> = 1..=5;
const USUAL_MOST: u8 = 3;

/// Reads `invited` of the parties; the states must be there already.
pub(super) fn read(node: &Node, rt: &mut RecordType, service: &Service, sink: &mut Sink) {
    for (key, party) in node.get("parties").map(Node::entries).unwrap_or_default() {
        let Some(invited) = party.get("invited") else {
            continue;
        };
        let rule = one(invited, rt, service, sink);
        if party.flag("owner") {
            sink.error(
                &invited.at,
                "invited-owner",
                "持ち主（owner: true）の役割には、人を招けません。",
            )
            .hint("続きを頼む人の役割を別に作り、invited をそこに書いてください。");
        }
        if !rt.parties.values().any(|party| party.owner) {
            sink.error(
                &invited.at,
                "invited-by-nobody",
                "招く人（owner: true の当事者）がいません。",
            )
            .hint("parties に owner: true の当事者を書いてください。");
        }
        if let Some(party) = rt.parties.get_mut(&key.name) {
            party.invited = Some(rule);
        }
    }
}

fn one(node: &Node, rt: &RecordType, service: &Service, sink: &mut Sink) -> Invited {
    let mut from = Vec::new();
    for item in node.get("from").map(Node::one_or_many).unwrap_or_default() {
        let Some(name) = item.text() else { continue };
        if rt.states.contains_key(name) {
            from.push(name.to_owned());
            continue;
        }
        sink.error(
            &item.at,
            "unknown-name",
            format!("状態「{name}」はありません。"),
        )
        .hint_if(nearest(name, rt.states.keys().map(String::as_str)));
    }
    if from.is_empty() {
        from.extend(rt.states.keys().next().cloned());
    }
    let mut message = |word: &str| {
        let named = node.get(word)?;
        message_known(named, service, sink).then(|| named.text().unwrap_or_default().to_owned())
    };
    let (joined, acted) = (message("joined"), message("acted"));
    let days = node.number("days").unwrap_or(USUAL_DAYS);
    let most = node.number("most").unwrap_or(USUAL_MOST);
    for (word, fits, range) in [
        ("days", DAYS.contains(&days), "1から30"),
        ("most", MOST.contains(&most), "1から5"),
    ] {
        if !fits {
            sink.error(
                node.key_at(word),
                "out-of-range",
                format!("「{word}」は{range}までの数です。"),
            );
        }
    }
    Invited {
        from,
        days,
        most,
        joined: joined.unwrap_or_default(),
        acted: acted.unwrap_or_default(),
    }
}
