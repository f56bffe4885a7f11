//! Imports at the desk: choose a file, see what it would do, go, watch, and take home the rows that were not taken.

use super::error::PageError;
use super::form::receive;
use super::layout::{Chrome, ok, see};
use super::show::instant;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::Failure;
use kernel::shelf::{ImportRun, RunCounts, RunPhase};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "imports.html")]
struct ListPage {
    c: Chrome,
    imports: Vec<(String, String, String, String)>,
}

/// The imports that an official may run.
pub(super) async fn list(visitor: Visitor) -> Result<Response, PageError> {
    visitor.official()?;
    let imports = visitor.app.engine.imports(&visitor.signed.actor);
    let imports = imports.iter().map(|one| {
        let href = format!("/desk/imports/{}/{}", one.service.slug, one.import.name);
        let summary = one.import.summary.clone().unwrap_or_default();
        (
            href,
            one.import.title.clone(),
            summary,
            one.service.title.clone(),
        )
    });
    Ok(ok(&ListPage {
        imports: imports.collect(),
        c: visitor.chrome("取込み"),
    }))
}

struct Past {
    href: String,
    at: String,
    file: String,
    name: String,
    phase: &'static str,
    counts: RunCounts,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    c: Chrome,
    title: String,
    summary: String,
    action: String,
    mapping: Vec<(String, String)>,
    faults: Vec<String>,
    runs: Vec<Past>,
}

pub(super) async fn get(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
) -> Result<Response, PageError> {
    page(&visitor, &slug, &name, Vec::new()).await
}

async fn page(
    visitor: &Visitor,
    slug: &str,
    name: &str,
    faults: Vec<String>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let engine = &visitor.app.engine;
    let what = engine.importing(&visitor.signed.actor, slug, name)?;
    let runs = engine
        .import_runs(&visitor.signed.actor, slug, name)
        .await?;
    let headings = |source: &feel::Typed| {
        let names = source.reads().iter().filter_map(|path| path.first());
        let titles = names.filter_map(|name| what.import.headings.get(name)?.first());
        titles
            .map(|title| format!("「{title}」"))
            .collect::<String>()
    };
    let mapping = what.import.fields.iter().filter_map(|set| {
        let field = what.record_type.fields.get(&set.field)?;
        Some((field.title.clone(), headings(&set.value)))
    });
    Ok(ok(&ImportPage {
        c: visitor.chrome(format!("取込み：{}", what.import.title)),
        title: what.import.title.clone(),
        summary: what.import.summary.clone().unwrap_or_default(),
        action: format!("/desk/imports/{slug}/{name}"),
        mapping: mapping.collect(),
        faults,
        runs: runs.iter().map(past).collect(),
    }))
}

fn past(run: &ImportRun) -> Past {
    Past {
        href: href(run),
        at: instant(run.at),
        file: run.file.clone(),
        name: run.name.clone(),
        phase: phase(run.phase),
        counts: *run.counts(),
    }
}

fn href(run: &ImportRun) -> String {
    format!("/desk/imports/{}/{}/{}", run.service, run.import, run.id)
}

fn phase(phase: RunPhase) -> &'static str {
    match phase {
        RunPhase::Looking => "確かめています",
        RunPhase::Preview => "確かめただけ",
        RunPhase::Going => "取り込んでいます",
        RunPhase::Done => "済み",
        RunPhase::Failed => "途中で止まりました",
    }
}

/// The file chosen: looked through, then its own page.
pub(super) async fn post(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let upload = match posted.uploads.first() {
        Some((_, Ok(upload))) => upload.id,
        Some((_, Err(fault))) => {
            return page(&visitor, &slug, &name, vec![fault.clone()]).await;
        }
        None => {
            let fault = vec!["ファイルを選んでください。".to_owned()];
            return page(&visitor, &slug, &name, fault).await;
        }
    };
    let engine = &visitor.app.engine;
    match engine
        .preview_import(&visitor.signed.actor, &slug, &name, upload)
        .await
    {
        Ok(run) => Ok(see(&href(&run))),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let faults = refusal.faults.iter().map(|fault| fault.detail.clone());
            page(&visitor, &slug, &name, faults.collect()).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Rows shown that were not taken; the file of them has all.
const SHOWN: usize = 100;

struct NotTaken {
    number: usize,
    reasons: Vec<String>,
    cells: String,
}

/// What is written in a row; empty cells say nothing to a reader.
fn filled(cells: &[String]) -> Vec<&str> {
    let all = cells.iter().map(|cell| cell.trim());
    all.filter(|cell| !cell.is_empty()).collect()
}

#[derive(Template)]
#[template(path = "import_run.html")]
struct RunPage {
    c: Chrome,
    title: String,
    list: String,
    run: ImportRun,
    at: String,
    phase: &'static str,
    looking: bool,
    preview: bool,
    going: bool,
    failed: bool,
    counts: RunCounts,
    percent: usize,
    /// The first rows as they will be taken: titles of fields and their values.
    sample: Vec<Vec<(String, String)>>,
    rejected: Vec<NotTaken>,
    action: String,
    mine: bool,
}

pub(super) async fn run(
    visitor: Visitor,
    Path((slug, name, id)): Path<(String, String, Uuid)>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (what, run) = found(&visitor, &slug, &name, id).await?;
    let engine = &visitor.app.engine;
    let rejected = engine.import_rejected(&run, SHOWN).await?;
    let rejected = rejected.into_iter().map(|(row, cells)| NotTaken {
        number: row.number,
        reasons: row.reasons,
        cells: filled(&cells).join("、"),
    });
    let sample = match run.phase {
        RunPhase::Preview => engine.import_sample(&what, &run).await?,
        _ => Vec::new(),
    };
    let mut response = ok(&RunPage {
        c: visitor.chrome(format!("取込み：{}", run.file)),
        title: what.import.title.clone(),
        list: format!("/desk/imports/{slug}/{name}"),
        at: instant(run.at),
        phase: phase(run.phase),
        looking: run.phase == RunPhase::Looking,
        preview: run.phase == RunPhase::Preview,
        going: run.phase == RunPhase::Going,
        failed: run.phase == RunPhase::Failed,
        counts: *run.counts(),
        percent: run.counts().rows * 100 / run.total.max(1),
        sample,
        rejected: rejected.collect(),
        action: href(&run),
        mine: Some(run.account) == visitor.signed.actor.account,
        run: run.clone(),
    });
    if run.phase.under_way() {
        // Without a script the page looks again by itself.
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

pub(super) async fn go(
    visitor: Visitor,
    Path((slug, name, id)): Path<(String, String, Uuid)>,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    receive(&visitor.app, &visitor.signed, request).await?;
    let (_, run) = found(&visitor, &slug, &name, id).await?;
    visitor
        .app
        .engine
        .start_import(&visitor.signed.actor, run.id)
        .await?;
    Ok(see(&href(&run)))
}

pub(super) async fn rejected(
    visitor: Visitor,
    Path((slug, name, id)): Path<(String, String, Uuid)>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (_, run) = found(&visitor, &slug, &name, id).await?;
    let bytes = visitor.app.engine.rejected_file(&run).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"rejected.csv\"",
        ),
    ];
    Ok((headers, bytes).into_response())
}

async fn found(
    visitor: &Visitor,
    slug: &str,
    name: &str,
    id: Uuid,
) -> Result<(engine::Importing, ImportRun), PageError> {
    let engine = &visitor.app.engine;
    let what = engine.importing(&visitor.signed.actor, slug, name)?;
    let run = engine.import_run(&visitor.signed.actor, id).await?;
    if run.service == slug && run.import == name {
        Ok((what, run))
    } else {
        Err(PageError::not_found())
    }
}
