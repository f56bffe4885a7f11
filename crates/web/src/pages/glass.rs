//! 緊急閲覧: asking to read in an emergency, and what waits to be looked through.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, page, see};
use super::visitor::Visitor;
use super::{naming, show};
use askama::Template;
use axum::extract::{Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Failure, GlassAnswer, GlassKind, GlassPlace, GlassRequest};
use serde::Deserialize;

/// Where it stands.
pub(super) const PATH: &str = "/desk/emergency";

#[derive(Template)]
#[template(path = "glass.html")]
struct Page {
    c: Chrome,
    /// What can be read just now: address and what is said.
    passes: Vec<(String, String)>,
    /// What may be asked for: value and title.
    kinds: Vec<(String, String)>,
    form: Option<Form>,
    /// What waits to be looked through: address and what is said; none for whoever looks nothing through.
    waiting: Option<Vec<(String, String)>>,
    /// That nothing was found.
    missed: bool,
    /// Field and what is wrong with it.
    faults: Vec<(String, String)>,
    /// Why it was refused as a whole.
    refused: Option<String>,
}

impl Page {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| name == field);
        found.map(|(_, text)| text.as_str())
    }
}

struct Form {
    kind: String,
    title: String,
    hours: u32,
    ways: Vec<Way>,
    /// Code, title, whether it was chosen.
    reasons: Vec<(String, String, bool)>,
    words: String,
}

struct Way {
    name: String,
    chosen: bool,
    title: String,
    keys: Vec<Key>,
}

struct Key {
    /// Name of the control.
    name: String,
    /// Under which a fault of it is told.
    fault: String,
    title: String,
    is_day: bool,
    value: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    missed: String,
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let wanted = GlassRequest::default();
    let missed = !asked.missed.is_empty();
    let said = Said {
        missed,
        ..Said::default()
    };
    shown(&visitor, StatusCode::OK, (&asked.kind, &wanted), said).await
}

pub(super) async fn post(visitor: Visitor, request: Request) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let (kind, find) = (text("kind"), text("find"));
    let (service, record_type) = kind.split_once('/').unwrap_or_default();
    let keys = (0..8).map(|at| text(&key_name(&find, at)));
    let wanted = GlassRequest {
        service: service.to_owned(),
        record_type: record_type.to_owned(),
        keys: keys.collect(),
        find,
        reason: text("reason"),
        words: text("words"),
    };
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    match engine.break_glass(actor, &wanted).await {
        Ok(GlassAnswer::Opened { place, .. } | GlassAnswer::Seen { place }) => {
            Ok(see(&page_of(&place)))
        }
        Ok(GlassAnswer::Missed) => Ok(see(&format!("{PATH}?missed=1"))),
        Err(Failure::Refused(refusal)) if may_be_said(&refusal) => {
            let faults = refusal.faults.iter().map(|fault| {
                let field = fault.pointer.trim_start_matches('/');
                (field.to_owned(), fault.detail.clone())
            });
            let said = Said {
                faults: faults.collect(),
                refused: refusal.faults.is_empty().then(|| refusal.title.clone()),
                missed: false,
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            shown(&visitor, status, (&kind, &wanted), said).await
        }
        Err(fault) => Err(fault.into()),
    }
}

fn may_be_said(refusal: &kernel::Refusal) -> bool {
    use kernel::RefusalKind::{Invalid, WrongState};
    matches!(refusal.kind, Invalid | WrongState)
}

#[derive(Default)]
struct Said {
    faults: Vec<(String, String)>,
    refused: Option<String>,
    missed: bool,
}

async fn shown(
    visitor: &Visitor,
    status: StatusCode,
    (kind, wanted): (&str, &GlassRequest),
    said: Said,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let kinds = engine.glass_kinds(actor);
    let waiting = engine.glass_to_check(actor).await?;
    if kinds.is_empty() && waiting.is_none() {
        return Err(PageError::not_found());
    }
    let passes = engine.glass_passes(actor).await?.into_iter().map(|pass| {
        let said = format!("{}（{}まで）", pass.title, show::instant(pass.until));
        (page_of(&pass.place), said)
    });
    let chosen = match kinds.as_slice() {
        [one] => Some(one),
        all => all.iter().find(|one| value(one) == kind),
    };
    let one = |record: &engine::RecordView| {
        let said = format!(
            "{}　{}",
            naming::called(record),
            show::instant(record.created_at)
        );
        (naming::page(record), said)
    };
    Ok(page(
        status,
        &Page {
            c: visitor.chrome("緊急閲覧"),
            passes: passes.collect(),
            kinds: kinds.iter().map(|one| (value(one), title(one))).collect(),
            form: chosen.map(|one| form(one, wanted)),
            waiting: waiting.map(|all| all.iter().map(one).collect()),
            missed: said.missed,
            faults: said.faults,
            refused: said.refused,
        },
    ))
}

fn page_of((service, record_type, id): &GlassPlace) -> String {
    naming::href(service, record_type, *id)
}

fn value(kind: &GlassKind) -> String {
    format!("{}/{}", kind.place.0, kind.place.1)
}

fn title(kind: &GlassKind) -> String {
    format!("{}　{}", kind.titles.0, kind.titles.1)
}

fn key_name(find: &str, at: usize) -> String {
    format!("key.{find}.{at}")
}

fn form(kind: &GlassKind, wanted: &GlassRequest) -> Form {
    let way = |(nth, (name, keys)): (usize, &(String, Vec<engine::GlassKey>))| {
        let chosen = match wanted.find.is_empty() {
            true => nth == 0,
            false => wanted.find == *name,
        };
        let titles: Vec<&str> = keys.iter().map(|key| key.title.as_str()).collect();
        let keys = keys.iter().enumerate().map(|(at, key)| Key {
            name: key_name(name, at),
            fault: match chosen {
                true => format!("keys/{at}"),
                false => String::new(),
            },
            title: key.title.clone(),
            is_day: key.is_day,
            value: match chosen {
                true => wanted.keys.get(at).cloned().unwrap_or_default(),
                false => String::new(),
            },
        });
        Way {
            name: name.clone(),
            chosen,
            title: format!("{}で探す", titles.join("と")),
            keys: keys.collect(),
        }
    };
    let reason =
        |(code, title): &(String, String)| (code.clone(), title.clone(), *code == wanted.reason);
    Form {
        kind: value(kind),
        title: title(kind),
        hours: kind.hours,
        ways: kind.find.iter().enumerate().map(way).collect(),
        reasons: kind.reasons.iter().map(reason).collect(),
        words: wanted.words.clone(),
    }
}
