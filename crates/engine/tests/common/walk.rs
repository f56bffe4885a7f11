//! Random acts over any package: inputs are made from the kinds of the fields, so most are right and some are not.

use super::{Bench, acting, object, opening};
use definition::model::{Action, Field, FieldKind, Options, RecordType, Service, Status};
use engine::Failure;
use jiff::ToSpan;
use kernel::{Actor, RecordId};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A small generator: the walk is the same each time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What came of a walk.
#[derive(Debug, Default)]
pub struct Walked {
    pub done: usize,
    pub refused: usize,
    pub records: Vec<(String, String, RecordId)>,
}

/// Does `steps` random acts as random people. After each it holds the record against its definition, and a refusal
/// against the journal, which must not have grown.
pub async fn walk(bench: &Bench, people: &[Actor], steps: usize, dice: &mut Dice) -> Walked {
    let catalogue = bench.engine.catalogue();
    let services: Vec<Arc<Service>> = catalogue
        .services
        .values()
        .filter(|s| s.status != Status::Preparing && !s.types.is_empty())
        .cloned()
        .collect();
    let mut walked = Walked::default();
    for _ in 0..steps {
        let actor = &people[dice.below(people.len())];
        let outcome = if walked.records.is_empty() || dice.once_in(4) {
            open(bench, &services, actor, dice).await
        } else {
            let at = dice.below(walked.records.len());
            let (service, kind, id) = walked.records[at].clone();
            act(bench, actor, (&service, &kind, id), dice).await
        };
        match outcome {
            None => {}
            Some(Ok(found)) => {
                walked.done += 1;
                for one in found {
                    if !walked.records.contains(&one) {
                        walked.records.push(one);
                    }
                }
            }
            Some(Err(Failure::Refused(refusal))) => {
                assert!(!refusal.title.is_empty());
                walked.refused += 1;
            }
            Some(Err(fault)) => panic!("{fault:?}"),
        }
        if dice.once_in(20) {
            let later = bench.engine.now().checked_add(24.hours()).unwrap();
            bench.clock.set(later);
            bench.tick().await;
        }
    }
    walked
}

type Found = Vec<(String, String, RecordId)>;

async fn open(
    bench: &Bench,
    services: &[Arc<Service>],
    actor: &Actor,
    dice: &mut Dice,
) -> Option<Result<Found, Failure>> {
    let service = &services[dice.below(services.len())];
    let choices: Vec<(&RecordType, &Action)> = service
        .types
        .values()
        .flat_map(|rt| {
            rt.actions
                .values()
                .filter(|a| a.opens)
                .map(move |a| (rt.as_ref(), a))
        })
        .collect();
    let (rt, action) = choices.get(dice.below(choices.len()))?;
    let input = input(bench, actor, service, rt, action, dice).await;
    perform(
        bench,
        service,
        rt,
        action,
        opening(actor, &service.slug, &rt.name, &action.name, input),
    )
    .await
}

async fn act(
    bench: &Bench,
    actor: &Actor,
    on: (&str, &str, RecordId),
    dice: &mut Dice,
) -> Option<Result<Found, Failure>> {
    let view = bench
        .engine
        .record(actor, None, on.0, on.1, on.2, None)
        .await
        .ok()?;
    let actions: Vec<_> = view
        .actions
        .iter()
        .filter_map(|found| view.record_type.actions.get(&found.name))
        .collect();
    let action = match actions.len() {
        // Also what may not be done now.
        0 => view
            .record_type
            .actions
            .values()
            .nth(dice.below(view.record_type.actions.len()))?,
        some => actions[dice.below(some)],
    };
    let input = input(bench, actor, &view.service, &view.record_type, action, dice).await;
    let version = if dice.once_in(5) {
        view.version.saturating_sub(1).max(1)
    } else {
        view.version
    };
    perform(
        bench,
        &view.service,
        &view.record_type,
        action,
        acting(actor, on, version, &action.name, input),
    )
    .await
}

async fn perform(
    bench: &Bench,
    service: &Service,
    rt: &RecordType,
    action: &Action,
    request: engine::ActRequest,
) -> Option<Result<Found, Failure>> {
    bench.news().await;
    match bench.engine.perform(request).await {
        Err(failure) => {
            let said = format!("{} {} {}: {failure:?}", service.slug, rt.name, action.name);
            assert_eq!(bench.news().await, 0, "a refusal changes nothing: {said}");
            Some(Err(failure))
        }
        Ok(outcome) => {
            let view = outcome.view;
            assert!(
                rt.states.contains_key(&view.state),
                "{}: {}",
                rt.name,
                view.state
            );
            let followed = rt
                .actions
                .values()
                .any(|other| other.by.contains(&definition::model::Who::System));
            let expected = action.to.as_ref().is_none_or(|to| to == &view.state);
            assert!(
                expected || followed,
                "{}/{} led to {}",
                rt.name,
                action.name,
                view.state
            );
            let mut found = vec![(service.slug.clone(), rt.name.clone(), view.id)];
            let children = view
                .children
                .values()
                .flatten()
                .chain(view.links.values().flatten());
            found.extend(children.map(|child| {
                (
                    service.slug.clone(),
                    child.record_type.name.clone(),
                    child.id,
                )
            }));
            Some(Ok(found))
        }
    }
}

/// An input for an action. Now and then something is left out, or is nonsense.
pub async fn input(
    bench: &Bench,
    actor: &Actor,
    service: &Service,
    rt: &RecordType,
    action: &Action,
    dice: &mut Dice,
) -> Json {
    let mut input = Map::new();
    for field in kernel::form_fields(rt, action) {
        let skip = if field.required {
            dice.once_in(25)
        } else {
            dice.once_in(2)
        };
        if skip {
            continue;
        }
        let value = if dice.once_in(60) {
            json!({"nonsense": [1]})
        } else {
            value(bench, actor, service, field, dice).await
        };
        input.insert(field.name.clone(), value);
    }
    Json::Object(object(Json::Object(input)))
}

async fn value(
    bench: &Bench,
    actor: &Actor,
    service: &Service,
    field: &Field,
    dice: &mut Dice,
) -> Json {
    match &field.kind {
        FieldKind::Files { min, .. } => {
            let mut ids = Vec::new();
            for _ in 0..(*min).max(1) {
                let name = format!("{}.png", dice.below(1_000));
                ids.push(json!(
                    bench
                        .engine
                        .upload(actor, &name, png(dice.below(250)))
                        .await
                        .unwrap()
                        .id
                ));
            }
            Json::Array(ids)
        }
        FieldKind::Rows { fields, min, max } => {
            let count = min + dice.below(max.saturating_sub(*min).min(2) + 1);
            let mut rows = Vec::new();
            for _ in 0..count {
                let mut row = Map::new();
                for member in fields.values().filter(|f| {
                    f.value.is_none()
                        && !matches!(f.kind, FieldKind::Files { .. } | FieldKind::Rows { .. })
                }) {
                    if member.required || dice.once_in(2) {
                        row.insert(member.name.clone(), plain(service, member, dice));
                    }
                }
                rows.push(Json::Object(row));
            }
            Json::Array(rows)
        }
        _ => plain(service, field, dice),
    }
}

fn plain(service: &Service, field: &Field, dice: &mut Dice) -> Json {
    let number = |min: &Option<rust_decimal::Decimal>, dice: &mut Dice| {
        let least = min.map_or(0, |min| i64::try_from(min.ceil()).unwrap_or(0));
        json!(least + i64::try_from(dice.below(9)).unwrap())
    };
    match &field.kind {
        FieldKind::Text { .. } => json!(["見本の一", "見本の二", "柴崎町"][dice.below(3)]),
        FieldKind::Number { min, .. } | FieldKind::Yen { min, .. } => number(min, dice),
        FieldKind::Boolean => json!(dice.once_in(2)),
        FieldKind::Declaration { .. } => json!(!dice.once_in(9)),
        FieldKind::Date => json!(
            super::TODAY
                .checked_add(i64::try_from(dice.below(20)).unwrap().days())
                .unwrap()
        ),
        FieldKind::PartialDate => json!("2024-05"),
        FieldKind::DateTime => json!("2026-12-01T10:00:00+09:00"),
        FieldKind::Choice(options) => code(service, options, dice),
        FieldKind::Choices(options) => json!([code(service, options, dice)]),
        FieldKind::PersonName => {
            json!({"family": "見本", "given": "花子", "kana": "ミホン ハナコ"})
        }
        FieldKind::Kana => json!("ミホン"),
        FieldKind::Email => json!("mihon@example.jp"),
        FieldKind::Phone => json!("03-1234-5678"),
        FieldKind::PostalCode => json!("190-0023"),
        FieldKind::Address => {
            json!({"municipality": municipality(dice), "line": format!("本町{}-1", dice.below(4) + 1)})
        }
        FieldKind::Municipality => json!(municipality(dice)),
        FieldKind::CorporateNumber => json!("7123456789012"),
        FieldKind::IndividualNumber(_) => json!("123456789018"),
        FieldKind::Account => {
            json!({"bank": "0001", "branch": "001", "kind": "ordinary", "number": "1234567", "holder": "ﾐﾎﾝ"})
        }
        FieldKind::Remarks => json!([{"pointer": "/fields/x", "text": "直してください"}]),
        FieldKind::Files { .. } | FieldKind::Rows { .. } | FieldKind::Record(_) => Json::Null,
    }
}

fn municipality(dice: &mut Dice) -> &'static str {
    ["13202", "13207", "13214", "13215", "13101"][dice.below(5)]
}

fn code(service: &Service, options: &Options, dice: &mut Dice) -> Json {
    match options {
        Options::Inline(options) => options
            .get_index(dice.below(options.len()))
            .map_or(Json::Null, |(code, _)| json!(code)),
        Options::Table(name) => {
            let codes = service
                .tables
                .get(name)
                .map(|table| table.options_on(super::TODAY))
                .unwrap_or_default();
            codes
                .get(dice.below(codes.len()))
                .map_or(Json::Null, |(code, _)| json!(code))
        }
    }
}

/// A picture of one grey pixel.
pub fn png(shade: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 1, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&[u8::try_from(shade % 256).unwrap()])
        .unwrap();
    out
}
