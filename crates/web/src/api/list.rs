//! `GET /api/v1/services/{service}/{type}?filter=&sort=-field&limit=50&after=CURSOR&q=`: a page of records.

use super::access;
use super::query::Query;
use crate::{App, Problem, Signed};
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use engine::ListRequest;
use serde_json::json;
use std::sync::Arc;

/// Longer filters and searches are refused before they are read.
const LONGEST_CHARACTERS: usize = 2000;

pub(super) async fn get(
    State(app): State<Arc<App>>,
    signed: Signed,
    Path((service, record_type)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, Problem> {
    let rt = access::record_type(&app, &service, &record_type)?;
    access::reader(&signed, &rt)?;
    let query = Query::read(&uri, &["filter", "sort", "limit", "after", "q"])?;
    let text = |name: &str| -> Result<Option<String>, Problem> {
        let text = query.get(name).map(str::to_owned);
        match text
            .as_ref()
            .is_some_and(|text| text.chars().count() > LONGEST_CHARACTERS)
        {
            true => Err(Problem::malformed(
                &format!("/query/{name}"),
                "too_long",
                format!("{name} は{LONGEST_CHARACTERS}文字以内にしてください。"),
            )),
            false => Ok(text),
        }
    };
    let request = ListRequest {
        filter: text("filter")?,
        sort: text("sort")?,
        limit: Some(query.limit()?),
        after: text("after")?,
        q: text("q")?,
    };
    let page = app
        .engine
        .list(&signed.actor, &service, &record_type, &request)
        .await?;
    let items: Result<Vec<String>, _> = page.items.iter().map(engine::RecordView::body).collect();
    let items = items
        .map_err(|error| Problem::internal(error.to_string()))?
        .join(",");
    let next = json!(page.next);
    let stopped = if page.stopped {
        ",\"stopped\":true"
    } else {
        ""
    };
    let body = format!("{{\"items\":[{items}],\"next\":{next}{stopped}}}");
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;
    use serde_json::{Value, json};

    async fn three(site: &Site) {
        for name in ["桜", "梅", "柴崎の松"] {
            let (status, body) = site
                .person("owner")
                .post(
                    site.requests(),
                    json!({"action": "submit", "input": {"name": name}}),
                )
                .await;
            assert_eq!(status, 201, "{body}");
        }
    }

    fn names(body: &Value) -> Vec<&str> {
        body["items"]
            .as_array()
            .unwrap_or(&Vec::new())
            .iter()
            .map(|item| item["fields"]["name"].as_str().unwrap())
            .map(|name| match name {
                "桜" => "桜",
                "梅" => "梅",
                _ => "松",
            })
            .collect()
    }

    #[tokio::test]
    async fn pages_follow_each_other_without_gaps() {
        let site = Site::new().await;
        three(&site).await;
        let owner = site.person("owner");
        let (status, first) = owner.get(&format!("{}?limit=2", site.requests())).await;
        assert_eq!((status, names(&first).len()), (200, 2), "{first}");
        let next = first["next"].as_str().unwrap();
        let (_, second) = owner
            .get(&format!("{}?limit=2&after={next}", site.requests()))
            .await;
        assert_eq!(second["next"], Value::Null);
        let mut all = names(&first);
        all.extend(names(&second));
        all.sort_unstable();
        let mut expected = ["桜", "梅", "松"];
        expected.sort_unstable();
        assert_eq!(all, expected);
    }

    #[tokio::test]
    async fn filter_search_and_scope_hold() {
        let site = Site::new().await;
        three(&site).await;
        let owner = site.person("owner");
        let path = |query: &str| format!("{}?{query}", site.requests());
        let (status, body) = owner.get(&path("filter=name+%3D+%22%E6%A1%9C%22")).await; // name = "桜"
        assert_eq!((status, names(&body)), (200, vec!["桜"]), "{body}");
        let (status, body) = owner.get(&path("q=%E6%9F%B4%E5%B4%8E")).await; // 柴崎
        assert_eq!((status, names(&body)), (200, vec!["松"]), "{body}");
        assert_eq!(
            site.person("other").get(site.requests()).await.1["items"],
            json!([])
        );
        assert_eq!(site.public().get(site.requests()).await.0, 401);
    }

    #[tokio::test]
    async fn what_no_index_serves_is_refused_with_a_hint() {
        let site = Site::new().await;
        let (status, body) = site
            .person("owner")
            .get(&format!("{}?filter=amount+%3E+3", site.requests()))
            .await;
        assert_eq!(status, 422, "{body}");
        for query in ["limit=0", "after=%21%21", "filtr=1", "filter=((("] {
            let (status, body) = site
                .person("owner")
                .get(&format!("{}?{query}", site.requests()))
                .await;
            assert!(matches!(status, 400 | 422), "{query}: {status} {body}");
        }
    }
}
