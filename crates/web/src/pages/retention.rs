//! 保存期間 at the desk: what has run out, proposing what becomes of it, deciding, and watching it being carried out.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, ok, page, see};
use super::visitor::Visitor;
use super::{naming, show};
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Failure, Proposal, RoundDeed, RoundView};
use jiff::civil::Date;
use kernel::RecordId;
use kernel::keep::Deed;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Records on a page.
const LIMIT: usize = 100;
/// Records of a round that are shown; the file has them all.
const SHOWN: usize = 200;

/// A line that leads somewhere: address, title, what is said of it, badge.
struct Line {
    href: String,
    title: String,
    said: String,
    badge: &'static str,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "retention.html")]
struct Types {
    c: Chrome,
    types: Vec<Line>,
    waiting: Vec<Line>,
}

pub(super) async fn types(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let types = engine.kept_types(actor).await?;
    let types = types.iter().map(|one| Line {
        href: place(&one.service.slug, &one.record_type.name),
        title: format!("{}　{}", one.service.title, one.record_type.title),
        said: one.rule.clone(),
        badge: if one.is_due {
            "満了した記録があります"
        } else {
            ""
        },
        class: "warn",
    });
    let waiting = engine.rounds_to_decide(actor).await?;
    Ok(ok(&Types {
        types: types.collect(),
        waiting: waiting.iter().map(line).collect(),
        c: visitor.chrome("保存期間"),
    }))
}

/// A record that has run out, or will.
struct Row {
    id: String,
    href: String,
    title: String,
    ended: String,
    until: String,
    is_over: bool,
    kept: Option<String>,
    round: Option<String>,
}

#[derive(Template)]
#[template(path = "retention_type.html")]
struct TypePage {
    c: Chrome,
    title: String,
    rule: String,
    upto: String,
    may_propose: bool,
    /// Name and title of what may be proposed.
    deeds: Vec<(&'static str, &'static str)>,
    extends: bool,
    transfers: bool,
    rows: Vec<Row>,
    is_over: bool,
    next: Option<String>,
    rounds: Vec<Line>,
    asked: Proposal,
    until: String,
    /// Field and what is wrong with it.
    faults: Vec<(String, String)>,
    once: String,
}

impl TypePage {
    fn fault(&self, field: &str) -> Option<&str> {
        let found = self.faults.iter().find(|(name, _)| name == field);
        found.map(|(_, text)| text.as_str())
    }

    fn is_ticked(&self, id: &str) -> bool {
        self.asked.records.iter().any(|one| one.to_string() == id)
    }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    after: Option<String>,
}

pub(super) async fn expired(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let asked = Proposal::default();
    let none = (StatusCode::OK, asked, Vec::new());
    show_type(&visitor, (&slug, &kind), wanted.after.as_deref(), none).await
}

async fn show_type(
    visitor: &Visitor,
    (slug, kind): (&str, &str),
    after: Option<&str>,
    (status, asked, faults): (StatusCode, Proposal, Vec<(String, String)>),
) -> Result<Response, PageError> {
    visitor.official()?;
    let actor = &visitor.signed.actor;
    let found = visitor
        .app
        .engine
        .expired(actor, slug, kind, after, LIMIT)
        .await?;
    let rows = found.items.iter().map(|one| Row {
        id: one.view.id.to_string(),
        href: naming::page(&one.view),
        title: naming::called(&one.view),
        ended: one.ended_on.map(show::date).unwrap_or_default(),
        until: show::date(one.until),
        is_over: one.is_over,
        kept: one.kept_because.clone(),
        round: one.round.map(round_href),
    });
    let rows: Vec<Row> = rows.collect();
    let here = place(slug, kind);
    let title = format!("{}の保存期間", found.record_type.title);
    Ok(page(
        status,
        &TypePage {
            c: visitor.chrome(title.clone()),
            title,
            rule: found.rule.clone(),
            upto: show::date(found.upto),
            may_propose: found.may_propose,
            deeds: found
                .deeds
                .iter()
                .map(|deed| (deed.name(), deed.title()))
                .collect(),
            extends: found.deeds.contains(&Deed::Extend),
            transfers: found.deeds.contains(&Deed::Transfer),
            is_over: rows.iter().any(|row| row.is_over && row.round.is_none()),
            rows,
            next: found
                .next
                .as_ref()
                .map(|next| format!("{here}?after={}", crate::percent::value(next))),
            rounds: found.rounds.iter().map(line).collect(),
            until: asked.until.map(|day| day.to_string()).unwrap_or_default(),
            asked,
            faults,
            once: super::random_id(&visitor.app).to_string(),
        },
    ))
}

pub(super) async fn propose(
    visitor: Visitor,
    Path((slug, kind)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let records = posted
        .all("record")
        .filter_map(|id| id.parse().ok().map(RecordId));
    let proposal = Proposal {
        deed: text("deed"),
        records: records.collect(),
        all: posted.get("_do") == Some("all"),
        because: text("because"),
        until: text("until").parse().ok(),
        destination: text("destination"),
    };
    let actor = &visitor.signed.actor;
    let key = once(&posted, &format!("{proposal:?}"));
    let made = visitor
        .app
        .engine
        .propose_round(actor, &slug, &kind, &proposal, key)
        .await;
    match made {
        Ok(round) => Ok(see(&round_href(round.id))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let faults = refusal.faults.iter().map(|fault| {
                let field = fault.pointer.trim_start_matches('/');
                (field.to_owned(), fault.detail.clone())
            });
            let again = (StatusCode::UNPROCESSABLE_ENTITY, proposal, faults.collect());
            show_type(&visitor, (&slug, &kind), None, again).await
        }
        Err(fault) => Err(fault.into()),
    }
}

#[derive(Template)]
#[template(path = "retention_round.html")]
struct RoundPage {
    c: Chrome,
    title: String,
    facts: Vec<(&'static str, String)>,
    state: String,
    class: &'static str,
    /// How far it is, while it is carried out.
    progress: Option<String>,
    file: String,
    back: String,
    here: String,
    may_decide: bool,
    may_withdraw: bool,
    is_own: bool,
    verb: &'static str,
    /// Page of the record while it is there, name, end, last day.
    rows: Vec<(Option<String>, String, String, String)>,
    more: bool,
    fault: Option<String>,
    because: String,
    once: String,
}

pub(super) async fn round(visitor: Visitor, Path(id): Path<String>) -> Result<Response, PageError> {
    show_round(&visitor, read(&id)?, StatusCode::OK, None, String::new()).await
}

async fn show_round(
    visitor: &Visitor,
    id: RecordId,
    status: StatusCode,
    fault: Option<String>,
    because: String,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let round = engine.round(actor, id).await?;
    let listed = engine.round_list(actor, id).await?;
    let shown: Vec<RecordId> = listed.iter().take(SHOWN).map(|one| one.record).collect();
    let there: BTreeSet<RecordId> = engine.still_there(&shown).await?;
    let rows = listed.iter().take(SHOWN).map(|one| {
        let href = there
            .contains(&one.record)
            .then(|| naming::href(&round.service, &round.record_type, one.record));
        let number = one.number.clone().unwrap_or_else(|| one.title.clone());
        let ended = one.ended_on.map(show::date).unwrap_or_default();
        (href, number, ended, show::date(one.until))
    });
    let title = format!("{}の{}", round.type_title, round.deed.title());
    let is_open = round.state == "proposed";
    Ok(page(
        status,
        &RoundPage {
            c: visitor.chrome(title.clone()),
            title,
            facts: facts(&round),
            class: class(&round.state),
            progress: (round.state == "decided").then(|| progress(&round)),
            file: format!("{}/list.csv", round_href(id)),
            back: place(&round.service, &round.record_type),
            here: round_href(id),
            may_decide: round.may_decide,
            may_withdraw: is_open && round.is_own,
            is_own: is_open && round.is_own,
            verb: round.deed.title(),
            rows: rows.collect(),
            more: listed.len() > SHOWN,
            state: round.state_title.clone(),
            fault,
            because,
            once: super::random_id(&visitor.app).to_string(),
        },
    ))
}

pub(super) async fn deed(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let id = read(&id)?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let because = posted.get("because").unwrap_or_default().trim().to_owned();
    let deed = match posted.get("_do") {
        Some("decide") => RoundDeed::Decide,
        Some("decline") => RoundDeed::Decline(because.clone()),
        Some("withdraw") => RoundDeed::Withdraw,
        _ => return Err(PageError::not_found()),
    };
    let key = once(&posted, &format!("{id}{deed:?}"));
    let actor = &visitor.signed.actor;
    match visitor.app.engine.round_deed(actor, id, deed, key).await {
        Ok(_) => Ok(see(&round_href(id))),
        Err(Failure::Refused(refusal)) if refusal.kind != kernel::RefusalKind::NotFound => {
            let told = refusal.faults.first().map(|fault| fault.detail.clone());
            let status = match refusal.kind {
                kernel::RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::CONFLICT,
            };
            let told = Some(told.unwrap_or(refusal.title));
            show_round(&visitor, id, status, told, because).await
        }
        Err(fault) => Err(fault.into()),
    }
}

pub(super) async fn file(visitor: Visitor, Path(id): Path<String>) -> Result<Response, PageError> {
    visitor.official()?;
    let actor = &visitor.signed.actor;
    let bytes = visitor.app.engine.round_file(actor, read(&id)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"disposal.csv\"",
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// A form that is sent twice does its work once.
fn once(posted: &Posted, said: &str) -> Option<engine::IdempotencyKey> {
    let key = posted.get("_once").filter(|key| !key.is_empty())?;
    Some(engine::IdempotencyKey {
        key: format!("page:{key}"),
        request: said.to_owned(),
    })
}

fn facts(round: &RoundView) -> Vec<(&'static str, String)> {
    let day = |on: Option<Date>| on.map(show::date).unwrap_or_default();
    let mut facts = vec![
        ("サービス", round.service_title.clone()),
        ("すること", round.deed.title().to_owned()),
        ("件数", format!("{}件", round.count)),
        ("保存期間", round.basis.clone()),
        ("理由", round.because.clone()),
    ];
    if round.deed == Deed::Extend {
        facts.push(("延長する日", format!("{}まで", day(round.until))));
    }
    facts.extend(round.destination.clone().map(|to| ("移管する先", to)));
    facts.extend(round.office.clone().map(|office| ("所", office)));
    let (by, on) = &round.proposed;
    facts.push(("起案", format!("{by}さん　{}", day(*on))));
    if let Some((by, on)) = &round.decided {
        let what = match round.state.as_str() {
            "declined" => "差戻し",
            _ => "決定",
        };
        facts.push((what, format!("{by}さん　{}", day(*on))));
    }
    facts.extend(
        round
            .declined_because
            .clone()
            .map(|why| ("差し戻した理由", why)),
    );
    if round.state == "done" {
        facts.push(("行った件数", format!("{}件", round.done)));
        if round.skipped > 0 {
            let said = format!(
                "{}件（起案のあとに変わったため、そのまま残しました）",
                round.skipped
            );
            facts.push(("行わなかった件数", said));
        }
    }
    facts
}

fn progress(round: &RoundView) -> String {
    match round.deed {
        Deed::Extend => "保存期間を延ばしています。".to_owned(),
        _ => format!("{}件のうち{}件が済みました。", round.count, round.done),
    }
}

fn line(round: &RoundView) -> Line {
    let (by, on) = &round.proposed;
    let on = on.map(show::date).unwrap_or_default();
    Line {
        href: round_href(round.id),
        title: format!(
            "{}の{}　{}件",
            round.type_title,
            round.deed.title(),
            round.count
        ),
        said: format!("{by}さんが{on}に起案"),
        badge: match round.state.as_str() {
            "proposed" => "決定待ち",
            "decided" => "実施中",
            "done" => "済み",
            "declined" => "差戻し",
            _ => "引戻し",
        },
        class: class(&round.state),
    }
}

fn class(state: &str) -> &'static str {
    match state {
        "proposed" => "warn",
        "decided" => "info",
        "done" => "good",
        _ => "plain",
    }
}

fn place(slug: &str, kind: &str) -> String {
    format!("/desk/retention/{slug}/{kind}")
}

fn round_href(id: RecordId) -> String {
    format!("/desk/retention/rounds/{id}")
}

fn read(id: &str) -> Result<RecordId, PageError> {
    id.parse().map(RecordId).map_err(|_| PageError::not_found())
}

/// A record that is no longer there: what it was, and since when it is not.
pub(super) fn gone(gone: &engine::GoneView) -> String {
    let number = gone.number.as_deref().unwrap_or_default();
    let deed = match gone.deed {
        kernel::keep::Deed::Transfer => "移管済み",
        _ => "廃棄済み",
    };
    let on = show::date(gone.on);
    format!("{}　{number}　{deed}（{on}）", gone.title)
}
