//! One act over many records at the desk: chosen on a list, tried first, then done. Forms with check boxes; no script
//! is needed.

use super::error::PageError;
use super::form::{Posted, receive};
use super::layout::{Chrome, encode, ok, page, see};
use super::naming;
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{Chosen, Failure, IdempotencyKey, RunItemView, RunRequest, RunStatus, RunView};
use kernel::route::COMMENT;
use kernel::{RecordId, Refusal};
use serde::Deserialize;
use serde_json::Map;

type Kind = Path<(String, String)>;

/// A record of a run.
struct Row {
    /// `id:version`, as the form carries it.
    value: String,
    href: String,
    title: String,
    state: String,
    passes: bool,
    status: &'static str,
    class: &'static str,
    why: Vec<String>,
}

#[derive(Template)]
#[template(path = "run.html")]
struct Page {
    c: Chrome,
    title: String,
    what: String,
    action: String,
    /// Where the form goes; none once it has gone.
    go: Option<String>,
    once: String,
    said: String,
    class: &'static str,
    passes: usize,
    pending: usize,
    asks_comment: bool,
    comment: String,
    /// To whom work is handed over; none for other actions.
    to: Option<String>,
    /// Where what was handed over is given back.
    give_back: Option<String>,
    rows: Vec<Row>,
    back: String,
    fault: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    view: Option<String>,
    action: Option<String>,
}

/// The trial of all rows of a view, for a link from the inbox.
pub(super) async fn all(
    visitor: Visitor,
    Path((slug, kind)): Kind,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let (Some(view), Some(action)) = (asked.view, asked.action) else {
        return Err(PageError::not_found());
    };
    let back = naming::view(&slug, &kind, &encode(&view));
    let request = request(&visitor, &slug, &kind, &action, Chosen::View(view));
    tried(&visitor, request, (String::new(), None), back).await
}

/// A trial of the chosen rows, or the run itself.
pub(super) async fn post(
    visitor: Visitor,
    Path((slug, kind)): Kind,
    request: Request,
) -> Result<Response, PageError> {
    visitor.official()?;
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let action = posted.get("action").unwrap_or_default().to_owned();
    let (handed, chosen) = handing(&visitor, (&slug, &kind, &action), &posted).await?;
    let back = posted
        .get("back")
        .filter(|path| path.starts_with("/desk"))
        .unwrap_or("/desk")
        .to_owned();
    let comment = posted.get(COMMENT).unwrap_or_default().trim().to_owned();
    let mut run = self::request(&visitor, &slug, &kind, &action, chosen);
    let to = handed.as_ref().map(|(_, to)| to.clone());
    run.input
        .extend(handed.map(|(field, to)| (field, to.into())));
    if !comment.is_empty() {
        run.input.insert(COMMENT.into(), comment.clone().into());
    }
    if posted.get("_do") != Some("go") {
        return tried(&visitor, run, (comment, to), back).await;
    }
    let once = posted.get("_once").unwrap_or_default();
    let body = posted.all("record").collect::<Vec<_>>().join(",");
    let digest = |parts: &[&str]| {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        crate::auth::digest(&parts)
    };
    let request = digest(&[
        &visitor.path,
        &action,
        &comment,
        to.as_deref().unwrap_or_default(),
        &body,
    ]);
    let key = digest(&[once, &request]);
    run.idempotency = Some(IdempotencyKey { key, request });
    match visitor.app.engine.start_run(&run).await {
        Ok(id) => Ok(see(&format!("/desk/runs/{id}"))),
        Err(Failure::Refused(refusal)) => Ok(refused(&visitor, &refusal, back)),
        Err(fault) => Err(fault.into()),
    }
}

/// How a run stands, or ended.
pub(super) async fn get(visitor: Visitor, Path(id): Path<String>) -> Result<Response, PageError> {
    visitor.official()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let run = visitor.app.engine.run(&visitor.signed.actor, id).await?;
    let (done, refused, pending) = run.counts();
    let (said, class) = match (pending, refused) {
        (0, 0) => (format!("{done}件すべてに行いました。"), "good"),
        (0, _) => (
            format!(
                "{done}件に行いました。{refused}件はできませんでした。理由を確かめて、1件ずつ開いてください。"
            ),
            "bad",
        ),
        _ => (
            format!("続けています。残り{pending}件。この画面を閉じても続きます。"),
            "plain",
        ),
    };
    let handed = definition::handed_by(&run.record_type, &run.action);
    let handed = handed.filter(|_| done > 0 && pending == 0);
    Ok(ok(&Page {
        title: format!("一括処理の結果：{}", run.title),
        give_back: handed.map(|_| format!("/desk/runs/{id}/back")),
        said,
        class,
        ..page_of(&visitor, &run, "/desk".to_owned())
    }))
}

/// To whom by which field work is handed over, if that is the action; and the chosen records, or all that somebody holds.
async fn handing(
    visitor: &Visitor,
    (slug, kind, action): (&str, &str, &str),
    posted: &Posted,
) -> Result<(Option<(String, String)>, Chosen), PageError> {
    let engine = &visitor.app.engine;
    let catalogue = engine.catalogue();
    let service = catalogue.services.get(slug);
    let rt = service.and_then(|service| service.types.get(kind));
    let field = rt.and_then(|rt| definition::handed_by(rt, action));
    let ticked = || Chosen::Records(chosen(posted));
    let Some(field) = field.map(|field| field.name.clone()) else {
        return Ok((None, ticked()));
    };
    let chosen = match posted.get("_do") {
        Some("all") => {
            let account = super::handover::read_of(posted.get("of"))?;
            let place = (slug, kind, field.as_str());
            let all = engine.all_work(&visitor.signed.actor, place, account);
            Chosen::Records(all.await?)
        }
        _ => ticked(),
    };
    let to = posted.get("to").unwrap_or_default().trim().to_owned();
    Ok((Some((field, to)), chosen))
}

fn chosen(posted: &Posted) -> Vec<(RecordId, Option<u64>)> {
    let one = |text: &str| {
        let (id, version) = text.split_once(':')?;
        Some((id.parse().ok()?, version.parse().ok()))
    };
    posted.all("record").filter_map(one).collect()
}

fn request(visitor: &Visitor, slug: &str, kind: &str, action: &str, chosen: Chosen) -> RunRequest {
    RunRequest {
        actor: visitor.signed.actor.clone(),
        purpose: None,
        service: slug.to_owned(),
        record_type: kind.to_owned(),
        action: action.to_owned(),
        input: Map::new(),
        chosen,
        idempotency: None,
    }
}

async fn tried(
    visitor: &Visitor,
    request: RunRequest,
    (comment, to): (String, Option<String>),
    back: String,
) -> Result<Response, PageError> {
    let run = match visitor.app.engine.try_run(&request).await {
        Ok(run) => run,
        Err(Failure::Refused(refusal)) if refusal.kind != kernel::RefusalKind::NotFound => {
            return Ok(refused(visitor, &refusal, back));
        }
        Err(fault) => return Err(fault.into()),
    };
    let (passes, refused, _) = run.counts();
    let (said, class) = match (passes, refused) {
        (0, _) => (
            "行えるものがありません。理由を確かめてください。".to_owned(),
            "bad",
        ),
        (_, 0) => (
            format!("{passes}件すべてに行えます。まだ行っていません。"),
            "mine",
        ),
        _ => (
            format!(
                "{passes}件に行えます。{refused}件は行えないので外してあります。まだ行っていません。"
            ),
            "mine",
        ),
    };
    Ok(ok(&Page {
        title: format!("まとめて行う前の確認：{}", run.title),
        go: (passes > 0).then(|| format!("/desk/{}/{}/runs", request.service, request.record_type)),
        once: visitor.app.secret(),
        asks_comment: asks_comment(&run),
        comment,
        to,
        said,
        class,
        ..page_of(visitor, &run, back)
    }))
}

fn asks_comment(run: &RunView) -> bool {
    kernel::route::resolve(&run.service, &run.record_type, &run.action, None)
        .is_some_and(|found| found.action.extra.iter().any(|field| field.name == COMMENT))
}

fn page_of(visitor: &Visitor, run: &RunView, back: String) -> Page {
    let (passes, _, pending) = run.counts();
    Page {
        c: visitor.chrome(run.title.clone()),
        title: run.title.clone(),
        what: format!("{}　{}", run.service.title, run.record_type.title),
        action: run.action.clone(),
        go: None,
        once: String::new(),
        said: String::new(),
        class: "plain",
        passes,
        pending,
        asks_comment: false,
        comment: String::new(),
        to: None,
        give_back: None,
        rows: run.items.iter().map(|item| row(run, item)).collect(),
        back,
        fault: Vec::new(),
    }
}

fn row(run: &RunView, item: &RunItemView) -> Row {
    let (status, class) = match &item.status {
        RunStatus::Passes => ("行えます", "wait"),
        RunStatus::Done => ("行いました", "done"),
        RunStatus::Refused(_) => ("行えません", "late"),
        RunStatus::Pending => ("これから", "wait"),
    };
    let title = item
        .view
        .as_ref()
        .map(|view| naming::full(view.label.as_ref(), view.number.as_ref()));
    Row {
        value: format!("{}:{}", item.record, item.version),
        href: naming::href(&run.service.slug, &run.record_type.name, item.record),
        title: match title {
            Some(title) => {
                let title = naming::or_kind(title, &run.record_type);
                let above = item.above.as_deref().map(|above| format!("{above}　"));
                above.unwrap_or_default() + &title
            }
            None => "見られない記録".to_owned(),
        },
        state: item
            .view
            .as_ref()
            .map(|view| view.state_title.clone())
            .unwrap_or_default(),
        passes: item.status == RunStatus::Passes,
        status,
        class,
        why: match &item.status {
            RunStatus::Refused(refusal) => sentences(refusal),
            _ => Vec::new(),
        },
    }
}

/// Why, once each: the faults say more than the title where there are any.
fn sentences(refusal: &Refusal) -> Vec<String> {
    match refusal.faults.is_empty() {
        true => vec![refusal.title.clone()],
        false => refusal.faults.iter().map(|f| f.detail.clone()).collect(),
    }
}

/// Nothing was chosen, or the action is not for many.
pub(super) fn refused(visitor: &Visitor, refusal: &Refusal, back: String) -> Response {
    page(
        StatusCode::UNPROCESSABLE_ENTITY,
        &Page {
            c: visitor.chrome("まとめて行えませんでした"),
            title: "まとめて行えませんでした".to_owned(),
            what: String::new(),
            action: String::new(),
            go: None,
            once: String::new(),
            said: String::new(),
            class: "bad",
            passes: 0,
            pending: 0,
            asks_comment: false,
            comment: String::new(),
            to: None,
            give_back: None,
            rows: Vec::new(),
            back,
            fault: sentences(refusal),
        },
    )
}
