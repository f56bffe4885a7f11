//! `GET /api/v1/services/{service}/{type}/{id}?as_of=DATE`: a record, as it is or as it stood at the end of a day.

use super::access;
use super::query::Query;
use crate::{App, Problem, Signed};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use engine::RecordView;
use kernel::RecordId;
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, record)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    access::reader(&signed, &rt)?;
    let as_of = Query::read(&uri, &["as_of"])?.day("as_of")?;
    let purpose = access::purpose(&headers)?;
    let view = app
        .engine
        .record(
            &signed.actor,
            purpose.as_deref(),
            &service,
            &record_type,
            id(&record)?,
            as_of,
        )
        .await?;
    json(&view)
}

/// A record's envelope as an answer.
pub(super) fn json(view: &RecordView) -> Result<Response, Problem> {
    let body = view
        .body()
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// A record's id; what is none is not there.
pub(super) fn id(text: &str) -> Result<RecordId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::json;

    #[tokio::test]
    async fn a_record_is_seen_by_whom_it_concerns_only() {
        let site = Site::new().await;
        let (_, body) = site
            .person("owner")
            .post(
                site.requests(),
                json!({"action": "submit", "input": {"name": "花"}}),
            )
            .await;
        let place = format!("{}/{}", site.requests(), body["id"].as_str().unwrap());
        for (login, status) in [
            ("owner", 200),
            ("examiner", 200),
            ("other", 404),
            ("administrator", 404),
        ] {
            assert_eq!(site.person(login).get(&place).await.0, status, "{login}");
        }
        assert_eq!(site.public().get(&place).await.0, 401);
        assert_eq!(
            site.person("owner")
                .get(&format!("{}/x", site.requests()))
                .await
                .0,
            404
        );
        assert_eq!(
            site.person("owner")
                .get(&format!("{place}?as_of=2026-13-01"))
                .await
                .0,
            400
        );
        let (status, today) = site
            .person("owner")
            .get(&format!("{place}?as_of=2026-11-22"))
            .await;
        assert_eq!((status, &today["fields"]["name"]), (200, &json!("花")));
        assert_eq!(
            site.person("owner")
                .get(&format!("{place}?as_of=2026-11-21"))
                .await
                .0,
            404
        );
    }
}
