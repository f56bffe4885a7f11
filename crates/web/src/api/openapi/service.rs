//! Paths of one running service.

use super::operation::{Operation, schema};
use crate::App;
use definition::model::{Action, Document, RecordType, Service, Who};
use serde_json::{Map, Value as Json, json};

const READING: &[u16] = &[400, 401, 404, 503];
const ACTING: &[u16] = &[400, 401, 403, 404, 409, 413, 415, 422, 428, 429, 500, 503];

/// By path.
pub(super) fn paths(app: &App, service: &Service) -> Map<String, Json> {
    let mut paths = Map::new();
    for rt in service.types.values() {
        let base = format!("/api/v1/services/{}/{}", service.slug, rt.name);
        let id = format!("{}.{}", service.slug, rt.name);
        let mut collection = json!({"get": list(service, rt, &id).json()});
        if let (Some(post), Some(map)) = (open(app, service, rt, &id), collection.as_object_mut()) {
            map.insert("post".into(), post.json());
        }
        paths.insert(base.clone(), collection);
        paths.insert(
            format!("{base}/{{id}}"),
            json!({"get": record(service, rt, &id).json()}),
        );
        paths.insert(
            format!("{base}/{{id}}/history"),
            json!({"get": history(service, rt, &id).json()}),
        );
        paths.insert(
            format!("{base}/{{id}}/receipt"),
            json!({"get": receipt(service, rt, &id).json()}),
        );
        for action in rt
            .actions
            .values()
            .filter(|action| by_people(action) && !action.from.is_empty())
        {
            paths.insert(
                format!("{base}/{{id}}/actions/{}", action.name),
                json!({"post": act(app, service, rt, action, &id).json()}),
            );
        }
        runs(service, rt, &base, &id, &mut paths);
        for document in rt.documents.values() {
            paths.insert(
                format!("{base}/{{id}}/documents/{}", document.name),
                json!({"get": letter(service, rt, &id, document).json()}),
            );
        }
        for view in rt.views.values() {
            let operation = Operation::new(
                &format!("{id}.views.{}", view.name),
                &format!("{}：{}", rt.title, view.title),
                &service.title,
            );
            let operation = operation
                .shared(&["After"])
                .answers(200, "画面の1ページ", schema("ObjectList"))
                .refuses(READING);
            paths.insert(
                format!("{base}/views/{}", view.name),
                json!({"get": operation.json()}),
            );
        }
    }
    paths
}

/// One act over many, where an action may be taken on many.
fn runs(service: &Service, rt: &RecordType, base: &str, id: &str, paths: &mut Map<String, Json>) {
    let acts: Vec<String> = kernel::route::all(service, rt, None)
        .into_iter()
        .filter(|resolved| resolved.action.batch.is_some())
        .map(|resolved| resolved.action.name.clone())
        .collect();
    if acts.is_empty() {
        return;
    }
    let record = json!({"oneOf": [
        {"type": "string", "format": "uuid"},
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}}},
    ]});
    let body = json!({
        "type": "object", "required": ["action"], "additionalProperties": false,
        "properties": {
            "action": {"enum": acts}, "input": {"type": "object"},
            "records": {"type": "array", "items": record, "minItems": 1, "maxItems": engine::MAX_RUN_RECORDS},
            "view": {"type": "string"}, "filter": {"type": "string"},
        },
    });
    let title = format!("{}：一括処理", rt.title);
    let start = Operation::new(&format!("{id}.runs.start"), &title, &service.title)
        .shared(&[
            "IdempotencyKey",
            "DryRun",
            "OnBehalfOf",
            "Purpose",
            "AcceptLanguage",
        ])
        .body("application/json", body)
        .answers(201, "始まった一括処理", schema("Run"))
        .answers(200, "行う前の確認（dry_run）", schema("Run"))
        .refuses(ACTING);
    let look = Operation::new(
        &format!("{id}.runs.get"),
        &format!("{title}の結果"),
        &service.title,
    )
    .parameter(
        "path",
        "run",
        true,
        json!({"type": "string", "format": "uuid"}),
        "一括処理の id",
    )
    .answers(200, "一括処理", schema("Run"))
    .refuses(READING);
    paths.insert(format!("{base}/runs"), json!({"post": start.json()}));
    paths.insert(format!("{base}/runs/{{run}}"), json!({"get": look.json()}));
}

/// What only the platform performs has no path.
fn by_people(action: &Action) -> bool {
    action.by.iter().any(|who| *who != Who::System)
}

fn list(service: &Service, rt: &RecordType, id: &str) -> Operation {
    let text = || json!({"type": "string"});
    Operation::new(
        &format!("{id}.list"),
        &format!("{}の一覧", rt.title),
        &service.title,
    )
    .parameter(
        "query",
        "filter",
        false,
        text(),
        "FEEL による条件。宣言された索引で引けるもの。",
    )
    .parameter(
        "query",
        "sort",
        false,
        text(),
        "並べ替えの項目。先頭に - で降順。",
    )
    .parameter("query", "q", false, text(), "全文検索の言葉。")
    .shared(&["Limit", "After", "OnBehalfOf"])
    .answers(200, "一覧", schema("RecordList"))
    .refuses(&[400, 401, 404, 422, 503])
}

fn open(app: &App, service: &Service, rt: &RecordType, id: &str) -> Option<Operation> {
    let opening: Vec<Json> = rt
        .actions
        .values()
        .filter(|action| action.opens && by_people(action))
        .map(|action| opening(app, service, rt, action))
        .collect();
    if opening.is_empty() {
        return None;
    }
    let operation = Operation::new(
        &format!("{id}.open"),
        &format!("{}を始める", rt.title),
        &service.title,
    );
    let location =
        json!({"Location": {"schema": {"type": "string"}, "description": "記録のアドレス"}});
    let created = json!({"description": "始まった記録", "headers": location, "content": {"application/json": {"schema": schema("Record")}}});
    let operation = operation.shared(&[
        "IdempotencyKey",
        "DryRun",
        "OnBehalfOf",
        "Purpose",
        "AcceptLanguage",
    ]);
    Some(
        operation
            .body("application/json", json!({"oneOf": opening}))
            .response(201, created)
            .refuses(ACTING),
    )
}

fn opening(app: &App, service: &Service, rt: &RecordType, action: &Action) -> Json {
    json!({
        "type": "object", "title": action.title, "required": ["action"], "additionalProperties": false,
        "properties": {"action": {"const": action.name}, "input": input(app, service, rt, action), "party": {"type": "object", "description": "窓口で、アカウントのない方に代わって始めるとき。", "required": ["kind", "name"], "additionalProperties": false, "properties": {"kind": {"enum": ["person", "corporation", "body"]}, "name": {"type": "string", "maxLength": 100}}}},
    })
}

fn record(service: &Service, rt: &RecordType, id: &str) -> Operation {
    let operation = Operation::new(
        &format!("{id}.get"),
        &format!("{}の内容", rt.title),
        &service.title,
    );
    let day = json!({"type": "string", "format": "date"});
    with_id(operation)
        .parameter("query", "as_of", false, day, "この日の終わりの内容。")
        .shared(&["OnBehalfOf", "Purpose"])
        .answers(200, "記録", schema("Record"))
        .refuses(READING)
}

fn history(service: &Service, rt: &RecordType, id: &str) -> Operation {
    let operation = Operation::new(
        &format!("{id}.history"),
        &format!("{}の履歴", rt.title),
        &service.title,
    );
    with_id(operation)
        .shared(&["After", "Limit", "OnBehalfOf"])
        .answers(200, "履歴", schema("ObjectList"))
        .refuses(READING)
}

fn receipt(service: &Service, rt: &RecordType, id: &str) -> Operation {
    let operation = Operation::new(
        &format!("{id}.receipt"),
        &format!("{}の受付の証明（電子）", rt.title),
        &service.title,
    );
    let proof = json!({"type": "object", "description": "だれでもオフラインで確かめられる証明（tsumugi verify --receipt）。署名が付くまでは503とRetry-After。"});
    with_id(operation)
        .shared(&["OnBehalfOf", "Purpose"])
        .answers(200, "証明のファイル", proof)
        .refuses(&[400, 401, 404, 409, 503])
}

fn letter(service: &Service, rt: &RecordType, id: &str, document: &Document) -> Operation {
    let operation = Operation::new(
        &format!("{id}.documents.{}", document.name),
        &format!("{}の文書：{}", rt.title, document.title),
        &service.title,
    );
    let copy = json!({"type": "integer", "minimum": 1});
    let pdf = json!({"type": "string", "format": "binary"});
    with_id(operation)
        .parameter("query", "copy", false, copy, "何通目か。なければ最後に交付したもの。")
        .shared(&["OnBehalfOf", "Purpose"])
        .response(200, json!({"description": "文書（PDF/A-2u）", "content": {"application/pdf": {"schema": pdf}}}))
        .refuses(&[400, 401, 404, 409, 503])
}

fn act(app: &App, service: &Service, rt: &RecordType, action: &Action, id: &str) -> Operation {
    let operation = Operation::new(
        &format!("{id}.actions.{}", action.name),
        &format!("{}：{}", rt.title, action.title),
        &service.title,
    );
    let body = json!({
        "type": "object", "required": ["version"], "additionalProperties": false,
        "properties": {"version": {"type": "integer", "minimum": 1}, "input": input(app, service, rt, action)},
    });
    let operation = with_id(operation).shared(&[
        "IdempotencyKey",
        "DryRun",
        "OnBehalfOf",
        "Purpose",
        "AcceptLanguage",
    ]);
    operation
        .body("application/json", body)
        .answers(200, "操作の後の記録", schema("Record"))
        .refuses(ACTING)
}

fn with_id(operation: Operation) -> Operation {
    operation.parameter(
        "path",
        "id",
        true,
        json!({"type": "string", "format": "uuid"}),
        "記録の id",
    )
}

/// The action's schema; a document of its own dialect and id becomes a part of this one.
fn input(app: &App, service: &Service, rt: &RecordType, action: &Action) -> Json {
    let mut schema = app.engine.input_schema(service, rt, action).json.clone();
    if let Some(map) = schema.as_object_mut() {
        map.remove("$schema");
    }
    schema
}
