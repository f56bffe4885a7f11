//! What an operator must see to: effects that did not reach their goal.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::show::instant;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::response::Response;
use kernel::EffectOrder;
use kernel::port::Copying;

struct Row {
    id: String,
    what: String,
    href: Option<String>,
    since: String,
    tries: u32,
    error: String,
    next: String,
}

/// The copy of the installation, as an operator sees it.
struct Copy {
    to: String,
    at: String,
    position: u64,
    base_at: String,
    is_behind: bool,
    fault: Option<String>,
}

impl Copy {
    fn of(copying: Copying, now: jiff::Timestamp) -> Self {
        let moment =
            |at: Option<jiff::Timestamp>| at.map_or_else(|| "まだありません".into(), instant);
        Self {
            is_behind: copying.is_behind(now),
            at: moment(copying.at),
            base_at: moment(copying.base_at),
            to: copying.to,
            position: copying.position,
            fault: copying.fault,
        }
    }
}

#[derive(Template)]
#[template(path = "stuck.html")]
struct Stuck {
    c: Chrome,
    health: Option<String>,
    copy: Option<Copy>,
    rows: Vec<Row>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.account()?;
    let actor = &visitor.signed.actor;
    let visit = visitor.visit.as_deref();
    let rows = visitor.app.engine.stuck(actor, visit).await?;
    // What is closed to whoever looks after the machine is named by nothing.
    let hidden = visitor.app.engine.closed_among(actor, &rows).await?;
    let rows = rows.into_iter().map(|row| {
        let (service, record_type, record) = row.entry.order.about();
        let shown = visit.is_none() && !hidden.contains(&record);
        Row {
            id: row.entry.id.to_string(),
            what: match &row.entry.order {
                EffectOrder::Notify { message, .. } => format!("お知らせ（{message}）"),
                EffectOrder::Charge { .. } => "電子納付の準備".into(),
                EffectOrder::Refund { .. } => "返金の依頼".into(),
                EffectOrder::Issue { title, .. } => format!("文書（{title}）"),
                EffectOrder::Consent { .. } => "同意の記録".into(),
                EffectOrder::Recall { .. } => "電子納付の取りやめ".into(),
            },
            href: shown.then(|| format!("/r/{service}/{record_type}/{record}")),
            since: instant(row.since),
            tries: row.tries,
            error: fault(visit.is_some(), &row.entry.order, row.error),
            next: row
                .next_try
                .map_or_else(|| "もう試しません".into(), instant),
        }
    });
    Ok(ok(&Stuck {
        c: visitor.chrome("届いていないもの"),
        health: visitor.app.engine.health(),
        copy: visitor
            .app
            .engine
            .copying()
            .map(|copying| Copy::of(copying, visitor.app.engine.now())),
        rows: rows.collect(),
    }))
}

/// Why it failed. What makes a letter or writes down a consent may name signs of what was written in a record (a character
/// that no font has), and a maintainer reads none of it.
fn fault(maintains: bool, order: &EffectOrder, error: Option<String>) -> String {
    let tells = matches!(
        order,
        EffectOrder::Issue { .. } | EffectOrder::Consent { .. } | EffectOrder::Notify { .. }
    );
    match maintains && tells {
        true => "記録の中身を含むことがあるので、管理者だけが見られます。".into(),
        false => error.unwrap_or_default(),
    }
}

pub(super) async fn retry(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.account()?;
    receive(&visitor.app, &visitor.signed, request).await?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let (engine, visit) = (&visitor.app.engine, visitor.visit.as_deref());
    engine.retry(&visitor.signed.actor, visit, id).await?;
    Ok(see("/admin/stuck"))
}
