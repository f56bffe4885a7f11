use crate::testing::Site;
use serde_json::json;

/// A maker that counts: of `%PDF-n` it says n pages, and draws each as its number.
struct Counting;

impl engine::PageMaker for Counting {
    fn pages(&self, pdf: Vec<u8>) -> Result<engine::PageList, engine::PageFault> {
        let total = match pdf.get(5) {
            Some(b'x') => return Err(engine::PageFault::Encrypted),
            Some(digit) => u32::from(digit - b'0'),
            None => return Err(engine::PageFault::Broken),
        };
        let size = engine::PageSize {
            width_pt: 595.0,
            height_pt: 842.0,
        };
        Ok(engine::PageList {
            sizes: vec![size; total as usize],
            total,
        })
    }

    fn picture(&self, _: Vec<u8>, page: u32, width: u32) -> Result<Vec<u8>, engine::PageFault> {
        Ok(format!("\u{89}PNG page {page} width {width}").into_bytes())
    }
}

async fn site() -> Site {
    Site::with_pages(std::sync::Arc::new(Counting)).await
}

async fn uploaded(site: &Site, name: &str, content: &[u8]) -> String {
    let reply = site.person("owner").upload(name, content).await;
    let body = reply.json();
    assert_eq!(reply.status, 201, "{body}");
    format!("/api/v1/uploads/{}", body["id"].as_str().unwrap())
}

#[tokio::test]
async fn pages_are_listed_and_drawn_for_whoever_may_have_the_file() {
    let site = site().await;
    let place = uploaded(&site, "図面.pdf", b"%PDF-2.pdf").await;
    let owner = site.person("owner");
    let (status, list) = owner.get(&format!("{place}/pages")).await;
    assert_eq!(status, 200, "{list}");
    assert_eq!(
        list["items"][1],
        json!({"page": 2, "width_mm": 210.0, "height_mm": 297.0, "href": format!("{place}/pages/2")})
    );
    assert_eq!((&list["pages"], &list["next"]), (&json!(2), &json!(null)));
    let page = format!("{place}/pages/2?width=640");
    let reply = owner.raw("GET", &page, &[], Vec::new()).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.ends_with(b"PNG page 2 width 640"));
    assert_eq!(reply.headers["content-type"], "image/png");
    assert_eq!(reply.headers["cache-control"], "private, no-cache");
    let tag = reply.headers["etag"].to_str().unwrap().to_owned();
    let again = owner
        .raw("GET", &page, &[("if-none-match", &tag)], Vec::new())
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let wider = format!("{place}/pages/2?width=641");
    let other = owner
        .raw("GET", &wider, &[("if-none-match", &tag)], Vec::new())
        .await;
    assert_eq!(other.status, 200, "another picture");
}

#[tokio::test]
async fn who_may_not_see_the_file_finds_no_page_even_with_its_tag() {
    let site = site().await;
    let place = uploaded(&site, "図面.pdf", b"%PDF-2.pdf").await;
    let page = format!("{place}/pages/1");
    let owned = site
        .person("owner")
        .raw("GET", &page, &[], Vec::new())
        .await;
    let tag = owned.headers["etag"].to_str().unwrap().to_owned();
    for login in ["other", "examiner"] {
        let person = site.person(login);
        assert_eq!(person.get(&format!("{place}/pages")).await.0, 404);
        let headers = [("if-none-match", tag.as_str())];
        let reply = person.raw("GET", &page, &headers, Vec::new()).await;
        assert_eq!(reply.status, 404, "{login}");
    }
    assert_eq!(site.public().get(&page).await.0, 404);
    let id = place.rsplit('/').next().unwrap();
    let sent = json!({"action": "submit", "input": {"name": "花", "papers": [id]}});
    let (status, record) = site.person("owner").post(site.requests(), sent).await;
    assert_eq!(status, 201, "{record}");
    let examiner = site.person("examiner");
    assert_eq!(examiner.get(&format!("{place}/pages")).await.0, 200);
    let files = format!("/files/{id}/pages/1?width=640");
    assert_eq!(
        examiner.raw("GET", &files, &[], Vec::new()).await.status,
        200
    );
    assert_eq!(site.person("other").get(&files).await.0, 404);
}

#[tokio::test]
async fn what_is_no_page_is_said_by_kind() {
    let site = site().await;
    let owner = site.person("owner");
    let place = uploaded(&site, "図面.pdf", b"%PDF-2.pdf").await;
    for (rest, status, code) in [
        ("pages/3", 404, ""),
        ("pages/0", 404, ""),
        ("pages/x", 404, ""),
        ("pages/1?width=319", 400, "range"),
        ("pages/1?width=2001", 400, "range"),
        ("pages/1?width=x", 400, "range"),
        ("pages/1?size=9", 400, "unknown_parameter"),
    ] {
        let (got, problem) = owner.get(&format!("{place}/{rest}")).await;
        assert_eq!(got, status, "{rest}: {problem}");
        if !code.is_empty() {
            assert_eq!(problem["errors"][0]["code"], code, "{rest}");
        }
    }
    let locked = uploaded(&site, "鍵.pdf", b"%PDF-x").await;
    let (status, problem) = owner.get(&format!("{locked}/pages")).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("encrypted"))
    );
    assert!(
        problem["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("鍵")
    );
    let whole = owner.raw("GET", &locked, &[], Vec::new()).await;
    assert_eq!(whole.status, 200, "the file itself can still be had");
    let text = uploaded(&site, "メモ.txt", "ただの文".as_bytes()).await;
    let (status, problem) = owner.get(&format!("{text}/pages/1")).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("no_pages"))
    );
}
