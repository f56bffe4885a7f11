//! `GET …/{id}/receipt`: the receipt of a record, which anybody can check offline (`tsumugi verify --receipt`).

use super::{access, record};
use crate::{App, Problem, Signed, percent};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use engine::Receipted;
use std::sync::Arc;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<(HeaderMap, Vec<u8>), Problem> {
    access::record_type(&app, &service, &record_type)?;
    // Its header names accounts by their ids: not for everybody, even where the record is.
    signed.require()?;
    let purpose = access::purpose(&headers)?;
    let (actor, id) = (&signed.actor, record::id(&id)?);
    let receipted = app
        .engine
        .receipt(actor, purpose.as_deref(), &service, &record_type, id)
        .await?;
    answer(&receipted)
}

/// The receipt as a file to keep; or when to come back for it.
pub(crate) fn answer(receipted: &Receipted) -> Result<(HeaderMap, Vec<u8>), Problem> {
    let Receipted::Ready { receipt, number } = receipted else {
        return Err(Problem::not_yet());
    };
    let number = if number.is_empty() {
        String::new()
    } else {
        format!("-{number}")
    };
    let name = percent::value(&format!("受付の証明{number}.json"));
    let disposition = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ]);
    let body =
        serde_json::to_vec_pretty(receipt).map_err(|error| Problem::internal(error.to_string()))?;
    Ok((headers, body))
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use jiff::SignedDuration;
    use serde_json::json;

    #[tokio::test]
    async fn a_receipt_is_ready_soon_after_the_act_for_those_who_see_the_record() {
        let site = Site::new().await;
        site.app
            .engine
            .prepare_log("log.example/log")
            .await
            .unwrap();
        let owner = site.person("owner");
        let body = json!({"action": "submit", "input": {"name": "花"}});
        let (_, body) = owner.post(site.requests(), body).await;
        let id = body["id"].as_str().unwrap().to_owned();
        let place = format!("{}/{id}/receipt", site.requests());
        let reply = owner.raw("GET", &place, &[], Vec::new()).await;
        assert_eq!(
            (reply.status, &reply.json()["title"]),
            (503, &json!("まもなく発行できます"))
        );
        assert_eq!(reply.headers["retry-after"], "60");
        let page = owner
            .raw(
                "GET",
                &format!("/r/mihon/request/{id}/receipt"),
                &[],
                Vec::new(),
            )
            .await;
        let text = String::from_utf8(page.body).unwrap();
        assert!(
            page.status == 503 && text.contains("まもなく発行できます"),
            "{text}"
        );
        let later = site
            .app
            .engine
            .now()
            .checked_add(SignedDuration::from_secs(30));
        site.clock.set(later.unwrap());
        site.app.engine.sequence().await.unwrap();
        let reply = owner.raw("GET", &place, &[], Vec::new()).await;
        let kept = reply.headers["content-disposition"].to_str().unwrap();
        assert!(
            reply.status == 200 && kept.contains("2026-00001.json"),
            "{kept}"
        );
        assert!(
            reply.json()["statement"]
                .as_str()
                .unwrap()
                .contains("見-2026-00001")
        );
        let page = owner
            .raw("GET", &format!("/r/mihon/request/{id}"), &[], Vec::new())
            .await;
        let text = String::from_utf8(page.body).unwrap();
        assert!(
            text.contains(&format!("/r/mihon/request/{id}/receipt")),
            "a door"
        );
        for (who, status) in [(site.person("other"), 404), (site.public(), 401)] {
            assert_eq!(who.get(&place).await.0, status);
        }
    }
}
