//! Accounts by mail: made, recovered and moved by who holds the mailbox, while nobody finds out who has one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{Bench, acting, catalogue, done, opening, seat};
use engine::Worker;
use engine::mailed::{Mailed, Purpose, Registered};
use engine::outreach::{Channel, Letter, Outreach, SendFault, Sender, Sending};
use jiff::{SignedDuration, ToSpan};
use kernel::port::Account;
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;

const HANAKO: &str = "hanako@mail.example";

/// A provider of mail that keeps what it took, or is away.
#[derive(Default)]
struct Post {
    taken: Mutex<Vec<Letter>>,
    away: Mutex<bool>,
}

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
            if *self.away.lock() {
                return Err(SendFault::Later("止まっています".into()));
            }
            self.taken.lock().push(letter.clone());
            Ok(())
        })
    }
}

struct House {
    bench: Bench,
    post: Arc<Post>,
    _dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let post = Arc::new(Post::default());
        let sender = Arc::clone(&post) as Arc<dyn Sender>;
        bench
            .engine
            .connect(Outreach::new(vec![sender], "https://portal.example"));
        Self {
            bench,
            post,
            _dir: dir,
        }
    }

    async fn ask(&self, purpose: Purpose, address: &str) {
        let random = |bytes: &mut [u8]| bytes.fill(9);
        let asked = self
            .bench
            .engine
            .ask_by_mail(purpose, address, ("ja", ""), &random);
        asked.await.unwrap();
    }

    async fn tick(&self) {
        let worker = Worker::new(Arc::clone(&self.bench.engine));
        worker.tick().await.unwrap();
    }

    /// The letters that came since this was last asked: to whom, subject, link.
    async fn letters(&self) -> Vec<(String, String, Option<String>)> {
        self.tick().await;
        let taken = std::mem::take(&mut *self.post.taken.lock());
        let parts = taken.into_iter().map(|one| (one.to, one.subject, one.link));
        parts.collect()
    }

    /// The token of the one letter that came.
    async fn token(&self) -> String {
        let letters = self.letters().await;
        let [(_, _, Some(link))] = letters.as_slice() else {
            panic!("{letters:?}")
        };
        let token = link.strip_prefix("https://portal.example/mail/");
        token.unwrap_or_else(|| panic!("{link}")).to_owned()
    }

    async fn link(&self, token: &str) -> Option<Mailed> {
        self.bench.engine.mailed(token).await.unwrap()
    }

    fn later(&self, minutes: i64) {
        let now = self.bench.engine.now();
        let then = now.checked_add(SignedDuration::from_mins(minutes));
        self.bench.clock.set(then.unwrap());
    }

    /// Somebody is appointed from so many days from now on.
    async fn appoint(&self, login: &str, in_days: i64) {
        let bench = &self.bench;
        let administrator = bench.person("a", vec![seat("administrator", None)]);
        let administrator = administrator.await;
        let approver = seat("approver", Some("多摩立川保健所"));
        let approver = bench.person("b", vec![approver]).await;
        let from = bench.engine.today() + in_days.days();
        let said = json!({
            "login": login, "name": "田中", "kind": "move", "role": "examiner", "body": "metropolis",
            "office_code": "hc_tama_tachikawa", "first_day": from.to_string(),
        });
        let draft = opening(&administrator, "appointments", "appointment", "draft", said);
        let drafted = done(bench.engine.perform(draft).await);
        let on = ("appointments", "appointment", drafted.id);
        let order = acting(&approver, on, drafted.version, "order", json!({}));
        done(bench.engine.perform(order).await);
    }

    async fn register(&self, address: &str) -> Account {
        self.ask(Purpose::Register, address).await;
        let token = self.token().await;
        let link = self.link(&token).await.unwrap();
        let made = self.bench.engine.register_by_mail(&link, who()).await;
        made.unwrap().unwrap()
    }
}

fn who() -> Registered {
    Registered {
        name: "見本 花子".into(),
        business: "見本商店".into(),
        password: "hash".into(),
    }
}

#[tokio::test]
async fn whoever_holds_the_mailbox_makes_the_account_once() {
    let house = House::new();
    let engine = &house.bench.engine;
    house.ask(Purpose::Register, " Ｈanako@Mail.example ").await;
    let token = house.token().await;
    // A scanner follows the link again and again: nothing is spent.
    for _ in 0..3 {
        assert!(house.link(&token).await.is_some());
    }
    let link = house.link(&token).await.unwrap();
    assert_eq!(link.address, HANAKO);
    let account = engine
        .register_by_mail(&link, who())
        .await
        .unwrap()
        .unwrap();
    assert!(account.seats.is_empty() && account.hats[0].corporate_number.is_none());
    // Once, though the browser sends it twice.
    assert!(
        engine
            .register_by_mail(&link, who())
            .await
            .unwrap()
            .is_none()
    );
    assert!(house.link(&token).await.is_none());
    assert!(house.link("x").await.is_none());
    // Messages go to the mailbox, which was shown to be hers.
    let actor = engine.actor(&account, None).unwrap();
    let contact = engine.contact(&actor).await.unwrap();
    let ways: Vec<_> = contact.open_ways().map(|way| &way.address).collect();
    assert_eq!(ways, [HANAKO]);
}

#[tokio::test]
async fn what_is_true_of_an_address_stands_in_the_letter_alone() {
    let house = House::new();
    house.register(HANAKO).await;
    house.later(90);
    for (purpose, address, subject) in [
        (Purpose::Register, HANAKO, "アカウントはすでにあります"),
        (
            Purpose::Recover,
            "nobody@mail.example",
            "このメールアドレスのアカウントはありません",
        ),
        (Purpose::Recover, HANAKO, "パスワードを決め直してください"),
    ] {
        house.ask(purpose, address).await;
        let letters = house.letters().await;
        assert_eq!(letters.len(), 1);
        assert_eq!(
            (letters[0].0.as_str(), letters[0].1.as_str()),
            (address, subject)
        );
        let spends = letters[0].2.as_ref().unwrap().contains("/mail/");
        assert_eq!(spends, purpose == Purpose::Recover && address == HANAKO);
    }
}

#[tokio::test]
async fn an_officials_address_gives_no_seat_to_who_reads_its_mailbox() {
    let house = House::new();
    // A month before the appointment begins.
    house.appoint("tanaka@city.example", 30).await;
    for purpose in [Purpose::Register, Purpose::Recover] {
        house.ask(purpose, "tanaka@city.example").await;
        let letters = house.letters().await;
        assert_eq!(letters[0].1, "職員のアカウントは、メールでは扱えません");
        assert_eq!(letters[0].2, None);
    }
    // A link that went out before the appointment is worth nothing after it.
    house.ask(Purpose::Register, "suzuki@city.example").await;
    let token = house.token().await;
    house.appoint("suzuki@city.example", 0).await;
    let link = house.link(&token).await.unwrap();
    let made = house.bench.engine.register_by_mail(&link, who()).await;
    assert!(made.unwrap().is_none());
}

#[tokio::test]
async fn a_provider_that_is_away_loses_nothing_and_the_link_lives_from_when_it_went() {
    let house = House::new();
    *house.post.away.lock() = true;
    house.ask(Purpose::Register, HANAKO).await;
    for _ in 0..30 {
        house.tick().await;
        house.later(10);
    }
    assert!(house.post.taken.lock().is_empty());
    *house.post.away.lock() = false;
    house.later(10);
    let token = house.token().await;
    house.later(59);
    assert!(house.link(&token).await.is_some());
    house.later(1);
    assert!(house.link(&token).await.is_none(), "an hour is over");
}

#[tokio::test]
async fn who_asks_in_anothers_name_neither_floods_them_nor_keeps_them_out() {
    let house = House::new();
    house.register(HANAKO).await;
    house.later(120);
    let mut letters = 0;
    let mut last: Option<String> = None;
    // For a day, every minute.
    for minute in 0..24 * 60 {
        house.ask(Purpose::Recover, HANAKO).await;
        for (_, _, link) in house.letters().await {
            letters += 1;
            let link = link.unwrap();
            last = link.rsplit('/').next().map(str::to_owned);
        }
        let token = last.clone().unwrap();
        assert!(
            house.link(&token).await.is_some(),
            "at minute {minute} no link holds"
        );
        house.later(1);
    }
    assert!((40..=60).contains(&letters), "{letters} letters a day");
}

#[tokio::test]
async fn recovering_ends_all_sessions_keeps_second_factors_and_is_told() {
    let house = House::new();
    let engine = &house.bench.engine;
    let account = house.register(HANAKO).await;
    let until = "2036-01-01T00:00:00Z".parse().unwrap();
    engine
        .open_session("secret", account.id, "browser", until)
        .await
        .unwrap();
    let random = |bytes: &mut [u8]| bytes.fill(3);
    let begun = engine
        .begin_app(account.id, &random)
        .await
        .unwrap()
        .unwrap();
    let step = u64::try_from(engine.now().as_second()).unwrap() / 30;
    let code = engine::proofs::app_code(&begun, step);
    let added = engine.add_app(&account, &code, "電話").await.unwrap();
    assert!(added.is_ok());
    house.letters().await;
    house.later(120);
    house.ask(Purpose::Recover, HANAKO).await;
    let first = house.token().await;
    house.later(2);
    house.ask(Purpose::Recover, HANAKO).await;
    let second = house.token().await;
    let link = house.link(&second).await.unwrap();
    let recovered = engine.recover_by_mail(&link, "other".into()).await.unwrap();
    assert_eq!(recovered.unwrap().password.as_deref(), Some("other"));
    assert!(engine.session_account("secret").await.unwrap().is_none());
    assert!(engine.proofs_of(account.id).await.unwrap().any());
    assert!(
        house.link(&first).await.is_none(),
        "the other link is over too"
    );
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(
        (letters[0].0.as_str(), letters[0].1.as_str()),
        (HANAKO, "パスワードが変わりました")
    );
    let actor = engine.actor(&account, None).unwrap();
    let told = house.bench.messages(&actor).await;
    assert!(
        told.iter()
            .any(|one| one.subject == "パスワードが変わりました")
    );
    // A link of one purpose is none of another.
    house.later(120);
    house.ask(Purpose::Recover, HANAKO).await;
    let token = house.token().await;
    let link = house.link(&token).await.unwrap();
    assert!(
        engine
            .register_by_mail(&link, who())
            .await
            .unwrap()
            .is_none()
    );
    assert!(engine.move_by_mail(&link).await.unwrap().is_none());
}

#[tokio::test]
async fn another_address_is_confirmed_by_it_and_both_are_told() {
    let house = House::new();
    let engine = &house.bench.engine;
    let account = house.register(HANAKO).await;
    house.register("taken@mail.example").await;
    let random = |bytes: &mut [u8]| bytes.fill(9);
    let ask = |to: &'static str| engine.ask_to_move(&account, to, "ja", &random);
    assert!(ask(HANAKO).await.is_err(), "the same address");
    // Another's address: the one who asks hears nothing of that.
    ask("taken@mail.example").await.unwrap();
    let letters = house.letters().await;
    assert!(letters.iter().all(|one| one.2.is_none()), "{letters:?}");
    ask("new@mail.example").await.unwrap();
    let letters = house.letters().await;
    let to = |address: &str| letters.iter().find(|one| one.0 == address).unwrap();
    assert_eq!(to(HANAKO).1, "メールアドレスを変える申し込みがありました");
    let link = to("new@mail.example").2.clone().unwrap();
    let token = link.rsplit('/').next().unwrap();
    // Until it is confirmed all is as it was.
    let known = engine.account_by_login(HANAKO).await.unwrap();
    assert!(known.is_some());
    let link = house.link(token).await.unwrap();
    assert!(engine.move_by_mail(&link).await.unwrap().is_some());
    assert!(engine.move_by_mail(&link).await.unwrap().is_none());
    assert!(engine.account_by_login(HANAKO).await.unwrap().is_none());
    let moved = engine.account_by_login("new@mail.example").await.unwrap();
    assert_eq!(moved.unwrap().id, account.id);
    let mut told: Vec<_> = house.letters().await.into_iter().map(|one| one.0).collect();
    told.sort();
    assert_eq!(told, [HANAKO, "new@mail.example"]);
    let actor = engine.actor(&account, None).unwrap();
    let contact = engine.contact(&actor).await.unwrap();
    let ways: Vec<_> = contact.open_ways().map(|way| &way.address).collect();
    assert_eq!(ways, ["new@mail.example"]);
}
