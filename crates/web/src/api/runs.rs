//! `POST /api/v1/services/{service}/{type}/runs`: one act over many records; `?dry_run=true` says what would happen to
//! each. `GET …/runs/{run}`: how it stands.

use super::{access, body};
use crate::{App, Problem, Signed};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Chosen, RunItemView, RunRequest, RunStatus, RunView, href, tokyo};
use kernel::{Fault, RecordId};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const MEMBERS: [&str; 5] = ["action", "input", "records", "view", "filter"];

pub(super) async fn post(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    access::record_type(&app, &service, &record_type)?;
    signed.require()?;
    access::meant(&signed, request.headers())?;
    let raw = body::raw(request).await?;
    let (action, input, chosen) = members(raw.object)?;
    let run = RunRequest {
        actor: signed.actor,
        purpose: raw.purpose,
        service,
        record_type,
        action,
        input,
        chosen,
        idempotency: raw.idempotency,
    };
    if raw.dry_run {
        let tried = app.engine.try_run(&run).await?;
        return Ok(Json(envelope(&tried)).into_response());
    }
    let id = app.engine.start_run(&run).await?;
    let view = app.engine.run(&run.actor, id).await?;
    let place = format!(
        "/api/v1/services/{}/{}/runs/{id}",
        run.service, run.record_type
    );
    let head = [(header::LOCATION, place)];
    Ok((StatusCode::CREATED, head, Json(envelope(&view))).into_response())
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    access::record_type(&app, &service, &record_type)?;
    signed.require()?;
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let view = app.engine.run(&signed.actor, id).await?;
    if view.service.slug != service || view.record_type.name != record_type {
        return Err(Problem::not_found());
    }
    Ok(Json(envelope(&view)))
}

/// Takes the members apart and names every fault at once.
fn members(
    mut object: Map<String, Value>,
) -> Result<(String, Map<String, Value>, Chosen), Problem> {
    let mut faults: Vec<Fault> = object
        .keys()
        .filter(|name| !MEMBERS.contains(&name.as_str()))
        .map(|name| {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let detail = format!("使えるのは {} です。", MEMBERS.join("、"));
            Fault::new(pointer, "unknown_field", detail)
        })
        .collect();
    let action = match object.remove("action") {
        Some(Value::String(action)) if !action.is_empty() => action,
        _ => {
            let detail = "action に操作の名前を書いてください。";
            faults.push(Fault::new("/action", "required", detail));
            String::new()
        }
    };
    let input = match object.remove("input") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(input)) => input,
        Some(_) => {
            let detail = "input はJSONのオブジェクト { … } で書いてください。";
            faults.push(Fault::new("/input", "type", detail));
            Map::new()
        }
    };
    match chosen(&mut object) {
        Ok(chosen) if faults.is_empty() => Ok((action, input, chosen)),
        Ok(_) => Err(Problem::faults(faults)),
        Err(more) => {
            faults.extend(more);
            Err(Problem::faults(faults))
        }
    }
}

/// `records`, `view` or `filter`: one of them.
fn chosen(object: &mut Map<String, Value>) -> Result<Chosen, Vec<Fault>> {
    let given = (
        object.remove("records"),
        object.remove("view"),
        object.remove("filter"),
    );
    match given {
        (Some(Value::Array(records)), None, None) => {
            let mut faults = Vec::new();
            let mut chosen = Vec::with_capacity(records.len());
            for (at, record) in records.iter().enumerate() {
                match one(record) {
                    Some(found) => chosen.push(found),
                    None => faults.push(Fault::new(
                        format!("/records/{at}"),
                        "format",
                        "記録の id か、{\"id\": …, \"version\": …} を書いてください。",
                    )),
                }
            }
            match faults.is_empty() {
                true => Ok(Chosen::Records(chosen)),
                false => Err(faults),
            }
        }
        (None, Some(Value::String(view)), None) => Ok(Chosen::View(view)),
        (None, None, Some(Value::String(filter))) => Ok(Chosen::Filter(filter)),
        _ => {
            let detail = "対象を、records（記録の id の一覧）、view（画面の名前）、filter（条件）のどれか1つで書いてください。";
            Err(vec![Fault::new("/records", "required", detail)])
        }
    }
}

fn one(record: &Value) -> Option<(RecordId, Option<u64>)> {
    match record {
        Value::String(id) => Some((id.parse().ok()?, None)),
        Value::Object(members) => {
            let id = members.get("id")?.as_str()?.parse().ok()?;
            match members.get("version") {
                None | Some(Value::Null) => Some((id, None)),
                Some(version) => Some((id, Some(version.as_u64()?))),
            }
        }
        _ => None,
    }
}

fn envelope(run: &RunView) -> Value {
    let (done, refused, pending) = run.counts();
    let status = match (run.id, run.done_at) {
        (None, _) => "preview",
        (Some(_), None) => "running",
        (Some(_), Some(_)) => "done",
    };
    json!({
        "id": run.id, "service": run.service.slug, "type": run.record_type.name,
        "action": run.action, "title": run.title, "status": status,
        "total": run.items.len(), "done": done, "refused": refused, "pending": pending,
        "created_at": tokyo(run.at), "finished_at": run.done_at.map(tokyo),
        "items": run.items.iter().map(|item| item_json(run, item)).collect::<Vec<_>>(),
    })
}

fn item_json(run: &RunView, item: &RunItemView) -> Value {
    let view = item.view.as_ref();
    let (outcome, detail, errors) = match &item.status {
        RunStatus::Passes => ("would_pass", None, Vec::new()),
        RunStatus::Done => ("done", None, Vec::new()),
        RunStatus::Pending => ("pending", None, Vec::new()),
        RunStatus::Refused(refusal) => (
            "refused",
            Some(refusal.title.clone()),
            refusal.faults.clone(),
        ),
    };
    let errors: Vec<Value> = errors
        .iter()
        .map(|f| json!({"pointer": f.pointer, "code": f.code, "detail": f.detail}))
        .collect();
    json!({
        "record": item.record, "version": item.version,
        "href": view.map(|_| href(&run.service.slug, &run.record_type.name, item.record)),
        "number": view.and_then(|v| v.number.clone()), "label": view.and_then(|v| v.label.clone()), "above": item.above,
        "state": view.map(|v| v.state.clone()), "outcome": outcome, "detail": detail, "errors": errors,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::{Value, json};

    /// Submitted requests; every second one too large for many.
    async fn submitted(site: &Site, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for n in 0..count {
            let amount = if n % 2 == 0 { 1_000 } else { 200_000 };
            let input = json!({"name": format!("花{n}"), "amount": amount});
            let body = json!({"action": "submit", "input": input});
            let (status, body) = site.person("owner").post(site.requests(), body).await;
            assert_eq!(status, 201, "{body}");
            ids.push(body["id"].as_str().unwrap().to_owned());
        }
        ids
    }

    fn outcomes(run: &Value) -> Vec<&str> {
        let items = run["items"].as_array().unwrap();
        items
            .iter()
            .map(|i| i["outcome"].as_str().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn tried_then_done_and_what_is_refused_says_why() {
        let site = Site::new().await;
        let ids = submitted(&site, 3).await;
        let examiner = site.person("examiner");
        let runs = format!("{}/runs", site.requests());
        let body = json!({"action": "finish", "records": ids});
        let (status, tried) = examiner
            .post(&format!("{runs}?dry_run=true"), body.clone())
            .await;
        assert_eq!(
            (status, &tried["status"]),
            (200, &json!("preview")),
            "{tried}"
        );
        assert_eq!(outcomes(&tried), ["would_pass", "refused", "would_pass"]);
        assert!(
            tried["items"][1]["detail"]
                .as_str()
                .unwrap()
                .contains("まとめて")
        );
        let record = format!("{}/{}", site.requests(), ids[0]);
        assert_eq!(
            examiner.get(&record).await.1["state"],
            "submitted",
            "a trial leaves nothing"
        );
        let (status, run) = examiner.post(&runs, body).await;
        assert_eq!((status, &run["status"]), (201, &json!("done")), "{run}");
        assert_eq!(outcomes(&run), ["done", "refused", "done"]);
        assert_eq!(examiner.get(&record).await.1["state"], "done");
        let place = format!("{runs}/{}", run["id"].as_str().unwrap());
        assert_eq!(examiner.get(&place).await, (200, run.clone()));
        assert_eq!(site.person("owner").get(&place).await.0, 404);
        // The journal says of each act that it was one of many.
        let history = examiner.get(&format!("{record}/history")).await.1;
        assert_eq!(history["items"][1]["run"], run["id"]);
        assert_eq!(history["items"][0]["run"], Value::Null);
        let alone = format!("{}/{}/actions/finish", site.requests(), ids[1]);
        assert_eq!(examiner.post(&alone, json!({"version": 1})).await.0, 200);
    }

    #[tokio::test]
    async fn all_rows_of_a_view_by_one_request_given_twice() {
        let site = Site::new().await;
        submitted(&site, 5).await;
        let examiner = site.person("examiner");
        let runs = format!("{}/runs", site.requests());
        let body = json!({"action": "finish", "view": "inbox"});
        let key = [
            ("idempotency-key", "forty"),
            ("content-type", "application/json"),
        ];
        let first = examiner.post_with(&runs, &key, body.clone()).await.json();
        assert_eq!(
            (&first["done"], &first["refused"]),
            (&json!(3), &json!(2)),
            "{first}"
        );
        // The view has other rows by now; the same key is the same run all the same.
        let again = examiner.post_with(&runs, &key, body).await.json();
        assert_eq!(first, again);
        let other = json!({"action": "finish", "filter": "name = \"花1\""});
        assert_eq!(examiner.post_with(&runs, &key, other).await.status, 422);
    }

    #[tokio::test]
    async fn every_fault_of_the_request_is_named() {
        let site = Site::new().await;
        let examiner = site.person("examiner");
        let runs = format!("{}/runs", site.requests());
        let pointers = |body: &Value| -> Vec<String> {
            let errors = body["errors"].as_array().unwrap();
            errors
                .iter()
                .map(|e| e["pointer"].as_str().unwrap().to_owned())
                .collect()
        };
        let (status, body) = examiner.post(&runs, json!({"actoin": "finish"})).await;
        assert_eq!(
            (status, pointers(&body)),
            (
                422,
                vec!["/actoin".into(), "/action".into(), "/records".into()]
            )
        );
        let (status, body) = examiner
            .post(&runs, json!({"action": "save", "records": ["x"]}))
            .await;
        assert_eq!((status, pointers(&body)), (422, vec!["/records/0".into()]));
        let id = "01970000-0000-7000-8000-000000000000";
        let (status, body) = examiner
            .post(&runs, json!({"action": "save", "records": [id]}))
            .await;
        assert_eq!(
            (status, pointers(&body)),
            (422, vec!["/action".into()]),
            "save is not for many"
        );
        let (status, body) = examiner
            .post(&runs, json!({"action": "finish", "records": [id]}))
            .await;
        assert_eq!((status, outcomes(&body)), (201, vec!["refused"]));
        let many: Vec<String> = (0..1001)
            .map(|n| format!("01970000-0000-7000-8000-{n:012}"))
            .collect();
        assert_eq!(
            examiner
                .post(&runs, json!({"action": "finish", "records": many}))
                .await
                .0,
            422
        );
        assert_eq!(
            site.public()
                .post(&runs, json!({"action": "finish", "records": [id]}))
                .await
                .0,
            401
        );
    }
}
