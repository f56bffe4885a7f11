//! 閲覧の監査: auditors search who looked, take it along as a file, and work off what is unusual.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, page, see};
use super::show::instant;
use super::visitor::Visitor;
use crate::percent;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{AuditLine, AuditPage, AuditRequest, Breach, Failure, RecordView, day_begins};
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::looks::{Face, Way};
use serde::Deserialize;
use sheet::{Cell, Encoding, Format, Writer};

/// What is asked for, as the form says it.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    reader: String,
    #[serde(default)]
    record: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    way: String,
    before: Option<u64>,
    #[serde(default)]
    format: String,
}

struct Line {
    when: String,
    reader: String,
    login: String,
    seat: String,
    way: String,
    what: String,
    records: Vec<(String, String)>,
    more: usize,
    purpose: String,
    session: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditTemplate {
    c: Chrome,
    asked: Asked,
    ways: Vec<(&'static str, &'static str)>,
    faults: Vec<(String, String)>,
    lines: Vec<Line>,
    query: String,
    next: Option<u64>,
    searched: bool,
}

impl AuditTemplate {
    fn fault(&self, field: &str) -> Option<&String> {
        let mut faults = self.faults.iter();
        faults.find(|(of, _)| of == field).map(|(_, text)| text)
    }
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let (request, mut faults) = asked.read();
    let mut found = AuditPage {
        items: Vec::new(),
        next: None,
    };
    if !asked.format.is_empty() && faults.is_empty() {
        return file(&asked, engine.audit_file(actor, &request).await?);
    }
    if faults.is_empty() {
        match engine.audit_looks(actor, &request).await {
            Ok(page) => found = page,
            Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
                let said = refusal.faults.iter();
                faults.extend(said.map(|one| ("reader".to_owned(), one.detail.clone())));
            }
            Err(failure) => return Err(failure.into()),
        }
    } else {
        // Whoever is no auditor is told nothing, not even of a faulty day.
        engine.alerts(actor, "open", None).await?;
    }
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(page(
        status,
        &AuditTemplate {
            c: visitor.chrome("閲覧の監査"),
            ways: Way::ALL.map(|way| (way.name(), way.title())).to_vec(),
            query: asked.query(),
            lines: found.items.iter().map(line).collect(),
            next: found.next,
            searched: faults.is_empty(),
            faults,
            asked,
        },
    ))
}

/// Whom the reading found touched: names and addresses, as a file.
pub(super) async fn affected(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (request, _) = asked.read();
    let breach = Breach {
        by: request.reader,
        record: request.record,
        from: request.from,
        until: request.until,
        session: None,
    };
    let engine = &visitor.app.engine;
    let (bytes, _) = engine.affected(&visitor.signed.actor, &breach).await?;
    Ok(download(
        "影響を受けた人",
        Format::Csv(Encoding::Utf8Bom),
        bytes,
    ))
}

impl Asked {
    /// What is asked for, and what cannot be read of it.
    fn read(&self) -> (AuditRequest, Vec<(String, String)>) {
        let mut faults = Vec::new();
        let mut day = |field: &str, text: &str| -> Option<Date> {
            let text = text.trim();
            if text.is_empty() {
                return None;
            }
            let read = text.parse().ok();
            if read.is_none() {
                let said = "日付は 2026-11-22 のように書いてください。";
                faults.push((field.to_owned(), said.to_owned()));
            }
            read
        };
        let from = day("from", &self.from).map(day_begins);
        let until = day("until", &self.until);
        let until = until.map(|day| day_begins(day.saturating_add(1.day())));
        // A record's page may be pasted as a whole.
        let id = self.record.trim().trim_end_matches('/');
        let id = id.rsplit('/').next().unwrap_or_default();
        let record = id.parse().ok();
        if record.is_none() && !id.is_empty() {
            let said = "記録の画面のアドレスか、記録のIDを入れてください。";
            faults.push(("record".to_owned(), said.to_owned()));
        }
        let reader = Some(self.reader.trim().to_owned()).filter(|text| !text.is_empty());
        let request = AuditRequest {
            reader,
            record,
            from,
            until,
            way: Way::read(&self.way),
            before: self.before,
            limit: None,
        };
        (request, faults)
    }

    /// The same as the query of an address, without the place and the format.
    fn query(&self) -> String {
        let parts = [
            ("reader", &self.reader),
            ("record", &self.record),
            ("from", &self.from),
            ("until", &self.until),
            ("way", &self.way),
        ];
        let said = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let said = said.map(|(name, value)| format!("{name}={}", percent::value(value)));
        said.collect::<Vec<_>>().join("&")
    }
}

fn line(one: &AuditLine) -> Line {
    let note = &one.look.note;
    let seat = [&note.office, &note.role].map(|part| part.clone().unwrap_or_default());
    let records = one.records.iter().map(|(id, number)| {
        let named = number.clone().unwrap_or_else(|| format!("{id}"));
        (id.to_string(), named)
    });
    Line {
        when: instant(note.at),
        reader: one
            .reader
            .clone()
            .unwrap_or_else(|| "（登録のない利用者）".into()),
        login: one.login.clone().unwrap_or_default(),
        seat: seat.join(" ").trim().to_owned(),
        way: match note.face {
            Face::Page => note.way.title().to_owned(),
            Face::Api => format!("{}（API）", note.way.title()),
        },
        what: format!("{}　{}", one.titles.0, one.titles.1),
        records: records.collect(),
        more: note.records.len().saturating_sub(one.records.len()),
        purpose: note.purpose.clone().unwrap_or_default(),
        session: note.session.clone().unwrap_or_default(),
    }
}

fn file(asked: &Asked, found: AuditPage) -> Result<Response, PageError> {
    let format = match asked.format.as_str() {
        "csv" => Format::Csv(Encoding::Utf8Bom),
        "xlsx" => Format::Xlsx,
        _ => return Err(PageError::not_found()),
    };
    let bytes = written(&found, format);
    let bytes = bytes.map_err(|error| crate::Problem::internal(error.to_string()))?;
    Ok(download("閲覧の記録", format, bytes))
}

/// One line a reading.
pub(crate) fn written(found: &AuditPage, format: Format) -> Result<Vec<u8>, sheet::WriteFault> {
    let mut writer = Writer::new(format, "閲覧の記録", Vec::new())?;
    let heads = [
        "番号",
        "いつ",
        "見た人",
        "ログインの名前",
        "所属",
        "役割",
        "見方",
        "サービス",
        "記録の種類",
        "件数",
        "記録",
        "目的",
        "ログインの印",
    ];
    writer.row(&heads.map(Cell::from))?;
    for one in &found.items {
        let note = &one.look.note;
        let records = one.records.iter();
        let records = records.map(|(id, number)| number.clone().unwrap_or_else(|| id.to_string()));
        let text = |text: &Option<String>| Cell::from(text.clone().unwrap_or_default());
        writer.row(&[
            Cell::Number(one.look.no.into()),
            engine::tokyo(note.at).into(),
            text(&one.reader),
            text(&one.login),
            text(&note.office),
            text(&note.role),
            note.way.title().into(),
            one.titles.0.as_str().into(),
            one.titles.1.as_str().into(),
            Cell::Number((note.records.len() as u64).into()),
            records.collect::<Vec<_>>().join(" ").into(),
            text(&note.purpose),
            text(&note.session),
        ])?;
    }
    Ok(writer.finish()?.0)
}

pub(super) fn download(name: &str, format: Format, bytes: Vec<u8>) -> Response {
    let name = format!("{name}.{}", format.ending());
    let disposition = format!("attachment; filename*=UTF-8''{}", percent::value(&name));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (headers, bytes).into_response()
}

/// Which alerts.
#[derive(Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
    after: Option<String>,
}

struct Alert {
    id: String,
    rule: String,
    reader: String,
    office: String,
    said: String,
    when: String,
    found: String,
    confirmed: Option<(String, String, String)>,
    faults: Vec<String>,
    because: String,
    outcome: String,
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct Alerts {
    c: Chrome,
    confirmed: bool,
    alerts: Vec<Alert>,
    next: Option<String>,
}

pub(super) async fn alerts(
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    visitor.official()?;
    shown(&visitor, &which, None).await
}

/// What came of an alert; with faults the form comes back as it was filled in.
pub(super) async fn confirm(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let text = |name: &str| posted.get(name).unwrap_or_default().to_owned();
    let (outcome, because) = (text("outcome"), text("because"));
    let alert = id.parse().map_err(|_| PageError::not_found())?;
    let engine = &visitor.app.engine;
    let done = engine
        .confirm_alert(&visitor.signed.actor, alert, &outcome, &because, None)
        .await;
    match done {
        Ok(_) => Ok(see("/desk/looks/alerts")),
        Err(Failure::Refused(refusal)) if refusal.kind != kernel::RefusalKind::NotFound => {
            let mut said: Vec<String> = refusal.faults.iter().map(|f| f.detail.clone()).collect();
            if said.is_empty() {
                said.push(refusal.title.clone());
            }
            let again = (id, said, outcome, because);
            shown(&visitor, &Which::default(), Some(again)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

type Again = (String, Vec<String>, String, String);

async fn shown(
    visitor: &Visitor,
    which: &Which,
    again: Option<Again>,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let after = which.after.as_deref();
    let found = engine.alerts(&visitor.signed.actor, &which.state, after);
    let found = found.await?;
    let mut alerts: Vec<Alert> = found.items.iter().map(alert).collect();
    let status = match &again {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    if let Some((id, faults, outcome, because)) = again
        && let Some(one) = alerts.iter_mut().find(|one| one.id == id)
    {
        (one.faults, one.outcome, one.because) = (faults, outcome, because);
    }
    Ok(page(
        status,
        &Alerts {
            c: visitor.chrome("ふだんと違う閲覧"),
            confirmed: which.state == "confirmed",
            alerts,
            next: found.next.as_deref().map(percent::value),
        },
    ))
}

fn alert(record: &RecordView) -> Alert {
    let text = |name: &str| -> String {
        let value = record.fields.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let found = text("found");
    let outcome = match text("outcome").as_str() {
        "proper" => "業務として正しい",
        "doubtful" => "調べを続ける",
        "improper" => "不適切",
        _ => "",
    };
    let confirmed =
        (!outcome.is_empty()).then(|| (outcome.to_owned(), text("because"), text("auditor")));
    Alert {
        id: record.id.to_string(),
        rule: text("rule_title"),
        reader: text("reader_name"),
        office: text("reader_office"),
        said: text("said"),
        when: instant(record.created_at),
        found: found.rsplit('/').next().unwrap_or_default().to_owned(),
        confirmed,
        faults: Vec::new(),
        because: String::new(),
        outcome: String::new(),
    }
}
