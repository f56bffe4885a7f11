//! Nothing that is kept of a user review leads back to the case, to the person, or to the hour of the answer.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, TODAY, done, morning, opening};
use definition::Catalogue;
use engine::review::{ANSWER, ReviewAnswer, SERVICE as REVIEWS};
use jiff::{SignedDuration, ToSpan};
use kernel::port::Store as _;
use serde_json::json;
use uuid::Uuid;

const SERVICE: &str = "
title: 声の試し
initiatives: []
area: 共通
category: \"01\"
audience: [residents]
status: running
owner: 見本係
summary: 声の試しです。
roles: { clerk: 係 }
review: { after: [note] }
";
const NOTE: &str = r#"
title: 届出
number: { pattern: "届-{seq:03}" }
office: '"見本係"'
parties: { owner: { title: 本人, is: [person], owner: true } }
fields: { name: { type: text, title: 名前, required: true } }
states: { done: { title: 済み, ended: true, line: 済みました。 } }
actions:
  file: { title: 届け出る, by: owner, opens: true, to: done, form: [name] }
see:
  - { who: owner, scope: own }
"#;

fn catalogue() -> Catalogue {
    common::sound(&common::beside_registers([
        ("common/900-voices/service.yaml", SERVICE),
        ("common/900-voices/records/note.yaml", NOTE),
    ]))
}

/// Far apart and in no order of anything, as random ids are.
fn random(n: u8) -> Uuid {
    Uuid::from_bytes([n.wrapping_mul(167).wrapping_add(91); 16])
}

#[tokio::test]
async fn an_answer_leads_to_no_case_no_person_and_no_hour() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    bench.engine.prepare_reviews("secret").await.unwrap();
    let mut telling: Vec<String> = Vec::new();
    let mut cases = Vec::new();
    for n in 0..5_u8 {
        let login = format!("person{n}");
        let actor = bench.person(&login, Vec::new()).await;
        let input = json!({"name": format!("ひみつの名{n}")});
        let case = done(
            bench
                .engine
                .perform(opening(&actor, "voices", "note", "file", input))
                .await,
        );
        telling.extend([
            case.id.to_string(),
            actor.party.unwrap().to_string(),
            actor.account.unwrap().to_string(),
            case.number.clone().unwrap(),
            actor.name.clone(),
            format!("ひみつの名{n}"),
        ]);
        cases.push((actor, case.id));
    }
    let acts = bench.journal().await;
    telling.extend(acts.iter().map(|one| one.event.header.act.to_string()));

    // Answered in an order of its own, hours apart.
    for (hour, n) in (1_i64..).zip([3_u8, 0, 4, 1, 2]) {
        let at = morning(TODAY).checked_add(SignedDuration::from_hours(hour));
        bench.clock.set(at.unwrap());
        let (actor, case) = &cases[usize::from(n)];
        let ticket = bench
            .engine
            .review_ticket(actor, "voices", "note", *case)
            .await
            .unwrap();
        let answer = ReviewAnswer {
            scores: [Some(n + 1), Some(3), Some(4)],
            comment: String::new(),
        };
        bench
            .engine
            .answer_review(&ticket, answer, random(n))
            .await
            .unwrap();
    }
    bench
        .clock
        .set(morning(TODAY.checked_add(1.day()).unwrap()));
    bench.tick().await;

    let kept: Vec<_> = bench
        .journal()
        .await
        .into_iter()
        .filter(|one| one.event.header.service == REVIEWS && one.event.header.record_type == ANSWER)
        .collect();
    assert_eq!(kept.len(), 5);
    let answers = &bench.engine.catalogue().services[REVIEWS].types[ANSWER];
    let speed = answers.fields["speed"].id.clone();
    let mut speeds = Vec::new();
    for one in &kept {
        let text = serde_json::to_string(&one.event).unwrap();
        for secret in &telling {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
        let at = one.event.header.recorded_at;
        assert!(at >= morning(TODAY.checked_add(1.day()).unwrap()), "{at}");
        assert!(one.event.header.actor.is_none(), "nobody answered: {text}");
        // The answer's own instant stands nowhere: the day alone does.
        let hours = text.matches(&format!("{TODAY}T")).count();
        assert_eq!(hours, 0, "{text}");
        let record = one.event.header.record;
        let found = bench.store.snapshots(&[record]).await.unwrap();
        speeds.push(found[0].fields[&speed].to_string());
    }
    // In the order of their random ids, which is neither that of the answers nor that of the cases.
    let mut by_id: Vec<u8> = (0..5).collect();
    by_id.sort_by_key(|n| random(*n));
    let expected: Vec<String> = by_id.iter().map(|n| (n + 1).to_string()).collect();
    assert_eq!(speeds, expected);
    assert_ne!(by_id, [3, 0, 4, 1, 2]);
    assert_ne!(by_id, [0, 1, 2, 3, 4]);
}
