//! Accounts by mail, over HTTP, without any script.

use crate::testing::{Reply, Site};
use engine::Worker;
use engine::outreach::{Channel, Letter, Outreach, Sender, Sending};
use parking_lot::Mutex;
use std::sync::Arc;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const MAIL: &str = "hanako@mail.example";
const PASSWORD: &str = "あじさいの坂を下る青い電車";

#[derive(Default)]
struct Post(Mutex<Vec<Letter>>);

impl Sender for Post {
    fn channel(&self) -> Channel {
        Channel::Mail
    }
    fn per_second(&self) -> usize {
        100
    }
    fn address(&self, given: &str) -> Result<String, String> {
        match given.contains('@') {
            true => Ok(given.into()),
            false => Err("メールアドレスの形ではありません。".into()),
        }
    }
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            self.0.lock().push(letter.clone());
            Ok(())
        })
    }
}

/// A browser that has not signed in.
struct Browser {
    site: Site,
    post: Arc<Post>,
    secret: String,
}

impl Browser {
    async fn new() -> Self {
        let (site, post) = (Site::new().await, Arc::new(Post::default()));
        let sender = Arc::clone(&post) as Arc<dyn Sender>;
        let engine = &site.app.engine;
        engine.connect(Outreach::new(vec![sender], "https://portal.example"));
        Self {
            site,
            post,
            secret: "7".repeat(64),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        let cookie = format!("tsumugi_form={}", self.secret);
        let client = self.site.public();
        client
            .raw("GET", path, &[("cookie", &cookie)], Vec::new())
            .await
    }

    async fn send(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let csrf = crate::auth::digest(&[b"form", self.secret.as_bytes()]);
        let mut body = format!("csrf={csrf}");
        for (name, value) in pairs {
            body += &format!("&{name}={}", crate::percent::path(value));
        }
        let cookie = format!("tsumugi_form={}", self.secret);
        let client = self.site.public();
        client
            .raw("POST", path, &[FORM, ("cookie", &cookie)], body.into())
            .await
    }

    /// The path of the link in the last letter.
    async fn link(&self) -> String {
        let worker = Worker::new(Arc::clone(&self.site.app.engine));
        worker.tick().await.unwrap();
        let link = self.post.0.lock().last().unwrap().link.clone().unwrap();
        link.replace("https://portal.example", "")
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

fn to(reply: &Reply) -> &str {
    reply.headers["location"].to_str().unwrap()
}

#[tokio::test]
async fn where_no_mail_is_sent_there_are_no_such_pages() {
    let site = Site::new().await;
    for path in ["/register", "/recover", "/mail/x"] {
        let reply = site.public().raw("GET", path, &[], Vec::new()).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let page = site.public().raw("GET", "/sign-in", &[], Vec::new()).await;
    assert!(!text(&page).contains("/register"));
}

#[tokio::test]
async fn somebody_registers_recovers_and_nothing_typed_is_lost() {
    let browser = Browser::new().await;
    let page = text(&browser.get("/sign-in?next=/apply/a/b").await);
    assert!(page.contains("/register?next=/apply/a/b"), "{page}");
    // What cannot be an address is said at its field.
    let reply = browser.send("/register", &[("mail", "hanako")]).await;
    assert_eq!(reply.status, 422);
    let page = text(&reply);
    assert!(
        page.contains("メールアドレスの形ではありません。") && page.contains("value=\"hanako\"")
    );
    let pairs = [("mail", MAIL), ("next", "/apply/a/b")];
    let reply = browser.send("/register", &pairs).await;
    assert_eq!((reply.status, to(&reply)), (303, "/register?sent=yes"));
    let link = browser.link().await;
    // Opening it spends nothing.
    for _ in 0..2 {
        let page = browser.get(&link).await;
        assert_eq!(page.status, 200);
        assert!(text(&page).contains(MAIL));
    }
    let said = [
        ("name", "見本 花子"),
        ("business", "見本商店"),
        ("password", "hanakohanako"),
        ("again", "hanakohanako"),
    ];
    let reply = browser.send(&link, &said).await;
    assert_eq!(reply.status, 422);
    let page = text(&reply);
    assert!(page.contains("推測されやすい") && page.contains("value=\"見本 花子\""));
    assert!(page.contains("value=\"見本商店\"") && !page.contains("hanakohanako"));
    let said = [
        ("name", "見本 花子"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let reply = browser.send(&link, &said).await;
    assert_eq!((reply.status, to(&reply)), (303, "/apply/a/b"));
    // Once.
    assert_eq!(browser.send(&link, &said).await.status, 410);
    assert_eq!(browser.get(&link).await.status, 410);
    // The same page for an address that has an account and one that has none; both take one letter.
    let known = browser.send("/recover", &[("mail", MAIL)]).await;
    let link = browser.link().await;
    let unknown = browser
        .send("/recover", &[("mail", "nobody@mail.example")])
        .await;
    assert_eq!((known.status, to(&known)), (unknown.status, to(&unknown)));
    assert_eq!(known.body, unknown.body);
    let other = "かもめが三羽とまる岬の灯台";
    let reply = browser
        .send(&link, &[("password", other), ("again", other)])
        .await;
    assert_eq!((reply.status, to(&reply)), (303, "/sign-in?done=recovered"));
    for (password, status) in [(PASSWORD, 422), (other, 303)] {
        let pairs = [("login", MAIL), ("password", password)];
        assert_eq!(browser.send("/sign-in", &pairs).await.status, status);
    }
}

#[tokio::test]
async fn a_network_that_asks_for_too_many_letters_waits_and_still_signs_in() {
    let browser = Browser::new().await;
    for one in 0..30 {
        let mail = format!("p{one}@mail.example");
        assert_eq!(
            browser.send("/recover", &[("mail", &mail)]).await.status,
            303
        );
    }
    let reply = browser.send("/recover", &[("mail", MAIL)]).await;
    assert_eq!(reply.status, 429);
    assert!(text(&reply).contains(MAIL), "what was typed is there");
    let pairs = [("login", "owner"), ("password", "ひみつの言葉")];
    assert_eq!(browser.send("/sign-in", &pairs).await.status, 303);
}
