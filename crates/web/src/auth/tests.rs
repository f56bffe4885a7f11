//! Signing in, out, and the demo's people, over HTTP.

use crate::auth::{DEMO_PASSWORD, PERSONAS, SignInError, Whence, make_personas, sign_in};
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
async fn the_right_password_opens_a_session_that_ends_unused_and_after_a_day() {
    let site = Site::new().await;
    let session = sign_in(
        &site.app,
        " owner ",
        "ひみつの言葉".into(),
        ("1.1.1.1", &Whence::default()),
        None,
    )
    .await
    .ok()
    .unwrap();
    let text = session.cookies[0].to_str().unwrap();
    assert!(
        text.starts_with("tsumugi=")
            && text.contains("HttpOnly")
            && text.contains("SameSite=Lax")
            && text.contains("Max-Age=86400"),
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
    let mut now: jiff::Timestamp = "2026-11-22T09:00:00+09:00".parse().unwrap();
    let worker = engine::Worker::new(std::sync::Arc::clone(&site.app.engine));
    // Used every fifty minutes it lives, whether or not the worker has written so yet, until a day is over.
    for turn in 1..=28 {
        now += jiff::SignedDuration::from_mins(50);
        site.clock.set(now);
        assert_eq!(get().await, true, "{now}");
        if turn % 2 == 0 {
            worker.tick().await.unwrap();
        }
    }
    site.clock.set("2026-11-23T09:00:00+09:00".parse().unwrap());
    assert_eq!(get().await, false, "a day is over");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_and_an_officials_ends_sooner() {
    for (login, minutes) in [("owner", 60), ("examiner", 30)] {
        let site = Site::new().await;
        let from = ("1.1.1.1", &Whence::default());
        let session = sign_in(&site.app, login, "ひみつの言葉".into(), from, None).await;
        let session = session.ok().unwrap();
        let secret = session.cookies[0].to_str().unwrap();
        let secret = secret.split(['=', ';']).nth(1).unwrap();
        let begin = site.app.engine.now();
        let after = |minutes: i64| {
            site.clock
                .set(begin + jiff::SignedDuration::from_mins(minutes));
            site.app.engine.session_account(secret)
        };
        assert!(after(minutes - 1).await.unwrap().is_some());
        // The use was noted: it counts from there.
        assert!(after(2 * minutes - 2).await.unwrap().is_some());
        assert!(after(3 * minutes - 2).await.unwrap().is_none(), "{login}");
    }
}

#[tokio::test]
async fn signing_in_again_leaves_the_old_secret_worthless() {
    let site = Site::new().await;
    let sign = |old: Option<String>| {
        let site = &site;
        async move {
            let from = ("1.1.1.1", &Whence::default());
            let session = sign_in(
                &site.app,
                "owner",
                "ひみつの言葉".into(),
                from,
                old.as_deref(),
            );
            let session = session.await.ok().unwrap();
            let text = session.cookies[0].to_str().unwrap();
            text.split(['=', ';']).nth(1).unwrap().to_owned()
        }
    };
    let first = sign(None).await;
    let second = sign(Some(first.clone())).await;
    let engine = &site.app.engine;
    assert!(engine.session_account(&first).await.unwrap().is_none());
    let signed = engine.signed_in(&second).await.unwrap().unwrap();
    let owner = signed.account.id;
    // The bearer token of the site, and one browser.
    assert_eq!(engine.sessions_of(owner).await.unwrap().len(), 2);
    engine.close_account(owner).await.unwrap();
    assert!(engine.session_account(&second).await.unwrap().is_none());
    assert_eq!(engine.sessions_of(owner).await.unwrap(), []);
    let again = sign_in(
        &site.app,
        "owner",
        "ひみつの言葉".into(),
        ("1.1.1.1", &Whence::default()),
        None,
    )
    .await;
    assert!(matches!(again, Err(SignInError::Refused)));
}

#[tokio::test]
async fn guessing_waits_and_the_victim_elsewhere_does_not() {
    let site = Site::new().await;
    for _ in 0..6 {
        assert!(matches!(
            sign_in(
                &site.app,
                "owner",
                "x".into(),
                ("6.6.6.6", &Whence::default()),
                None
            )
            .await,
            Err(SignInError::Refused | SignInError::Wait(_))
        ));
    }
    assert!(matches!(
        sign_in(
            &site.app,
            "owner",
            "ひみつの言葉".into(),
            ("6.6.6.6", &Whence::default()),
            None
        )
        .await,
        Err(SignInError::Wait(_))
    ));
    assert!(
        sign_in(
            &site.app,
            "owner",
            "ひみつの言葉".into(),
            ("1.1.1.1", &Whence::default()),
            None
        )
        .await
        .is_ok()
    );
    assert!(matches!(
        sign_in(
            &site.app,
            "nobody",
            "x".into(),
            ("1.1.1.1", &Whence::default()),
            None
        )
        .await,
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
        sign_in(
            &site.app,
            "approver",
            DEMO_PASSWORD.into(),
            ("1.1.1.1", &Whence::default()),
            None
        )
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
        sign_in(
            &site.app,
            "approver",
            DEMO_PASSWORD.into(),
            ("1.1.1.1", &Whence::default()),
            None
        )
        .await
        .is_err()
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::new().await;
    let session = sign_in(
        &site.app,
        "owner",
        "ひみつの言葉".into(),
        ("1.1.1.1", &Whence::default()),
        None,
    )
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
