//! Somebody whose sign-in proves too little is led to prove more, and back.

use super::super::factors::tests::{Browser, location, text, with_app};
use super::*;
use crate::testing::Site;
use serde_json::json;

#[test]
fn a_level_is_read_as_it_is_written() {
    let level = Assurance {
        identity: 2,
        authentication: 3,
    };
    assert_eq!(read("2.3"), Some(level));
    for wrong in ["", "2", "2.", ".3", "2.4", "-1.2", "2.3.1", "二.二"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
    assert_eq!(
        href(level, "/a?b=1"),
        "/my/sign-in/level?level=2.3&next=/a%3Fb%3D1"
    );
}

/// A record that waits at the desk: its path in pages and in the API.
async fn submitted(site: &Site) -> (String, String) {
    let owner = site.person("owner");
    let input = json!({"action": "submit", "input": {"name": "柴崎"}});
    let (status, made) = owner.post(site.requests(), input).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap();
    let api = format!("{}/{id}", site.requests());
    (format!("/r/mihon/request/{id}/do/hurry"), api)
}

#[tokio::test]
async fn the_api_refuses_with_what_lacks_and_the_record_says_so_before() {
    let site = Site::new().await;
    let (_, api) = submitted(&site).await;
    let owner = site.person("owner");
    let (_, record) = owner.get(&api).await;
    let actions = record["actions"].as_array().unwrap();
    let hurry = actions.iter().find(|one| one["name"] == "hurry").unwrap();
    let demanded = json!({"identity": 1, "authentication": 2});
    assert_eq!(hurry["needs_assurance"], demanded);
    let act = json!({"version": record["version"], "input": {"amount": 5}});
    let (status, refused) = owner.post(&format!("{api}/actions/hurry"), act).await;
    assert_eq!(status, 403, "{refused}");
    assert_eq!(refused["type"], "/problems/assurance_too_low");
    assert_eq!(
        refused["errors"][0]["pointer"],
        "/actor/assurance/authentication"
    );
    let said = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("当人認証保証レベル2") && said.contains("パスキー"));
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_leads_to_a_second_factor_and_back() {
    let site = Site::new().await;
    let (form, _) = submitted(&site).await;
    let browser = Browser::new(&site);
    browser.sign_in("owner").await;
    let led = location(&browser.get(&form).await);
    assert_eq!(
        led,
        format!("/my/sign-in/level?level=1.2&next={}", encode(&form))
    );
    let page = text(&browser.get(&led).await);
    assert!(page.contains("当人認証") && page.contains("href=\"/my/sign-in/factors\""));
    assert!(!page.contains("身元確認"), "that suffices");
    assert!(page.contains(&format!("href=\"{form}\"")), "the way back");
    // A form that was open already is shown again with what was typed in it.
    let typed = [("_do", "act"), ("_has", "amount"), ("amount", "4321")];
    let refused = browser.post(&form, &typed).await;
    assert_eq!(refused.status, 403);
    let refused = text(&refused);
    assert!(refused.contains("4321") && refused.contains("/my/sign-in/level?level=1.2"));
    with_app(&browser, "owner").await;
    assert_eq!(location(&browser.get(&led).await), form, "it is reached");
    assert_eq!(browser.get(&form).await.status, 200);
    let done = browser.post(&form, &typed).await;
    assert_eq!(done.status, 303, "{}", text(&done));
    assert!(location(&done).ends_with("?done=hurry"));
}

#[tokio::test]
async fn what_no_way_of_the_site_proves_is_said_plainly() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    browser.sign_in("owner").await;
    let page = browser.get("/my/sign-in/level?level=3.1&next=/my").await;
    assert!(text(&page).contains("窓口で手続きしてください"));
    let elsewhere = browser
        .get("/my/sign-in/level?level=1.1&next=https://other.example/")
        .await;
    assert_eq!(location(&elsewhere), "/", "never to another site");
    assert_eq!(browser.get("/my/sign-in/level?level=9.9").await.status, 404);
}
