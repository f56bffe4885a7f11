//! Paths that are there whatever is installed.

use super::operation::{Operation, schema};
use serde_json::{Map, Value as Json, json};

pub(super) const TAG: &str = "共通";

/// By path.
pub(super) fn paths() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let plain = |text: &str| json!({"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}});
    let object = || json!({"type": "object"});
    let get = |operation: Operation| json!({"get": operation.json()});
    let all = [
        (
            "/api/v1/services",
            get(Operation::new("listServices", "サービスの一覧", TAG)
                .parameter(
                    "query",
                    "q",
                    false,
                    text(),
                    "題名・概要・キーワードを探す言葉。",
                )
                .answers(200, "一覧", schema("ServiceList"))
                .refuses(&[400, 404])
                .public()),
        ),
        (
            "/api/v1/services/{service}",
            get(Operation::new("getService", "サービスの定義", TAG)
                .parameter("path", "service", true, text(), "slug")
                .answers(200, "定義", object())
                .refuses(&[404])
                .public()),
        ),
        ("/api/v1/absences", absences()),
        ("/api/v1/emergency", emergency()),
        (
            "/api/v1/looks",
            get(looks(Operation::new("listLooks", "自分の記録を、だれが見たか", TAG))
                .refuses(&[400, 401, 404, 503])),
        ),
        (
            "/api/v1/audit/looks",
            get(narrowed(Operation::new("auditLooks", "だれが何を見たかをさがす（監査）", TAG))
                .parameter("query", "way", false, json!({"enum": kernel::looks::Way::ALL.map(kernel::looks::Way::name)}), "見方")
                .parameter("query", "after", false, text(), "続きの位置")
                .parameter("query", "limit", false, json!({"type": "integer", "minimum": 1, "maximum": 200}), "件数")
                .answers(200, "新しいものから", schema("ObjectList"))
                .refuses(&[400, 401, 404, 422, 503])),
        ),
        (
            "/api/v1/audit/looks/{format}",
            get(narrowed(Operation::new("auditLooksFile", "だれが何を見たかをファイルにする（監査）", TAG))
                .parameter("path", "format", true, json!({"enum": ["csv", "xlsx"]}), "形式")
                .parameter("query", "way", false, json!({"enum": kernel::looks::Way::ALL.map(kernel::looks::Way::name)}), "見方")
                .response(200, json!({"description": "CSV、またはExcel", "content": {"text/csv": {"schema": {"type": "string"}},
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": {"type": "string", "format": "binary"}}}}))
                .refuses(&[400, 401, 404, 422, 503])),
        ),
        (
            "/api/v1/audit/affected",
            get(narrowed(Operation::new("listAffected", "だれの記録が見られたか、連絡先とともに（監査、CSV）", TAG))
                .parameter("query", "session", false, text(), "ログインの印")
                .response(200, json!({"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}))
                .refuses(&[400, 401, 404, 422, 503])),
        ),
        (
            "/api/v1/audit/alerts",
            get(Operation::new("listAlerts", "ふだんと違う閲覧の知らせ（監査）", TAG)
                .parameter("query", "state", false, json!({"enum": ["open", "confirmed"]}), "未確認か、確認済みか")
                .parameter("query", "after", false, text(), "続きの位置")
                .answers(200, "新しいものから", schema("ObjectList"))
                .refuses(&[400, 401, 404, 503])),
        ),
        (
            "/api/v1/audit/alerts/{alert}/confirm",
            json!({"post": Operation::new("confirmAlert", "知らせを確認済みにする（監査）", TAG)
                .parameter("path", "alert", true, json!({"type": "string", "format": "uuid"}), "知らせのID")
                .shared(&["IdempotencyKey"])
                .body("application/json", json!({"type": "object", "required": ["outcome", "because"], "properties": {
                    "outcome": {"enum": ["proper", "doubtful", "improper"]}, "because": {"type": "string"}}}))
                .answers(200, "そのあとの知らせ", object())
                .refuses(&[400, 401, 404, 409, 422, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/looks",
            get(looks(of_type("listRecordLooks", "この記録を、だれが見たか（当事者だけ）")
                .parameter("path", "id", true, json!({"type": "string", "format": "uuid"}), "記録のID"))
                .refuses(&[400, 401, 404, 503])),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/uses",
            get(of_type("listUses", "ほかのサービスの記録で、担当が読めるもの（利用目的と根拠）")
                .parameter("path", "id", true, json!({"type": "string", "format": "uuid"}), "記録のID")
                .answers(200, "一覧", schema("ObjectList"))
                .refuses(&[400, 401, 404, 503])),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/uses/{name}",
            get(of_type("readUse", "ほかのサービスの記録を、法令の根拠か本人の同意で読む（だれが見たかに残る）")
                .parameter("path", "id", true, json!({"type": "string", "format": "uuid"}), "記録のID")
                .parameter("path", "name", true, json!({"type": "string"}), "読み方の名前")
                .answers(200, "読んだもの。unconsented なら、同意がない人の記録は読んでいない", object())
                .refuses(&[400, 401, 404, 503])),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/numbers/{field}",
            json!({"post": of_type("openNumber", "個人番号を見る（定義が決めた役割だけ。目的を選ぶ。先に「だれが見たか」に残る）")
                .parameter("path", "id", true, json!({"type": "string", "format": "uuid"}), "記録のID")
                .parameter("path", "field", true, json!({"type": "string"}), "個人番号の項目の名前")
                .body("application/json", json!({"type": "object", "required": ["purpose"], "properties": {"purpose": {"type": "string"}}}))
                .answers(200, "番号。どこにも残さない", object())
                .refuses(&[400, 401, 403, 404, 415, 422, 503]).json()}),
        ),
        (
            "/api/v1/retention",
            get(Operation::new("listRetention", "保存期間を受け持つ記録の種類と、決定を待つ起案", TAG)
                .answers(200, "一覧", schema("ObjectList"))
                .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/retention/{service}/{type}",
            json!({
                "get": of_type("listExpired", "年度の終わりまでに保存期間が満了する記録")
                    .parameter("query", "after", false, text(), "続きの位置")
                    .parameter("query", "limit", false, json!({"type": "integer", "minimum": 1, "maximum": 200}), "件数")
                    .answers(200, "一覧", schema("ObjectList"))
                    .refuses(&[400, 401, 404, 503]).json(),
                "post": of_type("proposeDisposal", "満了した記録の廃棄・移管・延長を起案する")
                    .shared(&["IdempotencyKey"])
                    .body("application/json", json!({"type": "object", "required": ["deed", "records"], "properties": {
                        "deed": {"type": "string", "enum": ["dispose", "transfer", "extend"]},
                        "records": {"description": "記録のID。all なら満了したすべて（1000件まで）",
                            "oneOf": [{"type": "array", "items": {"type": "string", "format": "uuid"}}, {"const": "all"}]},
                        "because": {"type": "string"}, "until": {"type": "string", "format": "date"},
                        "destination": {"type": "string"}}}))
                    .answers(201, "起案", object())
                    .refuses(&[400, 401, 404, 422, 503]).json(),
            }),
        ),
        (
            "/api/v1/retention/rounds/{round}",
            get(of_round("getRound", "起案と、対象の記録")
                .answers(200, "起案", object())
                .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/retention/rounds/{round}/list.csv",
            get(of_round("getDisposalRegister", "対象の記録の一覧（廃棄簿）")
                .response(200, json!({"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}))
                .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/retention/rounds/{round}/deeds/{deed}",
            json!({"post": of_round("roundDeed", "決定する（decide）、差し戻す（decline）、引き戻す（withdraw）")
                .parameter("path", "deed", true, json!({"enum": ["decide", "decline", "withdraw"]}), "すること")
                .shared(&["IdempotencyKey"])
                .body("application/json", json!({"type": "object", "properties": {"because": {"type": "string"}}}))
                .answers(200, "そのあとの起案", object())
                .refuses(&[400, 401, 404, 409, 422, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/views/{view}/months/{month}/{deed}",
            json!({"post": of_type("monthDeed", "月報などの期間を締める（close）、訂正を記録する（correct）、締めを解く（reopen）")
                .parameter("path", "view", true, text(), "月報の画面")
                .parameter("path", "month", true, text(), "期間。月は 2026-10、年度の四半期は FY2026Q2、年度は FY2026、年は 2026")
                .parameter("path", "deed", true, json!({"enum": ["close", "correct", "reopen"]}), "すること")
                .shared(&["IdempotencyKey"])
                .body("application/json", json!({"type": "object", "properties": {"acknowledged": {"type": "boolean"}, "reason": {"type": "string"}, "office": {"type": "string", "description": "所ごとに締める月報で、どの所か"}}}))
                .answers(200, "そのあとの月報", object())
                .refuses(&[400, 401, 404, 409, 422, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/imports",
            json!({"post": of_type("previewImport", "取込みのファイルを確かめる（まだ何も変わらない）")
                .body("application/json", json!({"type": "object", "required": ["import", "upload"],
                    "properties": {"import": {"type": "string"}, "upload": {"type": "string", "format": "uuid"}}}))
                .answers(201, "取り込むとどうなるか", object())
                .refuses(&[400, 401, 404, 422, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/imports/{run}",
            get(of_run("getImport", "取込みがどこまで進んだか")
                .answers(200, "取込み", object())
                .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/services/{service}/{type}/imports/{run}/go",
            json!({"post": of_run("startImport", "確かめた取込みを行う")
                .answers(200, "始めた", object())
                .refuses(&[401, 404, 409, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/{type}/imports/{run}/rejected",
            get(of_run("getRejectedRows", "取り込めない行（CSV）")
                .response(200, json!({"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}))
                .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/services/{service}/publications/{publication}/editions",
            json!({"post": Operation::new("publishNow", "公開のデータを今日の版として作る", TAG)
                .parameter("path", "service", true, text(), "slug")
                .parameter("path", "publication", true, text(), "公開の名前")
                .answers(201, "作った版", object())
                .refuses(&[401, 404, 503]).json()}),
        ),
        (
            "/api/v1/services/{service}/reviews",
            get(Operation::new("getReviewResults", "利用者の声の集計", TAG)
                .parameter("path", "service", true, text(), "slug")
                .answers(200, "集計（少ないところは出さない）", object())
                .refuses(&[404, 503])
                .public()),
        ),
        (
            "/api/v1/services/{service}/{type}/{id}/review",
            get(Operation::new(
                "getReviewTicket",
                "利用者の声の券（終わった手続きの当事者に）",
                TAG,
            )
            .parameter("path", "service", true, text(), "slug")
            .parameter("path", "type", true, text(), "記録の種類")
            .parameter("path", "id", true, text(), "記録のID")
            .answers(200, "券と問い", object())
            .refuses(&[401, 404, 503])),
        ),
        (
            "/api/v1/reviews",
            json!({"post": Operation::new("giveReview", "利用者の声を送る（だれの声かは残さない）", TAG)
                .answers(201, "届いた", object())
                .refuses(&[400, 404, 409, 422, 503])
                .public()
                .json()}),
        ),
        ("/api/v1/uploads", json!({"post": upload().json()})),
        ("/api/v1/uploads/{id}", get(download())),
        ("/api/v1/uploads/{id}/pages", get(pages())),
        ("/api/v1/uploads/{id}/pages/{page}", get(page())),
        (
            "/api/v1/payments/webhook",
            json!({"post": payment_news().json()}),
        ),
        (
            "/api/v1/changes",
            get(
                Operation::new("listChanges", "変更の列（CloudEvents）", TAG)
                    .shared(&["After", "Limit"])
                    .answers(200, "一覧", schema("ObjectList"))
                    .refuses(&[400, 401, 404, 503]),
            ),
        ),
        (
            "/api/v1/postal-codes/{code}",
            get(Operation::new("findPostalCode", "郵便番号から住所", TAG)
                .parameter("path", "code", true, text(), "1900023 または 190-0023")
                .answers(200, "住所", schema("ObjectList"))
                .refuses(&[400, 404, 503])
                .public()),
        ),
        (
            "/api/v1/session",
            get(
                Operation::new("getSession", "だれとしてログインしているか", TAG)
                    .answers(200, "ログインの状態", object())
                    .refuses(&[401]),
            ),
        ),
        (
            "/api/v1/links/{token}",
            get(Operation::new("getLink", "専用のリンクで見られる記録", TAG)
                .parameter("path", "token", true, text(), "リンクの最後の語")
                .answers(200, "記録の一覧", schema("ObjectList"))
                .refuses(&[404, 503])
                .public()),
        ),
        (
            "/api/v1/openapi.json",
            get(Operation::new("getOpenApi", "この文書", TAG)
                .answers(200, "OpenAPI 3.1", object())
                .public()),
        ),
        (
            "/log/checkpoint",
            get(Operation::new("getLogCheckpoint", "履歴の台帳の最新の署名（c2sp.org/tlog-checkpoint）", TAG)
                .response(200, plain("署名付きの checkpoint"))
                .refuses(&[404, 503])
                .public()),
        ),
        (
            "/log/keys",
            get(Operation::new("getLogKeys", "履歴の台帳の公開鍵（最後が今の鍵）", TAG)
                .answers(200, "公開鍵と、それぞれの最初の署名", schema("ObjectList"))
                .refuses(&[404, 503])
                .public()),
        ),
        (
            "/log/tile/{level}/{place}",
            get(Operation::new("getLogTile", "履歴の台帳のタイル（c2sp.org/tlog-tiles）", TAG)
                .parameter("path", "level", true, text(), "段、または entries")
                .parameter("path", "place", true, text(), "x001/234 や 000.p/12 のような場所（/ を含む）")
                .response(200, json!({"description": "ハッシュの列", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}))
                .refuses(&[404, 503])
                .public()),
        ),
        (
            "/healthz",
            get(Operation::new("getHealth", "プロセスが動いているか", TAG)
                .answers(200, "動いている", object())
                .public()),
        ),
        (
            "/readyz",
            get(
                Operation::new("getReadiness", "操作を受け付けられるか", TAG)
                    .answers(200, "受け付けられる", object())
                    .refuses(&[503])
                    .public(),
            ),
        ),
        (
            "/metrics",
            get(Operation::new("getMetrics", "計測値（Prometheus）", TAG)
                .response(200, plain("計測値"))
                .public()),
        ),
        (
            "/problems/{kind}",
            get(Operation::new("getProblemKind", "エラーの種類の説明", TAG)
                .parameter("path", "kind", true, text(), "type の最後の語")
                .response(200, plain("説明"))
                .refuses(&[404])
                .public()),
        ),
    ];
    all.into_iter()
        .chain(super::invitations::paths())
        .map(|(path, item)| (path.to_owned(), item))
        .collect()
}

fn payment_news() -> Operation {
    let header = |operation: Operation, name: &'static str, text: &'static str| {
        operation.parameter("header", name, true, json!({"type": "string"}), text)
    };
    let operation = Operation::new("tellPaymentNews", "納付の代行会社からの知らせ", TAG)
        .body("application/json", json!({"type": "object"}))
        .answers(200, "記録した", json!({"type": "object"}))
        .refuses(&[401, 404, 413, 503])
        .public();
    let operation = header(operation, "webhook-id", "知らせの番号");
    let operation = header(operation, "webhook-timestamp", "送った時刻（秒）");
    header(
        operation,
        "webhook-signature",
        "v1,BASE64（Standard Webhooks）",
    )
}

/// Who decides for an official who is away.
fn absences() -> Json {
    let body = json!({
        "type": "object", "required": ["role", "substitute", "until", "reason"],
        "properties": {
            "role": {"type": "string"}, "substitute": {"type": "string"},
            "reason": {"type": "string", "enum": ["trip", "leave", "duty", "other"]}, "note": {"type": "string"},
            "from": {"type": "string", "format": "date"}, "until": {"type": "string", "format": "date"},
        },
    });
    let list = Operation::new("listAbsences", "頼んである代決", TAG)
        .answers(200, "一覧", schema("ObjectList"))
        .refuses(&[401, 404, 503]);
    let name = Operation::new("nameSubstitute", "不在の間の代決を頼む", TAG)
        .shared(&["IdempotencyKey"])
        .body("application/json", body)
        .answers(201, "頼んだ代決", json!({"type": "object"}))
        .refuses(&[400, 401, 404, 415, 422, 503]);
    let end = Operation::new("endAbsences", "代決を終える", TAG)
        .response(204, json!({"description": "終わりました"}))
        .refuses(&[401, 404, 503]);
    json!({"get": list.json(), "post": name.json(), "delete": end.json()})
}

/// Reading in an emergency.
fn emergency() -> Json {
    let text = || json!({"type": "string"});
    let body = json!({
        "type": "object", "required": ["service", "type", "find", "keys", "reason", "words"],
        "properties": {
            "service": text(), "type": text(), "find": {"type": "string", "description": "言い当て方。GET の find の name"},
            "keys": {"type": "array", "items": {"type": "string"}, "description": "手がかり。GET の keys の順"},
            "reason": {"type": "string", "description": "GET の reasons の code"}, "words": {"type": "string", "minLength": 10, "maxLength": 1000},
        },
    });
    let list = Operation::new(
        "listEmergencyKinds",
        "緊急閲覧を求められる記録の種類と、いま読める記録",
        TAG,
    )
    .answers(200, "求められるもの", json!({"type": "object"}))
    .refuses(&[401, 404, 503]);
    let outcome = |what: &str| {
        json!({"type": "object", "required": ["outcome"], "properties": {
        "outcome": {"type": "string"}, "href": {"type": "string"}, "until": {"type": "string", "format": "date-time"}}, "description": what})
    };
    let ask = Operation::new(
        "breakGlass",
        "緊急閲覧を求める。求めたことは、見つからなくても残り、確認の担当に届く",
        TAG,
    )
    .shared(&["IdempotencyKey"])
    .body("application/json", body)
    .answers(
        200,
        "もともと読める（seen）か、当たる記録がない（missed）",
        outcome("seen、missed"),
    )
    .answers(201, "期限まで読める", outcome("opened"))
    .refuses(&[400, 401, 404, 409, 415, 422, 503]);
    json!({"get": list.json(), "post": ask.json()})
}

/// What narrows a search of the audit.
fn narrowed(operation: Operation) -> Operation {
    let text = || json!({"type": "string"});
    let day = || json!({"type": "string", "format": "date"});
    operation
        .parameter(
            "query",
            "reader",
            false,
            text(),
            "見た人（ログインに使う名前か、ID）",
        )
        .parameter(
            "query",
            "record",
            false,
            json!({"type": "string", "format": "uuid"}),
            "記録のID",
        )
        .parameter("query", "from", false, day(), "この日から")
        .parameter("query", "until", false, day(), "この日まで")
}

/// A page of readings.
fn looks(operation: Operation) -> Operation {
    let text = || json!({"type": "string"});
    let line = json!({"type": "object", "properties": {
        "at": {"type": "string", "format": "date-time"},
        "way": {"enum": kernel::looks::Way::ALL.map(kernel::looks::Way::name)},
        "face": {"enum": ["page", "api"]}, "office": {"type": ["string", "null"]}, "role": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]}, "purpose": {"type": ["string", "null"]},
        "record": {"type": "string"}, "label": {"type": "string"}}});
    operation
        .parameter("query", "after", false, text(), "続きの位置")
        .parameter("query", "limit", false, json!({"type": "integer", "minimum": 1, "maximum": 200}), "件数")
        .answers(200, "新しいものから", json!({"type": "object", "required": ["items", "next", "withheld_on"], "properties": {
            "items": {"type": "array", "items": line}, "next": {"type": ["string", "null"]},
            "withheld_on": {"type": "array", "items": {"type": "string"}, "description": "見せない閲覧があり得る根拠"}}}))
}

fn of_round(id: &str, summary: &str) -> Operation {
    Operation::new(id, summary, TAG).parameter(
        "path",
        "round",
        true,
        json!({"type": "string", "format": "uuid"}),
        "起案",
    )
}

fn of_type(id: &str, summary: &str) -> Operation {
    let text = || json!({"type": "string"});
    Operation::new(id, summary, TAG)
        .parameter("path", "service", true, text(), "slug")
        .parameter("path", "type", true, text(), "記録の種類")
}

fn of_run(id: &str, summary: &str) -> Operation {
    let uuid = json!({"type": "string", "format": "uuid"});
    of_type(id, summary).parameter("path", "run", true, uuid, "取込みの id")
}

fn upload() -> Operation {
    let form = json!({"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}});
    Operation::new("upload", "ファイルを預ける", TAG)
        .body("multipart/form-data", form)
        .answers(201, "預かった", schema("Upload"))
        .refuses(&[400, 401, 403, 404, 413, 415, 422, 503])
}

fn download() -> Operation {
    let binary =
        json!({"description": "ファイル。種類は中身から見分けたもの", "content": {"*/*": {}}});
    let id = json!({"type": "string", "format": "uuid"});
    Operation::new("getUpload", "ファイルを受け取る", TAG)
        .parameter("path", "id", true, id, "アップロードの id")
        .response(200, binary)
        .refuses(&[404, 503])
}

fn of_upload(id: &str, summary: &str) -> Operation {
    let uuid = json!({"type": "string", "format": "uuid"});
    Operation::new(id, summary, TAG).parameter("path", "id", true, uuid, "アップロードの id")
}

fn pages() -> Operation {
    let whole = json!({"type": "integer", "minimum": 1});
    let size = json!({"type": "number", "minimum": 0});
    let item = json!({
        "type": "object", "required": ["page", "width_mm", "height_mm", "href"],
        "properties": {"page": whole, "width_mm": size, "height_mm": size, "href": {"type": "string"}},
    });
    let list = json!({
        "type": "object", "required": ["items", "next", "pages"],
        "properties": {"items": {"type": "array", "maxItems": engine::MAX_PAGES, "items": item}, "next": {"type": "null"}, "pages": whole},
    });
    of_upload("listUploadPages", "PDFのページ（はじめの200ページ）")
        .answers(200, "ページの大きさ。pages は全部のページ数", list)
        .refuses(&[400, 404, 422, 503])
}

fn page() -> Operation {
    let width = json!({"type": "integer", "minimum": engine::MIN_WIDTH_PX, "maximum": engine::MAX_WIDTH_PX, "default": 1000});
    let binary = json!({"schema": {"type": "string", "format": "binary"}});
    let picture = json!({
        "description": "ページの画像。ETag を If-None-Match で送ると、同じなら304",
        "content": {"image/png": binary, "image/jpeg": binary},
    });
    of_upload("getUploadPage", "PDFのページを画像で受け取る")
        .parameter(
            "path",
            "page",
            true,
            json!({"type": "integer", "minimum": 1}),
            "ページ（1から）",
        )
        .parameter("query", "width", false, width, "画像の幅（画素）")
        .response(200, picture)
        .response(304, json!({"description": "前に受け取った画像のまま"}))
        .refuses(&[400, 404, 422, 503])
}
