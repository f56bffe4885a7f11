//! What is opened beyond what rules let see: records in an emergency, and individual numbers (個人番号).

use super::common::Bench;
use super::{Line, Says, line_opens, line_shows};
use engine::Failure;
use kernel::{Actor, RefusalKind, Snapshot};
use serde_json::json;
use std::collections::BTreeMap;

/// With a pass to it, who does not see a record reads what a line of their role says, and nobody else anything.
pub(super) async fn in_an_emergency(bench: &Bench, lines: &[Line], actor: &Actor, of: &Snapshot) {
    let (id, until, reason) = (of.id, jiff::Timestamp::MAX, String::new());
    let mut actor = actor.clone();
    actor.passes =
        serde_json::from_value(json!([{"id": id, "record": id, "until": until, "reason": reason}]))
            .unwrap();
    let says = |line: &&Line| {
        let role = line.who.strip_prefix("desk.").unwrap_or_default();
        let held = actor.seats.iter().any(|seat| seat.role == role);
        held && line.record_type == of.record_type && matches!(line.says, Says::Glass { .. })
    };
    let line = lines.iter().find(says);
    let seen = (bench.engine).record(&actor, None, &of.service, &of.record_type, id, None);
    let seen = seen.await.ok();
    assert_eq!(seen.is_some(), line.is_some(), "{:?}", actor.seats);
    if let (Some(view), Some(line)) = (seen, line) {
        assert!(view.actions.is_empty());
        assert!(view.fields.keys().all(|name| line_shows(line, name)));
    }
}

/// Whoever has a seat of their own that a line names, and from that seat by itself sees record and field, may say what they
/// open a number for; everybody else is told that there is none. Without a purpose, nothing is opened.
pub(super) async fn numbers(
    bench: &Bench,
    lines: &[Line],
    actor: &Actor,
    of: &Snapshot,
    tried: &mut BTreeMap<&'static str, usize>,
) {
    let place = (of.service.as_str(), of.record_type.as_str(), of.id);
    let sure = Actor {
        assurance: kernel::Assurance::HIGHEST,
        ..actor.clone()
    };
    let own = lines
        .iter()
        .filter(|line| line.record_type == of.record_type);
    let mut fields: BTreeMap<&str, bool> = BTreeMap::new();
    for line in own {
        let Says::Number { field, purposes } = &line.says else {
            continue;
        };
        assert!(!purposes.is_empty());
        let shows = |seat: &&kernel::Seat| {
            let role = format!("desk.{}", seat.role);
            let see = |see: &&Line| see.who == role && line_opens(see, actor, Some(seat), of);
            let mut see = lines.iter().filter(see);
            role == line.who && see.any(|see| line_shows(see, field))
        };
        *fields.entry(field).or_default() |= actor.seats.iter().any(|seat| shows(&seat));
    }
    for (field, may) in fields {
        let told = || format!("{field} by {:?} of {:?}", actor.seats, place);
        let refused = |found: Result<_, Failure>| match found {
            Err(Failure::Refused(refusal)) => refusal.kind,
            Err(fault) => panic!("{fault:?}"),
            Ok(_) => panic!("opened without a purpose"),
        };
        let engine = &bench.engine;
        let known = refused(engine.open_number(&sure, place, field, "").await.map(drop));
        let unknown = refused(engine.open_number(actor, place, field, "").await.map(drop));
        let offers = engine.number_offers(&sure, place).await.unwrap_or_default();
        assert!(
            may || offers.iter().all(|one| one.field != field),
            "{}",
            told()
        );
        let demands = demands_sureness(bench, of, field);
        let (expected, unsure) = match (may, demands) {
            (true, true) => (RefusalKind::Invalid, RefusalKind::Unassured),
            (true, false) => (RefusalKind::Invalid, RefusalKind::Invalid),
            (false, _) => (RefusalKind::NotFound, RefusalKind::NotFound),
        };
        assert_eq!((known, unknown), (expected, unsure), "{}", told());
        let outcome = if may { "opened" } else { "not opened" };
        *tried.entry(outcome).or_default() += 1;
    }
}

/// Whether the package demands that whoever opens it is known surely.
fn demands_sureness(bench: &Bench, of: &Snapshot, field: &str) -> bool {
    let catalogue = bench.engine.catalogue();
    let rule = catalogue.services[&of.service].types[&of.record_type].fields[field]
        .kind
        .individual_rule();
    rule.is_some_and(|rule| rule.assurance != definition::model::Assured::default())
}
