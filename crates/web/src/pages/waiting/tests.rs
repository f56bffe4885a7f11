use crate::gate::{Class, Entered};
use crate::testing::{Reply, Site};

const HTML: (&str, &str) = ("accept", "text/html");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A site whose places are all taken.
async fn crowded() -> (Site, Vec<Entered>) {
    let site = Site::new().await;
    let mut inside = Vec::new();
    for class in [Class::Official, Class::Files, Class::Password] {
        while let Some(entered) = site.app.gate.enter(class).await {
            inside.push(entered);
        }
    }
    (site, inside)
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

#[tokio::test]
async fn a_page_comes_back_by_itself_and_a_form_keeps_what_was_typed() {
    let (site, inside) = crowded().await;
    let page = site
        .public()
        .raw("GET", "/services?q=%E6%9F%B4", &[HTML], Vec::new())
        .await;
    let seconds = page.headers["retry-after"].to_str().unwrap().to_owned();
    assert_eq!(page.status, 503);
    assert_eq!(
        page.headers["refresh"],
        format!("{seconds}; url=/services?q=%E6%9F%B4").as_bytes()
    );
    assert!(
        text(&page).contains("ただいま混み合っています") && text(&page).contains("問い合わせ番号")
    );
    let typed = b"name=%E8%8A%B1+%22%3Cb%3E&name=2&_do=submit".to_vec();
    let form = site
        .public()
        .raw("POST", "/apply/mihon/request?a=1", &[HTML, FORM], typed)
        .await;
    let html = text(&form);
    assert_eq!(form.status, 503);
    assert!(
        !form.headers.contains_key("refresh"),
        "a reload would lose the form"
    );
    for part in [
        "action=\"/apply/mihon/request?a=1\"",
        "<textarea name=\"name\" hidden>\n花 &#34;&#60;b&#62;</textarea>",
        "<textarea name=\"name\" hidden>\n2</textarea>",
        "<textarea name=\"_do\" hidden>\nsubmit</textarea>",
        "data-wait=",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    // Programs are told in their own way, and nothing has happened.
    let api = site
        .person("owner")
        .post_with(
            site.requests(),
            &[],
            serde_json::json!({"action": "save", "input": {}}),
        )
        .await;
    assert_eq!(
        (api.status, api.json()["type"].clone()),
        (503, "/problems/unavailable".into())
    );
    drop(inside);
    assert_eq!(
        site.public()
            .raw("GET", "/services", &[HTML], Vec::new())
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn files_are_to_be_chosen_again_and_a_password_is_not_shown() {
    let (site, _inside) = crowded().await;
    let body = "--f\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
        --f\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"図面.png\"\r\n\r\nxxxxSECRETxxxx\r\n\
        --f\r\ncontent-disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--f--\r\n";
    let kind = ("content-type", "multipart/form-data; boundary=f");
    let form = site
        .public()
        .raw(
            "POST",
            "/apply/mihon/request",
            &[HTML, kind],
            body.as_bytes().to_vec(),
        )
        .await;
    let html = text(&form);
    assert!(
        html.contains("「図面.png」をもう一度選んでください")
            && html.contains("multipart/form-data"),
        "{html}"
    );
    assert!(
        html.contains("abc") && !html.contains("SECRET") && !html.contains("data-wait"),
        "{html}"
    );
    let typed = b"login=owner&password=%E3%81%B2%E3%81%BF%E3%81%A4".to_vec();
    let html = text(
        &site
            .public()
            .raw("POST", "/sign-in", &[HTML, FORM], typed)
            .await,
    );
    assert!(
        html.contains("owner") && html.contains("type=\"password\"") && !html.contains("ひみつ"),
        "{html}"
    );
}
