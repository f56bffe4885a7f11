//! Closing a period of a report: how it stands, and the forms that close, correct and reopen it.

use super::error::PageError;
use super::form::receive;
use super::layout::see;
use super::naming;
use super::numbers::{Picked, month_title, number, period_title, shown, unit};
use super::show::plain_day;
use super::visitor::Visitor;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Change, Failure, MonthDeed, MonthPlace, NumbersView};

/// What was asked of a period and refused.
#[derive(Default)]
pub(super) struct Tried {
    /// `close`, `correct`, `reopen`.
    deed: String,
    reason: String,
    /// Field and what is wrong with it.
    faults: Vec<(String, String)>,
    conflict: bool,
}

impl Tried {
    pub(super) fn status(&self) -> StatusCode {
        match (self.faults.is_empty(), self.conflict) {
            (true, _) => StatusCode::OK,
            (false, true) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// A number that changed, as a row: row, column, was, is, difference.
pub(super) type Row = [String; 5];

/// How a period stands at an office.
pub(super) struct OfficeLine {
    pub(super) office: String,
    pub(super) href: String,
    pub(super) closed: bool,
    pub(super) said: String,
}

/// A correction.
pub(super) struct Corrected {
    pub(super) title: String,
    pub(super) reason: String,
    pub(super) rows: Vec<Row>,
}

/// How the period stands.
pub(super) struct Book {
    pub(super) month: String,
    /// What kind of period it is: 月, 四半期, 年度, 年.
    pub(super) unit: &'static str,
    /// The office whose figures these are, where each closes its own.
    pub(super) office: Option<String>,
    /// How it stands at each office, where they are shown together.
    pub(super) offices: Vec<OfficeLine>,
    pub(super) closed: bool,
    /// How it was closed, or that it is not.
    pub(super) said: String,
    /// Page of the record, for those who have it.
    pub(super) record: Option<String>,
    /// What was known when it was closed.
    pub(super) warned: Option<String>,
    pub(super) reopened: Option<String>,
    pub(super) corrections: Vec<Corrected>,
    /// Whether there are figures with corrections.
    pub(super) corrected: bool,
    /// What has become different since.
    pub(super) since: Vec<Row>,
    pub(super) warnings: Vec<String>,
    pub(super) may_close: bool,
    pub(super) may_reopen: bool,
    /// Where the forms go.
    pub(super) action: String,
    tried: Tried,
}

impl Book {
    /// What is wrong with a field of a deed's form.
    pub(super) fn fault(&self, deed: &str, field: &str) -> Option<&str> {
        let mut faults = self.tried.faults.iter().filter(|_| self.tried.deed == deed);
        faults
            .find(|(name, _)| name == field)
            .map(|(_, text)| text.as_str())
    }

    /// The reason as it was typed into a deed's form.
    pub(super) fn reason(&self, deed: &str) -> &str {
        if self.tried.deed == deed {
            &self.tried.reason
        } else {
            ""
        }
    }

    /// Of a report that can be closed.
    pub(super) fn of(found: &NumbersView, tried: Tried) -> Option<Self> {
        let (book, month) = (found.book.as_ref()?, found.month.clone()?);
        let title = period_title(&month);
        let title = match &book.office {
            Some(office) => format!("{office}の{title}"),
            None => title,
        };
        let together = !book.offices.is_empty();
        let closed = book.closed.as_ref();
        let view = naming::view(
            &found.service.slug,
            &found.record_type.name,
            &found.view.name,
        );
        let page = |closed: &engine::Closed| {
            naming::href(engine::CLOSINGS, engine::CLOSED_MONTH, closed.id)
        };
        Some(Self {
            closed: closed.is_some(),
            said: match closed {
                Some(one) => format!(
                    "{title}は、{}に{}さんが締めました。下の表は、締めたときの数です。",
                    plain_day(&one.on),
                    one.by
                ),
                None if together && book.over => format!(
                    "{title}は、所ごとに締めます。下の表は、締めた所は締めたときの数、ほかの所はきょうまでの数です。"
                ),
                None if book.over => {
                    format!("{title}は、まだ締めていません。下の表は、きょうまでの数です。")
                }
                None => format!("{title}は、まだ終わっていません。終わると締められます。"),
            },
            record: closed.filter(|one| one.visible).map(page),
            warned: closed.and_then(|one| one.warned.clone()),
            reopened: book
                .reopened
                .as_ref()
                .filter(|_| closed.is_none())
                .map(|(by, on, why)| {
                    format!("{}に{by}さんが締めを解きました。理由：{why}", plain_day(on))
                }),
            corrections: closed.map(corrections).unwrap_or_default(),
            corrected: closed.is_some_and(|one| one.corrected.is_some()),
            since: closed.map(|one| rows(&one.since)).unwrap_or_default(),
            warnings: book.warnings.clone(),
            may_close: book.may_close,
            may_reopen: book.may_reopen,
            action: format!("{view}/month"),
            unit: engine::Span::read(&month).map_or("月", |span| unit(span.kind)),
            office: book.office.clone(),
            offices: book
                .offices
                .iter()
                .map(|one| office_line(one, &view, &month))
                .collect(),
            month,
            tried,
        })
    }

    /// Whether the offices are shown together, and each closes for itself.
    pub(super) fn together(&self) -> bool {
        !self.offices.is_empty()
    }
}

fn office_line(one: &engine::OfficeBook, view: &str, month: &str) -> OfficeLine {
    let office = crate::percent::value(&one.office);
    OfficeLine {
        href: format!("{view}?month={month}&office={office}"),
        closed: one.closed.is_some(),
        said: match &one.closed {
            Some((by, on)) => format!("{}に{by}さんが締めました", plain_day(on)),
            None => "まだ締めていません".to_owned(),
        },
        office: one.office.clone(),
    }
}

fn corrections(closed: &engine::Closed) -> Vec<Corrected> {
    let one = |correction: &engine::Correction| Corrected {
        title: format!("{}　{}さん", plain_day(&correction.on), correction.by),
        reason: correction.reason.clone(),
        rows: rows(&correction.changes),
    };
    closed.corrections.iter().map(one).collect()
}

fn rows(changes: &[Change]) -> Vec<Row> {
    let one = |change: &Change| {
        let moved = change.is - change.was;
        let sign = if moved.is_sign_positive() { "+" } else { "" };
        let row = month_title(&change.row);
        let column = format!("{}（{}）", change.column, change.unit);
        [
            row,
            column,
            number(&change.was),
            number(&change.is),
            format!("{sign}{}", number(&moved)),
        ]
    };
    changes.iter().map(one).collect()
}

pub(super) async fn post(
    visitor: Visitor,
    Path((slug, kind, view)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().trim().to_owned();
    let (month, name, reason) = (text("month"), text("_do"), text("reason"));
    let deed = match name.as_str() {
        "close" => MonthDeed::Close {
            acknowledged: posted.get("acknowledged").is_some(),
        },
        "correct" => MonthDeed::Correct {
            reason: reason.clone(),
        },
        "reopen" => MonthDeed::Reopen {
            reason: reason.clone(),
        },
        _ => return Err(PageError::not_found()),
    };
    let office = Some(text("office")).filter(|office| !office.is_empty());
    let at = MonthPlace {
        service: &slug,
        record_type: &kind,
        view: &view,
        month: &month,
        office: office.as_deref(),
    };
    let picked = Picked {
        month: Some(month.clone()),
        office: office.clone(),
    };
    let actor = &visitor.signed.actor;
    match visitor.app.engine.month_deed(actor, at, deed, None).await {
        Ok(_) => Ok(see(&format!(
            "{}?{}",
            naming::view(&slug, &kind, &view),
            picked.query()
        ))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let field = |pointer: &str| pointer.trim_start_matches('/').to_owned();
            let faults = refusal.faults.iter();
            let tried = Tried {
                deed: name,
                reason,
                faults: faults
                    .map(|f| (field(&f.pointer), f.detail.clone()))
                    .collect(),
                conflict: refusal.kind != kernel::RefusalKind::Invalid,
            };
            shown(&visitor, (&slug, &kind, &view), &picked, tried).await
        }
        Err(fault) => Err(fault.into()),
    }
}
