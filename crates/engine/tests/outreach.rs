//! Messages outside My Page: each way once, by day, in the reader's language, and never at another's cost.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, TODAY, faulty::Faulty, morning, opening, seat};
use definition::Catalogue;
use engine::outreach::{Channel, Letter, Outreach, Preferences, SendFault, Sender, Sending};
use engine::{Engine, Worker};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use kernel::Actor;
use parking_lot::Mutex;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

const SERVICE: &str = r#"
title: 文の試し
status: register
owner: 見本係
summary: お知らせの試しです。
roles: { clerk: 係 }
messages:
  plain: { subject: "{{number}} が届きました", body: "{{name}} さんの申請を確かめます。" }
  named: { subject: "{{name}} さんへ", body: 内容の全文です。 }
  whole: { outside: full, subject: "{{name}} さんへ", body: 内容の全文です。 }
  secret: { outside: none, subject: 秘密, body: 秘密の内容です。 }
  hurried: { urgent: true, subject: 急ぎ, body: すぐに見てください。 }
"#;

const NOTE: &str = r#"
title: 文
number: { pattern: "文-{seq:03}" }
office: '"見本係"'
parties: { owner: { title: 本人, is: [person], owner: true } }
fields: { name: { type: text, title: 名前, required: true } }
states: { open: { title: 受付, ended: true, line: 受け付けました。 } }
actions:
  plain: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: owner, message: plain } } ] }
  named: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: owner, message: named } } ] }
  whole: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: owner, message: whole } } ] }
  secret: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: owner, message: secret } } ] }
  hurried: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: owner, message: hurried } } ] }
  asked: { by: owner, opens: true, to: open, form: [name], effect: [ { notify: { to: desk.clerk, message: plain } } ] }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
"#;

fn catalogue() -> Catalogue {
    let of = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let english = [
        (
            "plain.subject",
            "{{number}} が届きました",
            "We have {{number}}",
        ),
        (
            "plain.body",
            "{{name}} さんの申請を確かめます。",
            "We look at it, {{name}}.",
        ),
    ];
    let english: String = english
        .iter()
        .map(|(path, japanese, text)| {
            format!(
                "service.messages.{path}: {{ text: \"{text}\", of: \"{}\" }}\n",
                of(japanese)
            )
        })
        .collect();
    let files = [
        ("letters/service.yaml", SERVICE.to_owned()),
        ("letters/records/note.yaml", NOTE.to_owned()),
        ("letters/i18n/en.yaml", english),
    ];
    common::sound(&common::beside_registers(files))
}

/// A provider that keeps what it took, and fails as it is told.
struct Provider {
    channel: Channel,
    taken: Mutex<Vec<Letter>>,
    fault: Mutex<Option<SendFault>>,
    asked: AtomicUsize,
}

impl Provider {
    fn new(channel: Channel) -> Arc<Self> {
        Arc::new(Self {
            channel,
            taken: Mutex::default(),
            fault: Mutex::default(),
            asked: AtomicUsize::new(0),
        })
    }
    fn fails(&self, fault: Option<SendFault>) {
        *self.fault.lock() = fault;
    }
    fn subjects(&self) -> Vec<String> {
        self.taken
            .lock()
            .iter()
            .map(|letter| letter.subject.clone())
            .collect()
    }
    /// The code of the last letter.
    fn code(&self) -> String {
        let taken = self.taken.lock();
        taken
            .last()
            .unwrap()
            .body
            .chars()
            .filter(char::is_ascii_digit)
            .take(6)
            .collect()
    }
}

impl Sender for Provider {
    fn channel(&self) -> Channel {
        self.channel
    }
    fn per_second(&self) -> usize {
        100
    }
    fn address(&self, given: &str) -> Result<String, String> {
        match given {
            "" => Err("宛先を入れてください。".into()),
            given => Ok(given.into()),
        }
    }
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            self.asked.fetch_add(1, Relaxed);
            if let Some(fault) = self.fault.lock().clone() {
                return Err(fault);
            }
            self.taken.lock().push(letter.clone());
            Ok(())
        })
    }
}

struct House {
    bench: Bench,
    engine: Arc<Engine>,
    worker: Worker,
    providers: Vec<Arc<Provider>>,
    owner: Actor,
}

impl House {
    /// A reader whose four ways are open. The next `faults` notes of what was sent are lost.
    async fn new(dir: &std::path::Path, faults: u32) -> Self {
        let bench = Bench::new(dir, catalogue(), 1);
        let store = Faulty::of_sent(bench.store.clone(), faults);
        let engine = Arc::new(Engine::new(
            store,
            bench.clock.clone(),
            common::Count::from(1 << 20),
            catalogue(),
        ));
        let providers: Vec<_> = Channel::ALL.into_iter().map(Provider::new).collect();
        let senders = providers
            .iter()
            .map(|one| Arc::clone(one) as Arc<dyn Sender>)
            .collect();
        engine.connect(Outreach::new(senders, "https://portal.example/"));
        let owner = bench.person("owner", Vec::new()).await;
        for provider in &providers {
            let id = engine
                .add_way(&owner, provider.channel, "hanako", "123456")
                .await
                .unwrap();
            engine
                .confirm_way(&owner, id, &provider.code())
                .await
                .unwrap();
            provider.taken.lock().clear();
        }
        let worker = Worker::new(Arc::clone(&engine));
        Self {
            bench,
            engine,
            worker,
            providers,
            owner,
        }
    }

    async fn act(&self, action: &str) {
        let act = opening(
            &self.owner,
            "letters",
            "note",
            action,
            json!({"name": "花子"}),
        );
        self.engine.perform(act).await.unwrap();
    }

    async fn prefer(
        &self,
        actor: &Actor,
        language: &str,
        quiet: Option<(Time, Time)>,
        desks: bool,
    ) {
        let contact = self.engine.contact(actor).await.unwrap();
        let on = contact.ways.iter().map(|way| way.id).collect();
        let chosen = Preferences {
            language: language.into(),
            quiet,
            on,
            desks,
        };
        self.engine.set_preferences(actor, chosen).await.unwrap();
    }

    fn later(&self, seconds: i64) {
        let now = self
            .engine
            .now()
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap();
        self.bench.clock.set(now);
    }

    fn at(&self, text: &str) {
        self.bench.clock.set(text.parse::<Timestamp>().unwrap());
    }
}

#[tokio::test]
async fn each_way_gets_it_once_and_the_platform_says_no_more_than_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    for action in ["plain", "named", "whole", "secret"] {
        house.act(action).await;
    }
    house.worker.tick().await.unwrap();
    house.worker.tick().await.unwrap();
    for provider in &house.providers {
        let mut subjects = provider.subjects();
        subjects.sort();
        assert_eq!(
            subjects,
            ["お知らせがあります", "文-001 が届きました", "花子 さんへ"]
        );
        let taken = provider.taken.lock();
        let bodies = taken
            .iter()
            .filter(|letter| letter.body.contains("花子") || letter.body.contains("秘密"));
        assert_eq!(
            bodies.count(),
            0,
            "a body goes out only where the service says full"
        );
        assert_eq!(
            taken
                .iter()
                .filter(|letter| letter.body == "内容の全文です。")
                .count(),
            1
        );
        assert!(
            taken
                .iter()
                .all(|letter| letter.link.as_deref() == Some("https://portal.example/my/messages"))
        );
    }
    assert_eq!(
        house.bench.messages(&house.owner).await.len(),
        4,
        "My Page has them all"
    );
}

#[tokio::test]
async fn one_channels_fault_holds_no_other_and_is_caught_up() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let (mail, sms) = (&house.providers[0], &house.providers[1]);
    mail.fails(Some(SendFault::Later("止まっています".into())));
    sms.fails(Some(SendFault::Limited(Duration::from_secs(90))));
    house.act("plain").await;
    house.worker.tick().await.unwrap();
    let many: Vec<usize> = house
        .providers
        .iter()
        .map(|one| one.taken.lock().len())
        .collect();
    assert_eq!(many, [0, 0, 1, 1]);
    // Away for six hours of the day.
    for _ in 0..72 {
        house.later(300);
        house.worker.tick().await.unwrap();
    }
    assert_eq!(house.bench.messages(&house.owner).await.len(), 1);
    mail.fails(None);
    sms.fails(None);
    house.later(3_600);
    house.worker.tick().await.unwrap();
    house.worker.tick().await.unwrap();
    let many: Vec<usize> = house
        .providers
        .iter()
        .map(|one| one.taken.lock().len())
        .collect();
    assert_eq!(many, [1, 1, 1, 1]);
}

#[tokio::test]
async fn a_provider_away_for_hours_is_asked_now_and_then_and_then_gets_all_that_waited() {
    const LETTERS: usize = 60;
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let mail = &house.providers[0];
    mail.fails(Some(SendFault::Later("止まっています".into())));
    for _ in 0..LETTERS {
        house.act("plain").await;
    }
    house.worker.tick().await.unwrap();
    mail.asked.store(0, Relaxed);
    // Five hours, looked at each minute.
    for _ in 0..300 {
        house.later(60);
        house.worker.tick().await.unwrap();
    }
    let asked = mail.asked.load(Relaxed);
    assert!(
        (100..=310).contains(&asked),
        "one letter a minute, not {asked}"
    );
    assert_eq!(
        house.providers[3].taken.lock().len(),
        LETTERS,
        "the others hold nobody up"
    );
    assert_eq!(house.engine.pulse().await.unwrap().silent, ["mail"]);
    mail.fails(None);
    // As soon as one of them is due, the others follow.
    for _ in 0..61 {
        house.later(60);
        house.worker.tick().await.unwrap();
        if mail.taken.lock().len() == LETTERS {
            break;
        }
    }
    assert_eq!(mail.taken.lock().len(), LETTERS);
    assert!(house.engine.pulse().await.unwrap().silent.is_empty());
}

#[tokio::test]
async fn what_is_sent_again_after_a_crash_goes_under_the_same_id() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 4).await;
    house.act("plain").await;
    assert!(
        house.worker.tick().await.is_err(),
        "the notes of what was sent are lost"
    );
    house.worker.tick().await.unwrap();
    house.worker.tick().await.unwrap();
    let mut ids = Vec::new();
    for provider in &house.providers {
        let taken = provider.taken.lock();
        assert_eq!(taken.len(), 2, "at least once");
        assert_eq!(
            taken[0], taken[1],
            "the same letter under the same id: the provider knows it"
        );
        ids.push(taken[0].id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each way has its own");
}

#[tokio::test]
async fn the_night_is_quiet_but_for_what_is_urgent() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let mail = &house.providers[0];
    house.at("2026-11-24T21:30:00+09:00");
    house.act("plain").await;
    house.act("hurried").await;
    house.worker.tick().await.unwrap();
    assert_eq!(mail.subjects(), ["急ぎ"]);
    house.at("2026-11-25T07:59:00+09:00");
    house.worker.tick().await.unwrap();
    assert_eq!(mail.subjects(), ["急ぎ"]);
    house.at("2026-11-25T08:00:00+09:00");
    house.worker.tick().await.unwrap();
    assert_eq!(mail.subjects(), ["急ぎ", "文-001 が届きました"]);
    house.prefer(&house.owner, "ja", None, false).await;
    house.at("2026-11-25T23:00:00+09:00");
    house.act("plain").await;
    house.worker.tick().await.unwrap();
    assert_eq!(mail.subjects().len(), 3);
}

#[tokio::test]
async fn a_reader_is_written_to_in_their_language() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let mail = &house.providers[0];
    house.prefer(&house.owner, "en", None, false).await;
    house.act("plain").await;
    house.act("named").await;
    house.prefer(&house.owner, "ja-easy", None, false).await;
    house.worker.tick().await.unwrap();
    // The language that stands when it is sent counts; here it has no translation, so the Japanese goes.
    assert!(mail.subjects().contains(&"文-001 が届きました".to_owned()));
    mail.taken.lock().clear();
    house.prefer(&house.owner, "en", None, false).await;
    house.act("plain").await;
    house.act("named").await;
    house.worker.tick().await.unwrap();
    let mut subjects = mail.subjects();
    subjects.sort();
    assert_eq!(subjects, ["We have 文-003", "You have a message"]);
    let on_page = house.bench.messages(&house.owner).await;
    let english = on_page.iter().filter_map(|row| row.others.get("en"));
    assert!(
        english
            .into_iter()
            .any(|said| said.body == "We look at it, 花子.")
    );
}

#[tokio::test]
async fn what_never_arrives_is_seen_at_the_desk_and_by_its_reader() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let clerk = house
        .bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await;
    let other = house
        .bench
        .person("other", vec![seat("clerk", Some("別の係"))])
        .await;
    let (mail, sms) = (&house.providers[0], &house.providers[1]);
    mail.fails(Some(SendFault::Gone("宛先がありません（hanako）".into())));
    sms.fails(Some(SendFault::Never("断られました".into())));
    house.act("plain").await;
    house.worker.tick().await.unwrap();
    let seen = house.engine.undelivered(&clerk).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter().all(|one| !one.why.contains("hanako")),
        "an address is not written down"
    );
    assert!(house.engine.undelivered(&other).await.unwrap().is_empty());
    assert!(house.engine.undelivered(&house.owner).await.is_err());
    let contact = house.engine.contact(&house.owner).await.unwrap();
    let of = |channel| {
        contact
            .ways
            .iter()
            .find(|way| way.channel == channel)
            .unwrap()
    };
    assert!(
        !of(Channel::Mail).on && of(Channel::Mail).fault.is_some(),
        "an address that is gone is switched off"
    );
    assert!(of(Channel::Sms).on && of(Channel::Sms).fault.is_some());
    assert!(
        house
            .engine
            .undelivered_seen(&other, seen[0].id)
            .await
            .is_err()
    );
    house
        .engine
        .undelivered_seen(&clerk, seen[0].id)
        .await
        .unwrap();
    assert_eq!(house.engine.undelivered(&clerk).await.unwrap().len(), 1);
    assert_eq!(
        house.bench.messages(&house.owner).await.len(),
        1,
        "My Page has it all the same"
    );
}

#[tokio::test]
async fn a_desk_is_written_to_only_where_an_official_asks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let mail = &house.providers[0];
    let clerk = house
        .bench
        .person("clerk", vec![seat("clerk", Some("見本係"))])
        .await;
    let id = house
        .engine
        .add_way(&clerk, Channel::Mail, "clerk", "654321")
        .await
        .unwrap();
    house
        .engine
        .confirm_way(&clerk, id, "654321")
        .await
        .unwrap();
    mail.taken.lock().clear();
    house.act("asked").await;
    house.worker.tick().await.unwrap();
    assert!(mail.taken.lock().is_empty());
    house.prefer(&clerk, "ja", None, true).await;
    house.act("asked").await;
    house.worker.tick().await.unwrap();
    let to: Vec<String> = mail
        .taken
        .lock()
        .iter()
        .map(|letter| letter.to.clone())
        .collect();
    assert_eq!(to, ["clerk"]);
    // Whoever has left the desk is written to no more, though they never turned it off.
    mail.taken.lock().clear();
    let elsewhere = vec![seat("clerk", Some("別の係"))];
    house.bench.person("clerk", elsewhere).await;
    house.act("asked").await;
    house.worker.tick().await.unwrap();
    assert!(mail.taken.lock().is_empty());
}

#[tokio::test]
async fn an_address_counts_only_once_its_owner_has_proved_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(dir.path(), 0).await;
    let mail = &house.providers[0];
    let other = house.bench.person("other", Vec::new()).await;
    let engine = &house.engine;
    let id = engine
        .add_way(&other, Channel::Mail, "somebody", "111111")
        .await
        .unwrap();
    house.prefer(&other, "ja", None, false).await;
    let contact = engine.contact(&other).await.unwrap();
    assert!(
        contact.open_ways().next().is_none(),
        "it cannot be switched on before"
    );
    for left in (0..5).rev() {
        let fault = engine
            .confirm_way(&other, id, "000000")
            .await
            .unwrap_err()
            .to_string();
        assert!(left == 0 || !fault.is_empty());
    }
    assert!(
        engine.confirm_way(&other, id, "111111").await.is_err(),
        "five wrong codes are enough"
    );
    engine
        .add_way(&other, Channel::Mail, "somebody", "222222")
        .await
        .unwrap();
    house.later(31 * 60);
    assert!(
        engine.confirm_way(&other, id, "222222").await.is_err(),
        "its time is over"
    );
    engine
        .add_way(&other, Channel::Mail, "somebody", "333333")
        .await
        .unwrap();
    engine
        .confirm_way(&other, id, "３３３３３３")
        .await
        .unwrap();
    assert_eq!(engine.contact(&other).await.unwrap().open_ways().count(), 1);
    let before = mail.taken.lock().len();
    let mut refused = 0;
    for at in 0..10 {
        refused += usize::from(
            engine
                .add_way(&other, Channel::Mail, &format!("a{at}"), "1")
                .await
                .is_err(),
        );
    }
    assert!(refused >= 5, "nobody is flooded with codes");
    assert!(mail.taken.lock().len() - before <= 5);
    assert_eq!(
        morning(TODAY)
            .checked_add(SignedDuration::from_mins(31))
            .unwrap(),
        engine.now()
    );
}
