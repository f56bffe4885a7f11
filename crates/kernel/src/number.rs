//! Official numbers: by authority and fiscal year, without gaps, drawn at the commit. Until then a mark stands in
//! their place wherever the act has written them.

use crate::decision::{Decision, Draw};
use crate::event::Patch;
use crate::refusal::Refusal;
use crate::world::{Doing, World, unread};
use definition::model::NumberRule;
use jiff::civil::Date;
use serde_json::Value as Json;

/// A noncharacter before and after the index of a draw: it stands in no text that people enter.
const MARK: char = '\u{fdd0}';

/// The fiscal year of a day, which begins in April.
#[must_use]
pub fn fiscal_year(day: Date) -> i16 {
    if day.month() >= 4 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// The counter of which a type's numbers are drawn for an authority, in the fiscal year of a day.
#[must_use]
pub fn counter(service: &str, record_type: &str, authority: Option<&str>, day: Date) -> String {
    let (authority, year) = (authority.unwrap_or_default(), fiscal_year(day));
    format!("{service}/{record_type}/{authority}/{year}")
}

/// Orders a number for a record that has none.
pub(crate) fn draw(
    world: &mut World<'_>,
    doing: &Doing<'_>,
    rule: &NumberRule,
) -> Result<(), Refusal> {
    let snapshot = world.get(doing.id).ok_or_else(unread)?;
    if snapshot.number.is_some() {
        return Ok(());
    }
    let authority = snapshot.authority.clone();
    let day = world.act.effective_on;
    let pattern = rule
        .pattern
        .replace("{fiscal_year}", &fiscal_year(day).to_string())
        .replace("{authority}", authority.as_deref().unwrap_or_default());
    let service = &world.facts.service.slug;
    let counter = counter(service, &doing.rt.name, authority.as_deref(), day);
    let mark = format!("{MARK}{}{MARK}", world.draws.len());
    world.draws.push(Draw {
        record: doing.id,
        counter,
        pattern,
    });
    world.put(doing.id, Patch::Number(mark));
    Ok(())
}

/// The number from a pattern in which only `{seq}` or `{seq:0N}` is left.
fn format(pattern: &str, seq: u64) -> String {
    let Some((before, rest)) = pattern.split_once("{seq") else {
        return pattern.to_owned();
    };
    let Some((width, after)) = rest.split_once('}') else {
        return pattern.to_owned();
    };
    let width: usize = width.trim_start_matches(':').parse().unwrap_or(0);
    format!("{before}{seq:0width$}{after}")
}

/// Puts the drawn numbers into events, snapshots, postings and messages. `seqs` are in the order of
/// [`Decision::draws`]; a draw without a number keeps its mark, which no store may commit.
#[must_use]
pub fn fill_numbers(mut decision: Decision, seqs: &[u64]) -> Decision {
    let numbers: Vec<String> = decision
        .draws
        .iter()
        .zip(seqs)
        .map(|(draw, seq)| format(&draw.pattern, *seq))
        .collect();
    if numbers.is_empty() {
        return decision;
    }
    for patch in decision.events.iter_mut().flat_map(|e| &mut e.body.patches) {
        fill_patch(patch, &numbers);
    }
    for snapshot in &mut decision.snapshots {
        snapshot.number.iter_mut().for_each(|n| fill(n, &numbers));
        snapshot
            .fields
            .values_mut()
            .for_each(|json| fill_json(json, &numbers));
    }
    for posting in &mut decision.postings {
        fill(&mut posting.key, &numbers);
    }
    for effect in &mut decision.effects {
        for text in effect.texts() {
            fill(text, &numbers);
        }
    }
    decision
}

fn fill_patch(patch: &mut Patch, numbers: &[String]) {
    match patch {
        Patch::Number(number) => fill(number, numbers),
        Patch::Field { value, .. } | Patch::Issued { data: value, .. } => fill_json(value, numbers),
        Patch::Posted { key, .. } => fill(key, numbers),
        _ => {}
    }
}

fn fill(text: &mut String, numbers: &[String]) {
    if !text.contains(MARK) {
        return;
    }
    for (at, number) in numbers.iter().enumerate() {
        *text = text.replace(&format!("{MARK}{at}{MARK}"), number);
    }
}

fn fill_json(json: &mut Json, numbers: &[String]) {
    match json {
        Json::String(text) => fill(text, numbers),
        Json::Array(items) => items.iter_mut().for_each(|item| fill_json(item, numbers)),
        Json::Object(members) => members
            .values_mut()
            .for_each(|member| fill_json(member, numbers)),
        _ => {}
    }
}
