//! What has changed since this account last looked at a record: for officials and owners alike.

use super::error::PageError;
use super::show::instant;
use super::visitor::Visitor;
use crate::i18n::{say, with};
use engine::{HistoryEntry, RecordView};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Messages that are looked through for those about the record.
const MESSAGES: usize = 50;

/// What others changed since the last look.
pub(super) struct Changed {
    /// 「…に見たあとに変わったこと」.
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    /// Names of the fields that changed, to mark them in place.
    pub(super) fields: BTreeSet<String>,
}

/// None where nothing changed, or nothing was looked at before.
pub(super) async fn changed(
    visitor: &Visitor,
    record: &RecordView,
    history: &[HistoryEntry],
    look: Option<Timestamp>,
) -> Result<Option<Changed>, PageError> {
    let Some(look) = look else { return Ok(None) };
    let mut lines = Vec::new();
    let mut fields = BTreeSet::new();
    for entry in history.iter().filter(|e| e.at > look && !e.own) {
        let titles: Vec<&str> = entry.changes.iter().map(|c| c.title.as_str()).collect();
        fields.extend(entry.changes.iter().map(|c| c.field.clone()));
        let mut line = with("{0}　{1}", &[&instant(entry.at), &entry.action_title]);
        if let Some((_, state)) = &entry.state {
            line.push_str(&with("→{0}", &[state]));
        }
        if !titles.is_empty() {
            line.push_str(&with("（{0}）", &[&titles.join(say("、"))]));
        }
        lines.push(line);
    }
    let messages = visitor
        .app
        .engine
        .messages(&visitor.signed.actor, None, MESSAGES)
        .await?;
    let about = messages
        .iter()
        .filter(|m| m.record == record.id && m.at > look);
    lines.extend(about.map(|m| with("{0}　お知らせ「{1}」", &[&instant(m.at), &m.subject])));
    Ok((!lines.is_empty()).then(|| Changed {
        title: with("前に見たとき（{0}）から変わったこと", &[&instant(look)]),
        lines,
        fields,
    }))
}
