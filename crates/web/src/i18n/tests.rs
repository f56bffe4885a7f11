//! Pages in English, the catalogue's wholeness, and what happens to a translation that has gone stale.

use super::words::catalogue;
use super::{by_text, choose, say, scope, switch, t, with};
use crate::Lang;
use crate::testing::{Reply, Site};
use axum::http::{HeaderMap, Uri, header};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Every source file and template in which words of the site stand, tests cut off.
fn sources() -> String {
    fn walk(folder: &Path, text: &mut String) {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                walk(&path, text);
            } else if name != "tests.rs" {
                let source = std::fs::read_to_string(&path).unwrap();
                text.push_str(source.split("#[cfg(test)]\nmod tests {").next().unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for folder in ["templates", "src/pages", "src/auth", "src/i18n", "static"] {
        walk(&root.join(folder), &mut text);
    }
    text
}

/// Literals handed to `say` and `with`, and the script's.
fn keys() -> BTreeSet<String> {
    let text = sources();
    let mut keys: BTreeSet<String> = crate::pages::script_words()
        .iter()
        .map(|word| (*word).to_owned())
        .collect();
    for call in ["say(", "with("] {
        for rest in text.split(call).skip(1) {
            if let Some(rest) = rest.trim_start().strip_prefix('"') {
                let key = rest.split('"').next().unwrap();
                if super::mark::japanese(key) || key.chars().any(|c| "、。：".contains(c)) {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
    keys
}

fn every_other() -> impl Iterator<Item = Lang> {
    Lang::ALL.into_iter().filter(|lang| *lang != Lang::Ja)
}

#[test]
fn every_word_of_the_site_is_in_every_catalogue() {
    let keys = keys();
    assert!(keys.len() > 150, "{}", keys.len());
    for lang in every_other() {
        let catalogue = catalogue(lang).unwrap();
        let missing: Vec<&String> = keys
            .iter()
            .filter(|key| !catalogue.contains_key(key.as_str()))
            .collect();
        // Others than English speak of the portal; the rest is Japanese, and the page says so.
        assert!(
            missing.is_empty() || lang != Lang::En,
            "{}: {missing:#?}",
            lang.tag()
        );
        assert!(catalogue.contains_key(
            "日本語のページが正式なものです。訳のないところは、日本語で出ています。"
        ));
        for (key, text) in catalogue {
            let own_letters = matches!(lang, Lang::Easy | Lang::Zh);
            assert!(
                !text.is_empty() && (own_letters || !super::mark::japanese(text)),
                "{key}"
            );
            let holes = |text: &str| {
                (0..9)
                    .filter(|n| text.contains(&format!("{{{n}}}")))
                    .collect::<Vec<_>>()
            };
            assert_eq!(holes(key), holes(text), "{key}");
        }
    }
}

#[test]
fn nothing_stands_in_a_catalogue_for_nothing() {
    let text = sources();
    for lang in every_other() {
        let idle: Vec<_> = catalogue(lang)
            .unwrap()
            .keys()
            .filter(|key| !text.contains(**key))
            .collect();
        assert!(idle.is_empty(), "{}: {idle:#?}", lang.tag());
    }
}

#[tokio::test]
async fn words_are_said_in_the_language_of_the_page() {
    assert_eq!(say("マイページ"), "マイページ");
    let said = scope(Lang::En, async {
        (
            say("マイページ").to_owned(),
            with("{0}件（全{1}件）", &[&3, &151]),
            say("知らない").to_owned(),
        )
    });
    assert_eq!(
        said.await,
        ("My Page".into(), "3 of 151".into(), "知らない".into())
    );
    assert_eq!(with("{0}件（全{1}件）", &[&3, &151]), "3件（全151件）");
}

#[test]
fn a_choice_goes_before_the_cookie_and_the_cookie_before_the_browser() {
    let lang = |path: &str, pairs: &[(header::HeaderName, &str)]| {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        choose(&path.parse::<Uri>().unwrap(), &headers)
    };
    let english = (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9");
    let cookie = |tag: &'static str| (header::COOKIE, tag);
    assert_eq!(lang("/", &[]), Lang::Ja);
    assert_eq!(lang("/", std::slice::from_ref(&english)), Lang::En);
    assert_eq!(
        lang("/", &[english.clone(), cookie("a=b; lang=ja")]),
        Lang::Ja
    );
    assert_eq!(lang("/?lang=en", &[cookie("lang=ja")]), Lang::En);
    assert_eq!(lang("/?lang=tlh", &[cookie("lang=en")]), Lang::En);
    assert_eq!(lang("/desk?lang=en", &[english]), Lang::Ja);
    assert_eq!(
        switch("/services?q=a&lang=ja", Lang::En),
        "/services?q=a&lang=en"
    );
    assert_eq!(switch("/", Lang::En), "/?lang=en");
}

#[tokio::test]
async fn a_stale_translation_is_not_shown() {
    let site = Site::new().await;
    let catalogue = site.app.engine.catalogue();
    let service = catalogue.services.get("mihon").unwrap();
    assert_eq!(
        t(service, Lang::En, "service.title", &service.title),
        "Sample procedure"
    );
    assert_eq!(
        t(service, Lang::En, "service.owner", &service.owner),
        "見本局",
        "its Japanese has changed"
    );
    assert_eq!(
        t(service, Lang::En, "service.summary", "日本語"),
        "日本語",
        "it has none"
    );
    assert_eq!(by_text(service, Lang::En, "見本局"), None);
    assert_eq!(by_text(service, Lang::En, "名前").as_deref(), Some("Name"));
    let page = text(&get(&site, None, "/services/mihon").await);
    assert!(
        page.contains("<span lang=\"ja\">見本局</span>") && !page.contains("Old bureau"),
        "{page}"
    );
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

async fn get(site: &Site, who: Option<&str>, path: &str) -> Reply {
    let client = who.map_or_else(|| site.public(), |who| site.person(who));
    client
        .raw("GET", path, &[("cookie", "lang=en")], Vec::new())
        .await
}

/// Japanese outside of elements that say so.
fn unmarked(page: &str) -> Vec<String> {
    let mut rest = page.to_owned();
    while let Some(start) = rest.find(" lang=\"ja\"") {
        let end = rest[start..]
            .find("</")
            .map_or(rest.len(), |end| start + end);
        let end = rest[start..end].find("<input").map_or(end, |_| end);
        rest.replace_range(start..end, "");
    }
    rest.split(['<', '>'])
        .filter(|piece| super::mark::japanese(piece) && !piece.contains("data-label"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_page_renders_in_english_without_japanese_of_the_site() {
    let site = Site::demo().await;
    let owner = site.person("owner");
    let (_, draft) = owner
        .post(
            site.requests(),
            json!({"action": "save", "input": {"name": "A"}}),
        )
        .await;
    let (_, sent) = owner
        .post(
            site.requests(),
            json!({"action": "submit", "input": {"name": "B"}}),
        )
        .await;
    let (draft, sent) = (draft["id"].as_str().unwrap(), sent["id"].as_str().unwrap());
    let pages = [
        (None, "/".to_owned()),
        (None, "/services".into()),
        (None, "/services?q=zzz".into()),
        (None, "/services/mihon".into()),
        (None, "/sign-in".into()),
        (None, "/about".into()),
        (None, "/accessibility".into()),
        (None, "/nowhere".into()),
        (Some("owner"), "/my".into()),
        (Some("owner"), "/my/messages".into()),
        (Some("owner"), "/apply/mihon/request".into()),
        (
            Some("owner"),
            format!("/my/mihon/request/{draft}/submit?saved=1"),
        ),
        (
            Some("owner"),
            format!("/my/mihon/request/{draft}/submit/confirm"),
        ),
        (Some("owner"), format!("/r/mihon/request/{draft}")),
        (
            Some("owner"),
            format!("/r/mihon/request/{sent}?done=submit"),
        ),
    ];
    let chrome: Vec<&str> = catalogue(Lang::En)
        .unwrap()
        .keys()
        .copied()
        .filter(|key| key.chars().count() > 4)
        .collect();
    for (who, path) in pages {
        let reply = get(&site, who, &path).await;
        let page = text(&reply);
        assert!(page.contains("<html lang=\"en\">"), "{path}");
        assert!(
            reply.status == 200 || path == "/nowhere",
            "{path}: {}",
            reply.status
        );
        let words = page.split(" data-words=\"").enumerate().map(|(at, part)| {
            if at == 0 {
                part
            } else {
                part.split_once('"').unwrap().1
            }
        });
        let without_script: String = words.collect();
        assert_eq!(unmarked(&without_script), Vec::<String>::new(), "{path}");
        let left: Vec<_> = chrome
            .iter()
            .filter(|word| without_script.contains(**word))
            .collect();
        assert!(left.is_empty(), "{path}: {left:?}");
    }
}

#[tokio::test]
async fn faults_are_said_in_english_and_nothing_is_lost() {
    let site = Site::new().await;
    let page = text(&get(&site, Some("owner"), "/apply/mihon/request").await);
    assert!(
        page.contains("Name<span class=\"mark must\">Required</span>"),
        "{page}"
    );
    assert!(page.contains("data-words="), "the script needs its words");
    let secret = "0123456789abcdef".repeat(4);
    let account = site.app.engine.account_by_login("owner").await.unwrap();
    let id = account.unwrap().id;
    let sessions = site
        .app
        .engine
        .open_session(&secret, id, "browser", jiff::Timestamp::MAX);
    sessions.await.unwrap();
    let csrf = crate::auth::digest(&[b"csrf", secret.as_bytes()]);
    let cookie = format!("lang=en; tsumugi={secret}");
    let headers = [
        ("cookie", cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("csrf={csrf}&_has=name&name=Flower+shop&_has=amount&amount=lots&_do=save");
    let reply = site
        .public()
        .raw("POST", "/apply/mihon/request", &headers, body.into())
        .await;
    let page = text(&reply);
    assert_eq!(reply.status, 422, "{page}");
    assert!(
        page.contains("value=\"Flower shop\"") && page.contains("value=\"lots\""),
        "{page}"
    );
    let summary = page.split("data-focus").nth(1).unwrap();
    let summary = summary.split("</div>").next().unwrap();
    assert!(
        summary.contains("To correct: 1") && !super::mark::japanese(&summary.replace("金額", "")),
        "{summary}"
    );
}

#[tokio::test]
async fn the_desk_stays_japanese() {
    let site = Site::new().await;
    let input = json!({"action": "submit", "input": {"name": "B"}});
    let (_, sent) = site.person("owner").post(site.requests(), input).await;
    let record = format!("/r/mihon/request/{}", sent["id"].as_str().unwrap());
    for path in ["/desk?lang=en", "/desk/mihon/request", record.as_str()] {
        let page = text(&get(&site, Some("examiner"), path).await);
        assert!(
            page.contains("<html lang=\"ja\">") && page.contains("受付箱"),
            "{path}"
        );
        assert!(
            !page.contains("hreflang") && !page.contains("Inbox"),
            "{path}: no switch that does nothing"
        );
    }
    let portal = text(&get(&site, Some("examiner"), "/").await);
    assert!(portal.contains("<html lang=\"en\">") && portal.contains("hreflang=\"ja\""));
}

#[tokio::test]
async fn a_choice_is_kept_in_a_cookie() {
    let site = Site::new().await;
    let reply = site
        .public()
        .raw("GET", "/services?lang=en", &[], Vec::new())
        .await;
    let cookies: Vec<&str> = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("lang=en; Path=/;") && cookie.contains("SameSite=Lax")), "{cookies:?}");
    assert_eq!(reply.headers["content-language"], "en");
    let plain = site.public().raw("GET", "/services", &[], Vec::new()).await;
    assert!(text(&plain).contains("<html lang=\"ja\">"));
    assert!(
        !plain
            .headers
            .get_all("set-cookie")
            .iter()
            .any(|value| value.as_bytes().starts_with(b"lang"))
    );
}

#[tokio::test]
async fn the_api_answers_titles_by_accept_language() {
    let site = Site::new().await;
    let ask = async |path: &str, tag: &str| {
        let reply = site
            .public()
            .raw("GET", path, &[("accept-language", tag)], Vec::new())
            .await;
        serde_json::from_slice::<serde_json::Value>(&reply.body).unwrap()
    };
    let english = ask("/api/v1/services/mihon", "en").await;
    assert_eq!(
        (&english["title"], &english["owner"]),
        (&json!("Sample procedure"), &json!("見本局"))
    );
    assert!(
        english["types"]["request"]
            .to_string()
            .contains("Under examination")
    );
    assert_eq!(
        ask("/api/v1/services", "en").await["items"][0]["title"],
        "Sample procedure"
    );
    assert_eq!(
        ask("/api/v1/services/mihon", "ja").await["title"],
        "見本の手続き"
    );
}
