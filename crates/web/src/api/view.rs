//! `GET /api/v1/services/{service}/{type}/views/{view}?after=&month=&office=`: a page of a declared view, with its columns filled
//! in; or its numbers.

use super::access;
use super::query::Query;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use definition::model::Who;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, view)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    let definition = rt.views.get(&view).ok_or_else(Problem::not_found)?;
    if !definition.who.contains(&Who::Public) {
        signed.require()?;
    }
    let query = Query::read(&uri, &["after", "month", "office"])?;
    if engine::numeric(definition) {
        let pick = engine::Pick {
            month: query.get("month"),
            office: query.get("office"),
        };
        let found = app
            .engine
            .numbers(&signed.actor, &service, &record_type, &view, pick)
            .await?;
        return Ok(Json(numbers(&found)));
    }
    let board = app
        .engine
        .view_page(
            &signed.actor,
            &service,
            &record_type,
            &view,
            query.get("after"),
        )
        .await?;
    let items: Vec<Value> = board
        .rows
        .iter()
        .map(|(record, cells)| json!({"cells": cells, "record": record.to_json()}))
        .collect();
    Ok(Json(
        json!({"name": board.view, "title": board.title, "columns": board.columns, "items": items, "next": board.next}),
    ))
}

/// Columns with their units, rows of numbers, the months there are.
pub(super) fn numbers(found: &engine::NumbersView) -> Value {
    let sheet = found.sheet.as_ref();
    let columns: Vec<Value> = sheet
        .into_iter()
        .flat_map(|sheet| &sheet.columns)
        .map(|(title, unit)| json!({"title": title, "unit": unit}))
        .collect();
    let rows: Vec<Value> = sheet
        .into_iter()
        .flat_map(|sheet| &sheet.rows)
        .map(|row| json!({"value": row.value, "title": row.title, "numbers": row.numbers.iter().map(|n| n.as_ref().map(exact)).collect::<Vec<_>>()}))
        .collect();
    json!({
        "name": found.view.name, "title": found.view.title,
        "across": sheet.map(|sheet| &sheet.across), "columns": columns, "items": rows,
        "months": found.months, "month": found.month, "offices": found.offices, "next": null,
        "closing": found.book.as_ref().map(super::months::book),
    })
}

/// An exact number as JSON.
pub(super) fn exact(n: &rust_decimal::Decimal) -> Value {
    serde_json::from_str(&n.normalize().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn a_view_is_for_its_seats() {
        let site = Site::new().await;
        site.person("owner")
            .post(
                site.requests(),
                json!({"action": "submit", "input": {"name": "花"}}),
            )
            .await;
        let path = format!("{}/views/inbox", site.requests());
        let (status, body) = site.person("examiner").get(&path).await;
        assert_eq!(
            (status, &body["columns"]),
            (200, &json!(["番号", "名前"])),
            "{body}"
        );
        assert_eq!(body["items"][0]["cells"], json!(["見-2026-00001", "花"]));
        assert_eq!(site.person("owner").get(&path).await.0, 404);
        assert_eq!(site.public().get(&path).await.0, 401);
        assert_eq!(
            site.person("examiner")
                .get(&format!("{}/views/none", site.requests()))
                .await
                .0,
            404
        );
    }
}
