//! Pages over the small test service: every screen, for whoever meets it; what is typed is escaped and kept.

use crate::testing::{Reply, Site};
use jiff::Timestamp;
use serde_json::json;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

/// Signs somebody in by cookie and answers the headers and the form token.
async fn browser(site: &Site, login: &str) -> (String, String) {
    let account = site
        .app
        .engine
        .account_by_login(login)
        .await
        .unwrap()
        .unwrap();
    let secret = format!("{login}{SECRET}")
        .chars()
        .take(64)
        .collect::<String>();
    site.app
        .engine
        .open_session(&secret, account.id, "browser", Timestamp::MAX)
        .await
        .unwrap();
    (
        format!("tsumugi={secret}"),
        crate::auth::digest(&[b"csrf", secret.as_bytes()]),
    )
}

async fn send(site: &Site, cookie: &str, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let body: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", super::layout::encode(value)))
        .collect();
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    site.public()
        .raw("POST", path, &headers, body.join("&").into_bytes())
        .await
}

async fn get(site: &Site, cookie: &str, path: &str) -> Reply {
    site.public()
        .raw("GET", path, &[("cookie", cookie)], Vec::new())
        .await
}

fn location(reply: &Reply) -> String {
    reply
        .headers
        .get("location")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// Opens a draft through the form and answers its path below `/r`, `/my`.
async fn draft(site: &Site, cookie: &str, csrf: &str, name: &str) -> String {
    let pairs = [
        ("csrf", csrf),
        ("_has", "name"),
        ("_once", name),
        ("name", name),
        ("_do", "save"),
    ];
    let reply = send(site, cookie, "/apply/mihon/request", &pairs).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    location(&reply)
        .trim_start_matches("/my")
        .trim_end_matches("/submit?saved=1")
        .to_owned()
}

#[tokio::test]
async fn everybody_may_look_at_the_portal() {
    let site = Site::demo().await;
    for path in [
        "/",
        "/services",
        "/services?q=みほん&state=running",
        "/services/mihon",
        "/sign-in",
        "/about",
        "/accessibility",
    ] {
        let reply = site
            .public()
            .raw(
                "GET",
                &path.replace("みほん", "%E3%81%BF%E3%81%BB%E3%82%93"),
                &[],
                Vec::new(),
            )
            .await;
        let page = text(&reply);
        assert_eq!(reply.status, 200, "{path}");
        assert!(
            page.contains("<html lang=\"ja\">")
                && page.contains("見本")
                && page.matches("<h1").count() == 1,
            "{path}"
        );
        assert!(
            !page.contains("<style") && !page.contains(" style=") && !page.contains("onclick"),
            "{path}: inline"
        );
    }
}

#[tokio::test]
async fn what_needs_a_person_leads_to_sign_in() {
    let site = Site::new().await;
    for path in [
        "/my",
        "/my/messages",
        "/desk",
        "/desk/search",
        "/apply/mihon/request",
        "/admin/export",
        "/admin/stuck",
    ] {
        let reply = site.public().raw("GET", path, &[], Vec::new()).await;
        assert_eq!(
            (reply.status, location(&reply)),
            (303, format!("/sign-in?next={path}"))
        );
    }
}

#[tokio::test]
async fn the_desk_is_not_there_for_others() {
    let site = Site::new().await;
    for path in [
        "/desk",
        "/desk/search?q=a",
        "/desk/mihon/request",
        "/desk/mihon/request/views/inbox",
        "/admin/export",
        "/admin/stuck",
        "/nowhere",
        "/services/none",
    ] {
        let reply = site.person("owner").raw("GET", path, &[], Vec::new()).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(text(&reply).contains("見つかりません"), "{path}");
    }
    for path in [
        "/desk",
        "/desk/search?q=a",
        "/desk/mihon/request",
        "/desk/mihon/request/views/inbox",
    ] {
        assert_eq!(
            site.person("examiner")
                .raw("GET", path, &[], Vec::new())
                .await
                .status,
            200,
            "{path}"
        );
    }
    assert_eq!(
        site.person("administrator")
            .raw("GET", "/admin/stuck", &[], Vec::new())
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_form_without_its_token_does_nothing() {
    let site = Site::new().await;
    let (cookie, _) = browser(&site, "owner").await;
    let reply = send(
        &site,
        &cookie,
        "/apply/mihon/request",
        &[("_has", "name"), ("name", "甲"), ("_do", "save")],
    )
    .await;
    assert_eq!(reply.status, 403);
    assert!(!text(&get(&site, &cookie, "/my").await).contains("/r/mihon"));
}

#[tokio::test]
async fn a_draft_is_kept_confirmed_and_sent() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let path = draft(&site, &cookie, &csrf, "甲の申請").await;
    let page = text(&get(&site, &cookie, &format!("/my{path}/submit")).await);
    assert!(page.contains("value=\"甲の申請\""), "{page}");
    let pairs = [
        ("csrf", csrf.as_str()),
        ("_has", "amount"),
        ("amount", "１２，０００円"),
        ("_version", "1"),
        ("_do", "confirm"),
    ];
    let reply = send(&site, &cookie, &format!("/my{path}/submit"), &pairs).await;
    assert_eq!(location(&reply), format!("/my{path}/submit/confirm"));
    let page = text(&get(&site, &cookie, &location(&reply)).await);
    assert!(
        page.contains("12,000円") && page.contains("まだ送っていません"),
        "{page}"
    );
    let reply = send(
        &site,
        &cookie,
        &format!("/my{path}/submit/confirm"),
        &[("csrf", &csrf), ("_version", "2"), ("_once", "a")],
    )
    .await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    let page = text(&get(&site, &cookie, &location(&reply)).await);
    assert!(
        page.contains("「申請する」を受け付けました。")
            && page.contains("見-2026-00001")
            && page.contains("審査中"),
        "{page}"
    );
    let desk = text(
        &site
            .person("examiner")
            .raw("GET", "/desk", &[], Vec::new())
            .await,
    );
    assert!(
        desk.contains("見-2026-00001") && desk.contains("1件があなたを待っています"),
        "{desk}"
    );
    let rows = desk.matches("data-row-link").count();
    assert_eq!(
        rows, 1,
        "what stands among the lists of many at once is not told again"
    );
}

#[tokio::test]
async fn what_was_typed_is_escaped_and_kept() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let bad = "\"><script>alert(1)</script>";
    let pairs = [
        ("csrf", csrf.as_str()),
        ("_has", "name"),
        ("name", bad),
        ("_has", "amount"),
        ("amount", "たくさん"),
        ("_do", "save"),
    ];
    let reply = send(&site, &cookie, "/apply/mihon/request", &pairs).await;
    let page = text(&reply);
    assert_eq!(reply.status, 422);
    assert!(!page.contains("<script>alert"), "a script");
    assert!(
        page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"),
        "{page}"
    );
    assert!(
        page.contains("value=\"たくさん\"")
            && page.contains("href=\"#f-amount\"")
            && page.contains("aria-invalid=\"true\""),
        "{page}"
    );
}

#[tokio::test]
async fn pressing_twice_opens_one_record() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let first = draft(&site, &cookie, &csrf, "一つ").await;
    assert_eq!(draft(&site, &cookie, &csrf, "一つ").await, first);
}

#[tokio::test]
async fn a_conflict_says_what_changed_and_keeps_what_was_typed() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let path = draft(&site, &cookie, &csrf, "初め").await;
    let form = format!("/my{path}/submit");
    let change = |name: &'static str, once: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("_has", "name".into()),
            ("name", name.to_owned()),
            ("_version", "1".into()),
            ("_once", once.into()),
            ("_do", "save".into()),
        ]
    };
    let pairs = |all: &[(&'static str, String)]| {
        all.iter()
            .map(|(name, value)| (*name, value.clone()))
            .collect::<Vec<_>>()
    };
    let mut replies = Vec::new();
    for change in [change("先の人", "x"), change("後の人", "y")] {
        let all = pairs(&change);
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        replies.push(send(&site, &cookie, &form, &all).await);
    }
    assert_eq!(
        (replies[0].status, replies[1].status),
        (303, 409),
        "{}",
        text(&replies[1])
    );
    let page = text(&replies[1]);
    assert!(
        page.contains("value=\"後の人\"")
            && page.contains("先の人")
            && page.contains("name=\"_version\" value=\"2\""),
        "{page}"
    );
}

#[tokio::test]
async fn rows_addresses_and_files_have_their_buttons_without_javascript() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let frame = |name: &str, value: &str| {
        format!("--f\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--f\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"a.png\"\r\n\r\n<svg onload=x>\r\n";
    let body = format!(
        "{}{}{}{}{file}--f--\r\n",
        frame("csrf", &csrf),
        frame("_has", "name"),
        frame("name", "乙"),
        frame("_has", "papers")
    );
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", "multipart/form-data; boundary=f"),
    ];
    let reply = site
        .public()
        .raw("POST", "/apply/mihon/request", &headers, body.into_bytes())
        .await;
    let page = text(&reply);
    assert_eq!(reply.status, 422);
    assert!(
        page.contains("a.png") && page.contains("value=\"乙\""),
        "{page}"
    );
}

#[tokio::test]
async fn others_do_not_see_a_record() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let path = draft(&site, &cookie, &csrf, "わたしの").await;
    for page in [format!("/r{path}"), format!("/my{path}/submit")] {
        assert_eq!(
            site.person("other")
                .raw("GET", &page, &[], Vec::new())
                .await
                .status,
            404,
            "{page}"
        );
        assert_eq!(
            site.person("owner")
                .raw("GET", &page, &[], Vec::new())
                .await
                .status,
            200,
            "{page}"
        );
    }
}

#[tokio::test]
async fn messages_of_the_api_and_the_page_agree() {
    let site = Site::new().await;
    let owner = site.person("owner");
    let (status, opened) = owner
        .post(
            site.requests(),
            json!({"action": "submit", "input": {"name": "丙"}}),
        )
        .await;
    assert_eq!(status, 201, "{opened}");
    let page = owner
        .raw(
            "GET",
            &format!("/r/mihon/request/{}", opened["id"].as_str().unwrap()),
            &[],
            Vec::new(),
        )
        .await;
    assert!(text(&page).contains(opened["number"].as_str().unwrap()));
    assert!(text(&owner.raw("GET", "/my", &[], Vec::new()).await).contains("丙"));
}

#[tokio::test]
async fn a_list_is_saved_as_csv_and_searched() {
    let site = Site::new().await;
    let input = json!({"action": "submit", "input": {"name": "=甲商店", "amount": 12000}});
    let (status, opened) = site.person("owner").post(site.requests(), input).await;
    assert_eq!(status, 201, "{opened}");
    let examiner = site.person("examiner");
    let reply = examiner
        .raw("GET", "/desk/mihon/request?format=csv", &[], Vec::new())
        .await;
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    let csv = text(&reply);
    assert!(
        csv.starts_with('\u{feff}') && csv.contains("\"'=甲商店\"") && csv.contains("\"12,000円\""),
        "{csv}"
    );
    for path in [
        "/desk/search?q=%E7%94%B2%E5%95%86%E5%BA%97",
        "/desk/mihon/request?q=%E7%94%B2%E5%95%86%E5%BA%97",
    ] {
        let page = text(&examiner.raw("GET", path, &[], Vec::new()).await);
        assert!(
            page.contains("甲商店") && page.contains("/r/mihon/request/"),
            "{path}: {page}"
        );
    }
    let hidden = site
        .public()
        .raw("GET", "/services/mihon/request", &[], Vec::new())
        .await;
    assert_eq!(hidden.status, 404);
}

#[tokio::test]
async fn a_record_stands_under_the_desk_for_officials_and_under_my_page_for_others() {
    let site = Site::new().await;
    let input = json!({"action": "submit", "input": {"name": "己", "amount": 12000}});
    let (status, opened) = site.person("owner").post(site.requests(), input).await;
    assert_eq!(status, 201, "{opened}");
    let path = format!("/r/mihon/request/{}", opened["id"].as_str().unwrap());
    let (mine, desk) = (
        "<a href=\"/my\" aria-current=\"true\">",
        "<a href=\"/desk\" accesskey=\"u\" aria-current=\"true\">",
    );
    for (login, here, elsewhere) in [("owner", mine, desk), ("examiner", desk, mine)] {
        let reply = site.person(login).raw("GET", &path, &[], Vec::new()).await;
        let page = text(&reply);
        assert!(page.contains(here) && !page.contains(elsewhere), "{login}");
    }
}

#[tokio::test]
async fn a_hidden_record_leads_the_unknown_to_sign_in() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let path = draft(&site, &cookie, &csrf, "丁").await;
    let reply = site
        .public()
        .raw("GET", &format!("/r{path}"), &[], Vec::new())
        .await;
    assert_eq!(reply.status, 303);
    assert!(location(&reply).starts_with("/sign-in?next=/r/mihon"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_said_beside_its_field() {
    let site = Site::new().await;
    let (cookie, csrf) = browser(&site, "owner").await;
    let part = |name: &str, value: &str| {
        format!("--f\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = format!(
        "{}{}{}{}",
        part("csrf", &csrf),
        part("_has", "name"),
        part("name", "戊"),
        part("_has", "papers")
    )
    .into_bytes();
    body.extend_from_slice(b"--f\r\ncontent-disposition: form-data; name=\"papers\"; filename=\"big.png\"\r\n\r\n\x89PNG\r\n\x1a\n");
    body.resize(body.len() + 21 * 1024 * 1024, 0);
    body.extend_from_slice(b"\r\n--f--\r\n");
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", "multipart/form-data; boundary=f"),
    ];
    let reply = site
        .public()
        .raw("POST", "/apply/mihon/request", &headers, body)
        .await;
    let page = text(&reply);
    assert_eq!(reply.status, 422);
    assert!(
        page.contains("big.png") && page.contains("20MB") && page.contains("value=\"戊\""),
        "{page}"
    );
}

#[tokio::test]
async fn a_form_stands_on_paper_for_whoever_may_fill_it_in() {
    let site = Site::new().await;
    let blank = "/apply/mihon/request/paper";
    let reply = site.public().raw("GET", blank, &[], Vec::new()).await;
    let page = text(&reply);
    assert_eq!(reply.status, 200, "{page}");
    assert!(
        page.contains("<svg") && page.contains("class=\"write"),
        "{page}"
    );
    assert!(
        !page.contains("<input name"),
        "paper has nothing to type into"
    );

    let (cookie, csrf) = browser(&site, "owner").await;
    let path = draft(&site, &cookie, &csrf, "花の会").await;
    let own = format!("/my{path}/submit/paper");
    let page = text(&get(&site, &cookie, &own).await);
    assert!(page.contains("花の会"), "{page}");

    let (stranger, _) = browser(&site, "other").await;
    assert_eq!(get(&site, &stranger, &own).await.status, 404);
    let reply = site.public().raw("GET", &own, &[], Vec::new()).await;
    assert_eq!(reply.status, 303);
}

#[tokio::test]
async fn who_closes_a_record_to_themselves_is_told_so_at_the_inbox() {
    let site = Site::new().await;
    let records = "/api/v1/services/mihon/secret";
    let body = json!({"action": "submit", "input": {"name": "閉じる届"}});
    let (status, made) = site.person("owner").post(records, body).await;
    assert_eq!(status, 201, "{made}");
    let (cookie, csrf) = browser(&site, "examiner").await;
    let page = format!("/r/mihon/secret/{}", made["id"].as_str().unwrap());
    assert_eq!(get(&site, &cookie, &page).await.status, 200);
    let pairs = [
        ("csrf", csrf.as_str()),
        ("_version", "1"),
        ("_once", "a"),
        ("_do", "act"),
    ];
    let closed = send(&site, &cookie, &format!("{page}/do/close"), &pairs).await;
    assert_eq!(location(&closed), "/desk?closed=1", "{}", text(&closed));
    let inbox = get(&site, &cookie, "/desk?closed=1").await;
    assert_eq!(inbox.status, 200);
    assert!(text(&inbox).contains("記録を閉じました。"));
    assert_eq!(get(&site, &cookie, &page).await.status, 404);
}
