//! 続きを頼む.

use super::operation::{Operation, schema};
use super::platform::TAG;
use serde_json::{Value as Json, json};

/// Paths of invitations.
pub(super) fn paths() -> Vec<(&'static str, Json)> {
    vec![
        (
            "/api/v1/services/{service}/{type}/{id}/invitations",
            json!({"get": list().json(), "post": invite().json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/invitations/{invitation}",
            json!({"delete": revoke().json()}),
        ),
        (
            "/api/v1/invitations/{token}",
            json!({"get": knock().json(), "post": accept().json()}),
        ),
    ]
}

fn text() -> Json {
    json!({"type": "string"})
}

fn of_record(id: &str, summary: &str) -> Operation {
    Operation::new(id, summary, TAG)
        .parameter("path", "service", true, text(), "slug")
        .parameter("path", "type", true, text(), "記録の種類")
        .parameter("path", "id", true, text(), "記録のID")
}

fn list() -> Operation {
    of_record(
        "listInvitations",
        "続きを頼んだ方の一覧（持ち主にはすべて、引き受けた方には自分のもの）",
    )
    .answers(
        200,
        "一覧",
        json!({"type": "object", "required": ["items", "next"], "properties": {
            "items": {"type": "array", "items": invitation()}, "next": {"type": "null"}}}),
    )
    .refuses(&[401, 404, 503])
}

fn invite() -> Operation {
    let input = json!({
        "type": "object", "required": ["to"], "additionalProperties": false,
        "properties": {
            "to": {"type": "string", "maxLength": 60, "description": "だれに頼むか（持ち主の覚え）"},
            "role": {"type": "string", "description": "役割。1つだけのときは要りません"},
            "mail": {"type": "string", "format": "email", "description": "リンクを送る宛先。番号は送りません"},
        },
    });
    of_record("invite", "ほかの人に続きを頼む。リンクと番号は、この答えだけにあります")
        .shared(&["IdempotencyKey"])
        .body("application/json", json!({"type": "object", "required": ["input"], "properties": {"input": input}}))
        .answers(201, "頼んだこと。同じキーの2度目の答えでは link と code は null", json!({
            "type": "object", "required": ["invitation", "link", "code", "mailed"],
            "properties": {
                "invitation": invitation(),
                "link": {"type": ["string", "null"]}, "code": {"type": ["string", "null"]},
                "mailed": {"type": ["boolean", "null"], "description": "メールを渡せたか。頼んでいなければ null"},
            },
        }))
        .refuses(&[400, 401, 404, 409, 415, 422, 503])
}

fn revoke() -> Operation {
    of_record(
        "revokeInvitation",
        "続きを頼むのを取りやめる。引き受けた方は、もう見られません",
    )
    .parameter(
        "path",
        "invitation",
        true,
        json!({"type": "string", "format": "uuid"}),
        "招待のID",
    )
    .response(204, json!({"description": "取りやめました"}))
    .refuses(&[401, 404, 409, 503])
}

fn of_link(id: &str, summary: &str) -> Operation {
    Operation::new(id, summary, TAG).parameter("path", "token", true, text(), "リンクの最後の語")
}

fn knock() -> Operation {
    of_link("getInvitation", "続きを頼むリンクが開くもの。番号の前は、手続きの名前と期限だけ")
        .answers(200, "頼まれたこと", json!({
            "type": "object", "required": ["service", "title", "role", "until", "obstacle", "record"],
            "properties": {
                "service": text(), "title": text(), "role": text(), "until": {"type": "string", "format": "date"},
                "obstacle": {"type": ["string", "null"], "description": "引き受けられないわけ"},
                "record": {"type": ["string", "null"], "description": "引き受けた方には、その記録"},
            },
        }))
        .refuses(&[404, 503])
        .public()
}

fn accept() -> Operation {
    let input = json!({"type": "object", "required": ["code"], "additionalProperties": false, "properties": {"code": text()}});
    of_link("acceptInvitation", "番号を入れて、続きを引き受ける")
        .shared(&["IdempotencyKey"])
        .body(
            "application/json",
            json!({"type": "object", "required": ["input"], "properties": {"input": input}}),
        )
        .answers(200, "引き受けた記録", schema("Record"))
        .refuses(&[400, 401, 404, 409, 415, 422, 503])
}

fn invitation() -> Json {
    json!({
        "type": "object",
        "required": ["id", "role", "role_title", "to", "at", "until", "standing", "tries", "accepted_by", "own"],
        "properties": {
            "id": {"type": "string", "format": "uuid"}, "role": text(), "role_title": text(), "to": text(),
            "at": {"type": "string", "format": "date-time"}, "until": {"type": "string", "format": "date"},
            "standing": {"type": "string", "enum": ["open", "accepted", "revoked", "spent", "expired"]},
            "tries": {"type": "integer"}, "accepted_by": {"type": ["string", "null"]}, "own": {"type": "boolean"},
        },
    })
}
