//! Where one is signed in, over HTTP.

use crate::auth::{Whence, sign_in};
use crate::testing::{Reply, Site};

const PASSWORD: &str = "ひみつの言葉";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A browser: its cookie and the token of its forms.
struct Browser<'s> {
    site: &'s Site,
    secret: String,
}

impl<'s> Browser<'s> {
    async fn of(site: &'s Site, login: &str) -> Self {
        let whence = Whence::address("192.0.2.77".parse().unwrap());
        let session = sign_in(
            &site.app,
            login,
            PASSWORD.into(),
            ("192.0.2.77", &whence),
            None,
        );
        let session = session.await.ok().unwrap();
        let text = session.cookies[0].to_str().unwrap();
        let secret = text.split(['=', ';']).nth(1).unwrap().to_owned();
        Self { site, secret }
    }

    async fn get(&self) -> Reply {
        let cookie = format!("tsumugi={}", self.secret);
        let client = self.site.public();
        client
            .raw("GET", "/my/sign-in", &[("cookie", &cookie)], Vec::new())
            .await
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let csrf = crate::auth::digest(&[b"csrf", self.secret.as_bytes()]);
        let mut body = format!("csrf={csrf}");
        for (name, value) in pairs {
            body += &format!("&{name}={}", crate::percent::path(value));
        }
        let cookie = format!("tsumugi={}", self.secret);
        let client = self.site.public();
        client
            .raw("POST", path, &[FORM, ("cookie", &cookie)], body.into())
            .await
    }

    async fn is_in(&self) -> bool {
        let account = self.site.app.engine.session_account(&self.secret).await;
        account.unwrap().is_some()
    }

    async fn id(&self) -> String {
        let signed = self.site.app.engine.signed_in(&self.secret).await.unwrap();
        signed.unwrap().session.to_string()
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_ends_any_of_it() {
    let site = Site::new().await;
    let (here, lost) = (
        Browser::of(&site, "owner").await,
        Browser::of(&site, "owner").await,
    );
    let other = Browser::of(&site, "other").await;
    let page = text(&here.get().await);
    assert!(page.matches("192.0.2.x").count() >= 2, "{page}");
    assert!(!page.contains("192.0.2.77") && !page.contains(&here.secret));
    assert_eq!(page.matches(">この端末<").count(), 1);
    let end = |id: String| format!("/my/sign-in/{id}/end");
    // Another's session has no such name here.
    assert_eq!(here.post(&end(other.id().await), &[]).await.status, 303);
    assert!(other.is_in().await);
    let reply = here.post(&end(lost.id().await), &[]).await;
    assert_eq!(reply.headers["location"], "/my/sign-in?done=ended");
    assert!(!lost.is_in().await && here.is_in().await);
    let again = Browser::of(&site, "owner").await;
    here.post("/my/sign-in/others/end", &[]).await;
    assert!(!again.is_in().await && here.is_in().await && other.is_in().await);
    let token = site.app.engine.session_account("token-of-owner").await;
    assert!(token.unwrap().is_none(), "tokens end too");
    assert_eq!(here.post(&end("x".into()), &[]).await.status, 404);
    let reply = here.post(&end(here.id().await), &[]).await;
    assert_eq!((reply.status, here.is_in().await), (303, false));
}

#[tokio::test]
async fn another_password_needs_the_old_one_and_ends_all_other_sessions() {
    let site = Site::new().await;
    let (here, lost) = (
        Browser::of(&site, "owner").await,
        Browser::of(&site, "owner").await,
    );
    let path = "/my/sign-in/password";
    let new = "あたらしい春の小川のことば";
    let form = |now, next, again| [("now", now), ("next", next), ("again", again)];
    let reply = here.post(path, &form("ちがう", "短い", "短い")).await;
    assert_eq!(reply.status, 422);
    let page = text(&reply);
    assert!(
        page.contains("now-error") && page.contains("next-error"),
        "both faults at once: {page}"
    );
    assert_eq!(here.post(path, &form(PASSWORD, new, "x")).await.status, 422);
    assert_eq!(here.post(path, &form("x", new, new)).await.status, 422);
    for guessed in ["password2026", "owner1234567", "123456789012"] {
        let reply = here.post(path, &form(PASSWORD, guessed, guessed)).await;
        assert_eq!(reply.status, 422, "{guessed}");
        assert!(text(&reply).contains("推測されやすい"), "{guessed}");
    }
    assert!(lost.is_in().await);
    let reply = here.post(path, &form(PASSWORD, new, new)).await;
    assert_eq!(reply.headers["location"], "/my/sign-in?done=password");
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(!lost.is_in().await && !here.is_in().await, "a new secret");
    let secret = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let here = Browser {
        site: &site,
        secret,
    };
    assert!(here.is_in().await);
    let whence = Whence::default();
    let old = sign_in(
        &site.app,
        "owner",
        PASSWORD.into(),
        ("192.0.2.77", &whence),
        None,
    )
    .await;
    assert!(old.is_err());
    let done = sign_in(
        &site.app,
        "owner",
        new.into(),
        ("192.0.2.77", &whence),
        None,
    )
    .await;
    assert!(done.is_ok());
}

#[tokio::test]
async fn the_page_needs_somebody_who_is_signed_in() {
    let site = Site::new().await;
    let client = site.public();
    let reply = client.raw("GET", "/my/sign-in", &[], Vec::new()).await;
    assert_eq!(reply.headers["location"], "/sign-in?next=/my/sign-in");
}
