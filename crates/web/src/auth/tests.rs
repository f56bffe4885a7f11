//! Signing in, out, and the demo's people, over HTTP.

use crate::auth::{DEMO_PASSWORD, PERSONAS, SignInError, make_personas, sign_in};
use crate::testing::{Reply, Site};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let all = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.filter_map(|text| {
        text.split(';')
            .next()?
            .strip_prefix(name)?
            .strip_prefix('=')
    })
    .find(|value| !value.is_empty())
    .map(str::to_owned)
}

#[tokio::test]
async fn the_right_password_opens_a_session_of_twelve_hours() {
    let site = Site::new().await;
    let session = sign_in(&site.app, " owner ", "ひみつの言葉".into(), "1.1.1.1")
        .await
        .ok()
        .unwrap();
    let text = session.cookies[0].to_str().unwrap();
    assert!(
        text.starts_with("tsumugi=")
            && text.contains("HttpOnly")
            && text.contains("SameSite=Lax")
            && text.contains("Max-Age=43200"),
        "{text}"
    );
    let cookie = text.split(';').next().unwrap();
    let get = || async {
        site.public()
            .raw("GET", "/api/v1/session", &[("cookie", cookie)], Vec::new())
            .await
            .json()["signed_in"]
            .clone()
    };
    assert_eq!(get().await, true);
    site.clock.set("2026-11-22T21:00:00+09:00".parse().unwrap());
    assert_eq!(get().await, false);
}

#[tokio::test]
async fn guessing_waits_and_the_victim_elsewhere_does_not() {
    let site = Site::new().await;
    for _ in 0..6 {
        assert!(matches!(
            sign_in(&site.app, "owner", "x".into(), "6.6.6.6").await,
            Err(SignInError::Refused | SignInError::Wait(_))
        ));
    }
    assert!(matches!(
        sign_in(&site.app, "owner", "ひみつの言葉".into(), "6.6.6.6").await,
        Err(SignInError::Wait(_))
    ));
    assert!(
        sign_in(&site.app, "owner", "ひみつの言葉".into(), "1.1.1.1")
            .await
            .is_ok()
    );
    assert!(matches!(
        sign_in(&site.app, "nobody", "x".into(), "1.1.1.1").await,
        Err(SignInError::Refused)
    ));
}

#[tokio::test]
async fn personas_sign_in_by_one_click_in_a_demo_only() {
    let site = Site::demo().await;
    let tokens = make_personas(&site.app.engine, &site.app.random)
        .await
        .unwrap();
    assert_eq!(tokens.len(), PERSONAS.len());
    let again = make_personas(&site.app.engine, &site.app.random)
        .await
        .unwrap();
    assert_ne!(tokens, again, "accounts stay, tokens are new");
    let csrf = crate::auth::digest(&[b"form", "f".repeat(64).as_bytes()]);
    let form = format!("tsumugi_form={}", "f".repeat(64));
    let click = |csrf: String| {
        let body = format!("persona=business&csrf={csrf}&next=%2Fmypage").into_bytes();
        let (client, form) = (site.public(), form.clone());
        async move {
            client
                .raw("POST", "/sign-in/persona", &[FORM, ("cookie", &form)], body)
                .await
        }
    };
    assert_eq!(click("wrong".into()).await.status, 403);
    let reply = click(csrf).await;
    assert_eq!(
        (reply.status, &reply.headers["location"]),
        (303, &"/mypage".parse().unwrap())
    );
    let session = cookie(&reply, "tsumugi").unwrap();
    let who = site
        .public()
        .raw(
            "GET",
            "/api/v1/session",
            &[("cookie", &format!("tsumugi={session}"))],
            Vec::new(),
        )
        .await;
    assert_eq!(who.json()["login"], "business");
    assert!(
        sign_in(&site.app, "approver", DEMO_PASSWORD.into(), "1.1.1.1")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn there_are_no_personas_where_there_is_no_demo() {
    let site = Site::new().await;
    make_personas(&site.app.engine, &site.app.random)
        .await
        .unwrap(); // As if a demo's data were opened as real ones.
    let secret = "f".repeat(64);
    let csrf = crate::auth::digest(&[b"form", secret.as_bytes()]);
    let reply = site
        .public()
        .raw(
            "POST",
            "/sign-in/persona",
            &[FORM, ("cookie", &format!("tsumugi_form={secret}"))],
            format!("persona=business&csrf={csrf}").into_bytes(),
        )
        .await;
    assert_eq!(reply.status, 404);
    assert!(
        sign_in(&site.app, "approver", DEMO_PASSWORD.into(), "1.1.1.1")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::new().await;
    let session = sign_in(&site.app, "owner", "ひみつの言葉".into(), "1.1.1.1")
        .await
        .ok()
        .unwrap();
    let cookie = session.cookies[0]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let secret = cookie.split('=').nth(1).unwrap().to_owned();
    let csrf = crate::auth::digest(&[b"csrf", secret.as_bytes()]);
    let post = |path: &'static str, body: String| {
        let (client, cookie) = (site.public(), cookie.clone());
        async move {
            client
                .raw(
                    "POST",
                    path,
                    &[FORM, ("cookie", &cookie)],
                    body.into_bytes(),
                )
                .await
        }
    };
    let hat = post("/hat", format!("csrf={csrf}&hat={}&next=/mypage", site.hat)).await;
    assert_eq!(hat.status, 303);
    assert_eq!(
        self::cookie(&hat, "tsumugi_hat"),
        Some(site.hat.to_string())
    );
    assert_eq!(post("/sign-out", "csrf=wrong".into()).await.status, 403);
    assert_eq!(post("/sign-out", format!("csrf={csrf}")).await.status, 303);
    assert!(
        site.app
            .engine
            .session_account(&secret)
            .await
            .unwrap()
            .is_none()
    );
}
