//! `POST /api/v1/services/{service}/{type}/imports`: a file to be looked through; `…/imports/{run}` says how far it is,
//! `…/imports/{run}/go` carries it out, `…/imports/{run}/rejected` gives the rows that were not taken as CSV.

use super::access;
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use kernel::shelf::{ImportRun, RunCounts, RunPhase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct Asked {
    import: String,
    upload: String,
}

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type)): Path<(String, String)>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed.require()?;
    access::meant(&signed, &headers)?;
    let what = app
        .engine
        .importing(&signed.actor, &service, &asked.import)?;
    if what.record_type.name != record_type {
        return Err(Problem::not_found());
    }
    let upload = asked.upload.parse().map_err(|_| {
        Problem::invalid(
            "/input/upload",
            "upload",
            "先に /api/v1/uploads へファイルを送り、その id を書いてください。",
        )
    })?;
    let run = app
        .engine
        .preview_import(&signed.actor, &service, &asked.import, upload)
        .await?;
    Ok((StatusCode::CREATED, Json(told(&app, &run).await?)))
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, _, run)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    let run = found(&app, &signed, &service, &run).await?;
    Ok(Json(told(&app, &run).await?))
}

pub(super) async fn go(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, _, run)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    access::meant(&signed, &headers)?;
    let run = found(&app, &signed, &service, &run).await?;
    let run = app.engine.start_import(&signed.actor, run.id).await?;
    Ok(Json(told(&app, &run).await?))
}

pub(super) async fn rejected(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, _, run)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let run = found(&app, &signed, &service, &run).await?;
    let bytes = app.engine.rejected_file(&run).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"rejected.csv\"",
        ),
    ];
    Ok((headers, bytes))
}

async fn found(app: &App, signed: &Signed, service: &str, run: &str) -> Result<ImportRun, Problem> {
    signed.require()?;
    let run: Uuid = run.parse().map_err(|_| Problem::not_found())?;
    let run = app.engine.import_run(&signed.actor, run).await?;
    if run.service == service {
        Ok(run)
    } else {
        Err(Problem::not_found())
    }
}

/// Rows named in an answer; the file of them has all.
const NAMED: usize = 100;

async fn told(app: &App, run: &ImportRun) -> Result<Value, Problem> {
    let counts = |counts: &RunCounts| {
        json!({"rows": counts.rows, "new": counts.new, "changed": counts.changed,
            "unchanged": counts.unchanged, "rejected": counts.rejected})
    };
    let phase = match run.phase {
        RunPhase::Looking => "looking",
        RunPhase::Preview => "preview",
        RunPhase::Going => "going",
        RunPhase::Done => "done",
        RunPhase::Failed => "failed",
    };
    let rejected = app.engine.import_rejected(run, NAMED).await?;
    let rejected: Vec<Value> = rejected
        .iter()
        .map(|(row, _)| json!({"row": row.number, "reasons": row.reasons}))
        .collect();
    Ok(json!({
        "id": run.id, "import": run.import, "file": run.file, "format": run.sniffed, "phase": phase, "total": run.total,
        "at": engine::tokyo(run.at), "ended_at": run.ended_at.map(engine::tokyo), "by": run.name,
        "preview": counts(&run.preview), "done": counts(&run.done), "rejected": rejected, "fault": run.fault,
    }))
}
