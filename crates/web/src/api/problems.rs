//! `GET /problems/{kind}`: what a problem's `type` means, for the programmer who follows it.

use crate::Problem;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

const KINDS: &[(&str, u16, &str, &str)] = &[
    (
        "malformed",
        400,
        "リクエストの形が正しくありません。errors が場所を示します。",
        "The request cannot be understood; errors name the places.",
    ),
    (
        "not_signed_in",
        401,
        "ログインが必要です。",
        "Sign in, or send Authorization: Bearer.",
    ),
    (
        "token_refused",
        401,
        "トークンが正しくないか、期限切れです。",
        "The bearer token is unknown or has expired.",
    ),
    (
        "form_expired",
        403,
        "画面の有効期限が切れています。",
        "The form's token does not fit; open the page again.",
    ),
    (
        "second_factor_missing",
        403,
        "パスキーか認証アプリの登録が必要です。",
        "An official must register a passkey or an authenticator app first.",
    ),
    (
        "insufficient_scope",
        403,
        "システムのトークンに許した範囲にありません。",
        "The system's token was not given out for this.",
    ),
    (
        "assurance_too_low",
        403,
        "いまのログインよりも確かな本人の確認が必要です。errors が足りないものを示します。",
        "The action demands a surer proof of who you are; errors name what is lacking.",
    ),
    (
        "not_found",
        404,
        "ないか、見ることができません。",
        "Not there, or not yours to see; the two are not told apart.",
    ),
    (
        "method_not_allowed",
        405,
        "使えないメソッドです。",
        "Allow names the methods.",
    ),
    (
        "wrong_state",
        409,
        "今の状態ではできない操作です。",
        "The action is not possible in this state; read the record's actions.",
    ),
    (
        "stale",
        409,
        "見ていた後に内容が変わりました。",
        "Something that the action reads, writes or showed has changed; errors name it.",
    ),
    (
        "too_large",
        413,
        "データが大きすぎます。",
        "The body or file is too large.",
    ),
    (
        "too_slow",
        408,
        "送信に時間がかかりすぎました。",
        "The body came too slowly; send it again over a better connection.",
    ),
    (
        "unsupported_media_type",
        415,
        "形式を扱えません。",
        "JSON for acts, multipart/form-data for uploads.",
    ),
    (
        "invalid",
        422,
        "入力に誤りがあります。errors が項目を示します。",
        "Faulty fields or an unmet condition; errors name each.",
    ),
    (
        "version_missing",
        428,
        "version が必要です。",
        "Send the version of the record that you saw.",
    ),
    (
        "internal",
        500,
        "システムの不具合です。",
        "A fault of ours; quote the instance.",
    ),
    (
        "busy",
        503,
        "混み合っています。",
        "Try again after Retry-After with the same Idempotency-Key.",
    ),
    (
        "not_yet",
        503,
        "まもなくできます。",
        "The receipt is ready within a minute; ask again after Retry-After.",
    ),
    (
        "unavailable",
        503,
        "今は利用できません。",
        "Try again after Retry-After with the same Idempotency-Key.",
    ),
];

pub(super) async fn get(Path(kind): Path<String>) -> Result<impl IntoResponse, Problem> {
    let found = KINDS
        .iter()
        .find(|(name, ..)| *name == kind)
        .ok_or_else(Problem::not_found)?;
    let (name, status, ja, en) = found;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok((
        [(header::CONTENT_TYPE, plain)],
        format!("{name} ({status})\n{ja}\n{en}\n"),
    ))
}
