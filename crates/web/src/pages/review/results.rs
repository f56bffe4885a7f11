//! What everyone may see: shares, and what was changed.

use super::{Table, percent, tables};
use crate::i18n::{say, with};
use crate::pages::error::PageError;
use crate::pages::layout::{Chrome, ok};
use crate::pages::show::plain_day;
use crate::pages::visitor::Visitor;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use engine::ListRequest;
use engine::review::{IMPROVEMENT, SERVICE};
use serde_json::Value as Json;

/// What was changed, shown at a time.
const CHANGES: usize = 50;

/// One answer of the staff to the voices.
pub(super) struct Changed {
    pub(super) voice: String,
    pub(super) change: String,
    pub(super) on: String,
}

#[derive(Template)]
#[template(path = "review_results.html")]
struct Page {
    c: Chrome,
    service: String,
    href: String,
    total: Option<(String, String)>,
    tables: Vec<Table>,
    changes: Vec<Changed>,
}

pub(in crate::pages) async fn public(
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, PageError> {
    let service = visitor.service(&slug)?;
    let results = visitor.app.engine.review_results(&slug, true).await?;
    let total = results.total;
    let changes = changes(&visitor, &slug).await?;
    Ok(ok(&Page {
        c: visitor.chrome(with("{0}：利用者の声", &[&service.title])),
        service: service.title.clone(),
        href: format!("/services/{slug}"),
        total: total.map(|total| (percent(total), with("{0}件の声から", &[&total.answers]))),
        tables: if total.is_some() {
            tables(&results)
        } else {
            Vec::new()
        },
        changes,
    }))
}

/// What staff published, newest first, as the visitor may see it.
pub(super) async fn changes(visitor: &Visitor, slug: &str) -> Result<Vec<Changed>, PageError> {
    let engine = &visitor.app.engine;
    if !engine.catalogue().services.contains_key(SERVICE) {
        return Ok(Vec::new());
    }
    let request = ListRequest {
        filter: Some(format!("service = \"{slug}\" and state = \"published\"")),
        sort: Some("-changed_on".into()),
        limit: Some(CHANGES),
        after: None,
        q: None,
    };
    let page = engine
        .list(&visitor.signed.actor, SERVICE, IMPROVEMENT, &request)
        .await?;
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_owned();
    let changed = |view: &engine::RecordView| Changed {
        voice: text(view.fields.get("voice")),
        change: text(view.fields.get("change")),
        on: view
            .fields
            .get("changed_on")
            .and_then(Json::as_str)
            .map(plain_day)
            .unwrap_or_else(|| say("—").to_owned()),
    };
    Ok(page.items.iter().map(changed).collect())
}
