//! `GET /api/v1/postal-codes/{code}`: the places with a postal code; more than one where a code spans towns.

use crate::{App, PostalError, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
) -> Result<(HeaderMap, Json<Value>), Problem> {
    let places = app.postal.find(&code).map_err(refused)?;
    let written = japanese::check::postal_code(&code).unwrap_or(code);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    Ok((
        headers,
        Json(json!({"postal_code": written, "items": places, "next": null})),
    ))
}

fn refused(error: PostalError) -> Problem {
    let detail = error.to_string();
    match error {
        PostalError::Malformed => Problem::malformed("/path/code", "format", detail),
        PostalError::Unknown => {
            let mut problem = Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "郵便番号が見つかりません",
            );
            problem.detail = Some(detail);
            problem
        }
        PostalError::Loading | PostalError::Missing => {
            let mut problem = Problem::unavailable("郵便番号から住所を調べられません");
            problem.detail = Some(detail);
            if error == PostalError::Missing {
                problem.retry_after = Some(3600);
            }
            problem
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;

    #[tokio::test]
    async fn a_code_gives_municipality_and_town() {
        let site = Site::new().await;
        let (status, body) = site.public().get("/api/v1/postal-codes/190-0023").await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["items"][0]["municipality"], "13202");
        assert_eq!(body["items"][0]["municipality_name"], "立川市");
        assert_eq!(body["items"][0]["town"], "柴崎町");
        assert_eq!(body["items"][0]["town_kana"], "シバサキチョウ");
    }

    #[tokio::test]
    async fn unknown_and_malformed_codes_are_told_apart() {
        let site = Site::new().await;
        assert_eq!(
            site.public().get("/api/v1/postal-codes/9999999").await.0,
            404
        );
        assert_eq!(site.public().get("/api/v1/postal-codes/12").await.0, 400);
    }
}
