//! Components: envelopes, problems, parameters, security.

use serde_json::{Map, Value as Json, json};

/// Statuses of refusals with the names of their responses.
const PROBLEMS: &[(u16, &str, &str)] = &[
    (400, "Malformed", "読み取れない / cannot be understood"),
    (401, "NotSignedIn", "ログインが必要 / sign in first"),
    (403, "Forbidden", "画面の有効期限切れ / form expired"),
    (
        404,
        "NotFound",
        "ないか、見られない / not there or not yours to see",
    ),
    (
        409,
        "Conflict",
        "状態が違うか、内容が変わった / wrong state or stale",
    ),
    (413, "TooLarge", "大きすぎる / too large"),
    (
        415,
        "UnsupportedMediaType",
        "形式を扱えない / media type not supported",
    ),
    (422, "Invalid", "入力の誤り / faulty fields"),
    (428, "VersionMissing", "version がない / version missing"),
    (429, "TooMany", "多すぎる / too many requests"),
    (500, "Internal", "システムの不具合 / our fault"),
    (
        503,
        "Unavailable",
        "混雑または保守 / try again after Retry-After",
    ),
];

/// The response's name for a status.
pub(super) fn problem_name(status: u16) -> &'static str {
    PROBLEMS
        .iter()
        .find(|(known, ..)| *known == status)
        .map_or("Internal", |(_, name, _)| *name)
}

/// The whole `components`.
pub(super) fn components() -> Json {
    let one = |(status, name, description): &(u16, &str, &str)| {
        let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        let mut response = json!({"description": description, "content": content});
        if let Some(map) = response
            .as_object_mut()
            .filter(|_| matches!(status, 429 | 503))
        {
            map.insert("headers".into(), json!({"Retry-After": {"schema": {"type": "integer"}, "description": "秒 / seconds"}}));
        }
        ((*name).to_owned(), response)
    };
    let responses: Map<String, Json> = PROBLEMS.iter().map(one).collect();
    json!({
        "schemas": schemas(), "responses": responses, "parameters": parameters(),
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "system": {"type": "oauth2", "description": "Other systems: private_key_jwt (RFC 7523). Scopes are `read:SERVICE` and `act:SERVICE/TYPE/ACTION`, as registered.",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}},
            "session": {"type": "apiKey", "in": "cookie", "name": crate::auth::SESSION_COOKIE},
        },
    })
}

fn parameters() -> Json {
    let query = |name: &str, schema: Json, text: &str| json!({"in": "query", "name": name, "required": false, "schema": schema, "description": text});
    let header = |name: &str, required: bool, text: &str| json!({"in": "header", "name": name, "required": required, "schema": {"type": "string"}, "description": text});
    json!({
        "IdempotencyKey": header("Idempotency-Key", true, "操作ごとに新しい値。送り直すときは同じ値。"),
        "OnBehalfOf": header("On-Behalf-Of", false, "代わって手続きする相手の id。"),
        "Purpose": header("Purpose", false, "閲覧・操作の目的。"),
        "AcceptLanguage": header("Accept-Language", false, "ja（既定）または en。"),
        "DryRun": query("dry_run", json!({"type": "boolean"}), "true なら何も残さず、行った場合の応答を返す。"),
        "Limit": query("limit", json!({"type": "integer", "minimum": 1, "maximum": 200, "default": 50}), "1ページの件数。"),
        "After": query("after", json!({"type": "string"}), "前の応答の next。"),
    })
}

fn schemas() -> Json {
    let nullable = |kind: &str| json!({"type": [kind, "null"]});
    let uuid = json!({"type": "string", "format": "uuid"});
    let time = json!({"type": "string", "format": "date-time"});
    let action = json!({
        "type": "object", "required": ["name", "title"],
        "properties": {"name": {"type": "string"}, "title": {"type": "string"}, "batch": {"type": "boolean"},
            "needs_assurance": {"type": "object", "description": "Levels (DS-511) that the action demands of you and your sign-in does not reach; absent where it does.",
                "properties": {"identity": {"type": "integer"}, "authentication": {"type": "integer"}}}, "input_schema": {"type": "object"}},
    });
    json!({
        "Problem": {
            "type": "object", "required": ["type", "title", "status", "errors"],
            "properties": {
                "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                "detail": {"type": "string"}, "instance": {"type": "string"},
                "errors": {"type": "array", "items": {
                    "type": "object", "required": ["pointer", "code", "detail"],
                    "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
                }},
            },
        },
        "Record": {
            "type": "object",
            "required": ["id", "service", "type", "number", "state", "version", "authority", "office", "fields", "parties", "children", "actions", "created_at", "updated_at"],
            "properties": {
                "id": uuid, "service": {"type": "string"}, "type": {"type": "string"}, "number": nullable("string"),
                "label": nullable("string"), "state": {"type": "string"}, "state_title": {"type": "string"},
                "version": {"type": "integer", "minimum": 1}, "authority": nullable("string"), "office": nullable("string"),
                "fields": {"type": "object"}, "parties": {"type": "array", "items": {"type": "object"}},
                "children": {"type": "object"}, "links": {"type": "object"},
                "starts": {"type": "array", "items": {"type": "object", "required": ["title", "type", "field"], "properties": {
                    "title": {"type": "string"}, "type": {"type": "string"}, "field": {"type": "string"}}}},
                "actions": {"type": "array", "items": action}, "created_at": time, "updated_at": time,
            },
        },
        "RecordList": list(&json!({"$ref": "#/components/schemas/Record"})),
        "Service": {
            "type": "object", "required": ["slug", "initiatives", "title", "area", "category", "status", "record_types"],
            "properties": {
                "slug": {"type": "string"}, "initiatives": {"type": "array", "items": {"type": "string"}}, "title": {"type": "string"},
                "area": {"type": "string"}, "category": {"type": "string"}, "status": {"enum": ["running", "preparing"]},
                "record_types": {"type": "array", "items": {"type": "string"}}, "summary": {"type": "string"},
            },
        },
        "ServiceList": list(&json!({"$ref": "#/components/schemas/Service"})),
        "Upload": {
            "type": "object", "required": ["id", "name", "media_type", "bytes", "sha256"],
            "properties": {"id": uuid, "name": {"type": "string"}, "media_type": {"type": "string"}, "bytes": {"type": "integer"}, "sha256": {"type": "string"}},
        },
        "Run": {
            "type": "object", "required": ["id", "service", "type", "action", "title", "status", "total", "done", "refused", "pending", "items"],
            "properties": {
                "id": nullable("string"), "service": {"type": "string"}, "type": {"type": "string"}, "action": {"type": "string"},
                "title": {"type": "string"}, "status": {"enum": ["preview", "running", "done"]},
                "total": {"type": "integer"}, "done": {"type": "integer"}, "refused": {"type": "integer"}, "pending": {"type": "integer"},
                "items": {"type": "array", "items": {"type": "object"}}, "created_at": {"type": "string", "format": "date-time"}, "finished_at": nullable("string"),
            },
        },
        "ObjectList": list(&json!({"type": "object"})),
    })
}

fn list(item: &Json) -> Json {
    json!({"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}}})
}
