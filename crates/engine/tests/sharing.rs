//! Reading of another service's records under a law or a consent: only what the holder gives, only while the consent
//! stands, each reading noted with its ground before it is answered.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, acting, beside_registers, done, opening, refusal, seat, sound};
use engine::{CONSENT, CONSENTS, Failure, RecordView, UseView};
use jiff::ToSpan as _;
use kernel::looks::LookQuery;
use kernel::port::{Lane, Store as _};
use kernel::{Actor, RecordId, RefusalKind};
use serde_json::{Value as Json, json};

const HEAD: &str = r#"
title: TITLE
initiatives: ["NUMBER"]
area: 共通
category: "01"
status: running
owner: 見本局
summary: 架空の手続きです。
roles: { clerk: 係, other: 別の係 }
"#;

/// Benefits: what is read.
const BENEFIT: &str = r#"
title: 手当
label: kind
office: '"手当所"'
parties:
  owner: { title: 受ける人, is: [person], owner: true }
fields:
  kind: { type: text, title: 手当の種類, required: true }
  secret: { type: text, title: 事情, required: true }
gives: { to: [asker], fields: [kind] }
states:
  paid: { title: 支給中 }
  ended: { title: 終わり, ended: true }
actions:
  claim: { title: 求める, by: owner, opens: true, to: paid, form: [kind, secret] }
  end: { title: 終える, by: desk.clerk, from: paid, to: ended }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
"#;

/// Applications: whose clerks read.
const APPLICATION: &str = r#"
title: 減免の申請
label: why
office: '"減免所"'
arrives_at: submit
parties:
  applicant: { title: 申請者, is: [person], owner: true }
fields:
  why: { type: text, title: 理由, required: true }
  agreed: { type: declaration, title: 同意, text: 手当の種類を減免の担当が見ることに同意します。 }
uses:
  benefits:
    title: 受けている手当
    from: lender/benefit
    of: applicant
    states: [paid]
    fields: [kind]
    for: desk.clerk
    ground: { purpose: 減免の審査, consent: agreed, days: 30 }
  by_law:
    title: 受けていた手当
    from: lender/benefit
    of: applicant
    fields: [kind]
    for: desk.clerk
    ground: { purpose: 過払いの調べ, law: 見本条例 第3条 }
states:
  draft: { title: 下書き }
  open: { title: 審査中, waits_for: desk.clerk }
  done: { title: 終わり, ended: true }
actions:
  save: { title: 保存する, by: applicant, opens: true, from: draft, form: any }
  submit: { title: 申請する, by: applicant, opens: true, from: draft, to: open, form: [why, agreed] }
  end: { title: 終える, by: desk.clerk, from: open, to: done }
see:
  - { who: applicant, scope: own }
  - { who: [desk.clerk, desk.other], scope: office, states: { except: [draft] } }
"#;

fn files(benefit: &str, application: &str) -> definition::Source {
    let head = |title: &str, number: &str| HEAD.replace("TITLE", title).replace("NUMBER", number);
    beside_registers([
        ("lender/service.yaml", head("手当の支給", "001")),
        ("lender/records/benefit.yaml", benefit.to_owned()),
        ("asker/service.yaml", head("減免", "002")),
        ("asker/records/application.yaml", application.to_owned()),
    ])
}

struct Town {
    bench: Bench,
    hana: Actor,
    taro: Actor,
    clerk: Actor,
    _dir: tempfile::TempDir,
}

impl Town {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), sound(&files(BENEFIT, APPLICATION)), 1);
        let hana = bench.person("hana", Vec::new()).await;
        let taro = bench.person("taro", Vec::new()).await;
        let clerk = bench
            .person("clerk", vec![seat("clerk", Some("減免所"))])
            .await;
        let town = Self {
            bench,
            hana,
            taro,
            clerk,
            _dir: dir,
        };
        town.claim(&town.hana, "児童手当").await;
        town.claim(&town.taro, "ほかの人の手当").await;
        town
    }

    async fn claim(&self, who: &Actor, kind: &str) {
        let said = json!({"kind": kind, "secret": "言えない事情"});
        let claim = opening(who, "lender", "benefit", "claim", said);
        done(self.bench.engine.perform(claim).await);
    }

    async fn apply(&self, who: &Actor, agreed: bool) -> RecordView {
        let said = json!({"why": "くらしが苦しい", "agreed": agreed});
        let submit = opening(who, "asker", "application", "submit", said);
        done(self.bench.engine.perform(submit).await)
    }

    async fn read(&self, who: &Actor, id: RecordId, name: &str) -> Result<UseView, Failure> {
        let place = ("asker", "application", id);
        self.bench.engine.used(who, place, name).await
    }

    /// What a clerk reads; none where there is no consent.
    async fn kinds(&self, id: RecordId, name: &str) -> Option<Vec<Json>> {
        let read = self.read(&self.clerk, id, name).await.unwrap();
        assert!(!read.unconsented || read.items.is_empty());
        for item in &read.items {
            let names: Vec<&String> = item.keys().collect();
            assert_eq!(names, ["kind"], "no more than is given");
        }
        let kinds = read.items.iter().map(|item| item["kind"].clone());
        (!read.unconsented).then(|| kinds.collect())
    }

    /// The consents that a person sees as theirs.
    async fn consents(&self, who: &Actor) -> Vec<RecordView> {
        let mine = self.bench.engine.my_items(who).await.unwrap();
        mine.into_iter()
            .filter(|one| one.service.slug == CONSENTS)
            .collect()
    }

    async fn withdraw(&self, who: &Actor, consent: &RecordView) {
        let on = (CONSENTS, CONSENT, consent.id);
        let act = acting(who, on, consent.version, "withdraw", json!({}));
        done(self.bench.engine.perform(act).await);
    }

    fn pass(&self, days: i64) {
        let then = self.bench.engine.now() + jiff::SignedDuration::from_hours(24 * days);
        self.bench.clock.set(then);
    }
}

fn is_404(answer: Result<UseView, Failure>) -> bool {
    matches!(answer, Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound)
}

#[tokio::test]
async fn a_consent_lets_read_from_the_arrival_on_until_it_is_withdrawn() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, true).await;
    let own = Some(vec![json!("児童手当")]);
    assert_eq!(town.kinds(case.id, "benefits").await, own);
    let consents = town.consents(&town.hana).await;
    let [consent] = consents.as_slice() else {
        panic!("one consent");
    };
    assert_eq!(consent.fields["what"], "手当の種類");
    assert_eq!(consent.fields["purpose"], "減免の審査");
    assert_eq!(consent.fields["reader_roles"], "係");
    town.withdraw(&town.hana, consent).await;
    assert_eq!(town.kinds(case.id, "benefits").await, None, "at once");
    assert_eq!(town.kinds(case.id, "by_law").await, own, "law asks nobody");
    // Neither her next application nor somebody else's is covered by it.
    let plain = town.apply(&town.hana, false).await;
    assert_eq!(town.kinds(plain.id, "benefits").await, None);
    assert!(town.consents(&town.taro).await.is_empty());
}

#[tokio::test]
async fn a_draft_consents_to_nothing_until_it_arrives() {
    let town = Town::new().await;
    let said = json!({"why": "くらし", "agreed": true});
    let save = opening(&town.hana, "asker", "application", "save", said);
    let draft = done(town.bench.engine.perform(save).await);
    assert!(town.consents(&town.hana).await.is_empty());
    let on = ("asker", "application", draft.id);
    let submit = acting(&town.hana, on, draft.version, "submit", json!({}));
    done(town.bench.engine.perform(submit).await);
    assert_eq!(town.consents(&town.hana).await.len(), 1);
    assert!(town.kinds(draft.id, "benefits").await.is_some());
}

#[tokio::test]
async fn whoever_is_no_reader_reads_nothing_and_learns_nothing() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, true).await;
    for (login, role, office) in [
        ("elsewhere", "clerk", "よその所"),
        ("other", "other", "減免所"),
        ("lender", "clerk", "手当所"),
    ] {
        let official = town
            .bench
            .person(login, vec![seat(role, Some(office))])
            .await;
        for name in ["benefits", "by_law", "nothing"] {
            assert!(is_404(town.read(&official, case.id, name).await), "{login}");
        }
    }
    assert!(is_404(town.read(&town.hana, case.id, "benefits").await));
    assert!(is_404(town.read(&Actor::public(), case.id, "by_law").await));
}

#[tokio::test]
async fn each_reading_is_noted_with_its_ground_before_it_is_answered() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, true).await;
    town.kinds(case.id, "benefits").await.unwrap();
    let query = LookQuery {
        account: town.clerk.account,
        limit: 50,
        ..LookQuery::default()
    };
    let notes = town.bench.store.looks().looks(query).await.unwrap().items;
    let crossed = notes.iter().find(|look| look.note.service == "lender");
    let note = &crossed.expect("a note on what was read").note;
    let purpose = note.purpose.as_deref();
    assert_eq!(purpose, Some("減免の審査（根拠：本人の同意）"));
    assert_eq!(note.role.as_deref(), Some("clerk"));
}

#[tokio::test]
async fn nobody_else_consents_and_words_of_ones_own_open_nothing() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, false).await;
    let day = (town.bench.engine.today() + 10.days()).to_string();
    let terms = |purpose: &str| {
        json!({
            "holder": "手当の支給（手当）", "what": "手当の種類", "reader": "減免", "reader_roles": "係",
            "purpose": purpose, "statement": "手当の種類を減免の担当が見ることに同意します。", "last_day": day,
            "reader_service": "asker", "reader_use": "application/benefits", "for_record": case.id.to_string(),
        })
    };
    let give = |who: &Actor, purpose: &str| opening(who, CONSENTS, CONSENT, "give", terms(purpose));
    // Another person's consent for her application.
    done(
        town.bench
            .engine
            .perform(give(&town.taro, "減免の審査"))
            .await,
    );
    assert_eq!(town.kinds(case.id, "benefits").await, None);
    // Officials give none.
    refusal(
        town.bench
            .engine
            .perform(give(&Actor::public(), "減免の審査"))
            .await,
    );
}

#[test]
fn the_check_refuses_what_crosses_without_a_ground_or_a_giver() {
    let told = |benefit: &str, application: &str| {
        let loaded = definition::load(&files(benefit, application), common::TODAY);
        let codes = loaded.diagnostics.iter().map(|one| one.code);
        codes.collect::<Vec<_>>()
    };
    assert_eq!(told(BENEFIT, APPLICATION), Vec::<&str>::new());
    let not_given = BENEFIT.replace("to: [asker]", "to: [somebody]");
    assert_eq!(told(&not_given, APPLICATION), ["not-given", "not-given"]);
    let more = APPLICATION.replace("fields: [kind]", "fields: [kind, secret]");
    assert_eq!(told(BENEFIT, &more), ["not-given", "not-given"]);
    let ground = "{ purpose: 過払いの調べ, law: 見本条例 第3条 }";
    let none = APPLICATION.replace(ground, "{ purpose: 過払いの調べ }");
    assert_eq!(told(BENEFIT, &none), ["ground"]);
    let demanded = APPLICATION.replace("type: declaration,", "type: declaration, required: true,");
    assert_eq!(told(BENEFIT, &demanded), ["consent-required"]);
    let abroad = BENEFIT.replace(
        "office: '\"手当所\"'",
        "office: '\"手当所\"'\nmunicipality: '\"13202\"'",
    );
    let abroad = abroad.replace(
        "desk.clerk, scope: office",
        "desk.clerk, scope: municipality",
    );
    assert!(told(&abroad, APPLICATION).contains(&"no-ground"));
}

/// Random people agree, do not, withdraw, and days pass: what a clerk reads is what a model of three lines says.
#[tokio::test]
async fn what_is_read_is_what_stands_consented() {
    let town = Town::new().await;
    let mut seed = 20_261_123_u64;
    let mut dice = move |sides: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    // Case, who, whether consented, the last day.
    let mut cases = Vec::new();
    for _ in 0..60 {
        match dice(4) {
            0 | 1 => {
                let who = if dice(2) == 0 { &town.hana } else { &town.taro };
                let agreed = dice(3) > 0;
                let case = town.apply(who, agreed).await;
                let last = town.bench.engine.today() + 29.days();
                cases.push((case.id, who.clone(), agreed, last));
            }
            2 if !cases.is_empty() => {
                let at = usize::try_from(dice(cases.len() as u64)).unwrap();
                let (id, who, stands, _) = &mut cases[at];
                for consent in town.consents(who).await {
                    let kept = town.bench.store.snapshots(&[consent.id]).await.unwrap();
                    let of_case = kept[0].fields.values().any(|one| *one == id.to_string());
                    if consent.state == "given" && of_case {
                        town.withdraw(who, &consent).await;
                    }
                }
                *stands = false;
            }
            _ => town.pass(i64::try_from(dice(9)).unwrap()),
        }
        let today = town.bench.engine.today();
        for (id, _, stands, last) in &cases {
            let expected = *stands && today <= *last;
            assert_eq!(town.kinds(*id, "benefits").await.is_some(), expected);
        }
    }
    assert!(cases.iter().any(|one| one.2) && cases.iter().any(|one| !one.2));
}

/// 開示請求: all of one person, with who looked at it and why, and nothing of another.
#[tokio::test]
async fn all_that_is_held_about_a_person_is_found_with_its_history_and_readings() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, true).await;
    town.apply(&town.taro, true).await;
    town.kinds(case.id, "benefits").await.unwrap();
    let held = town.bench.engine.held_about(town.hana.party.unwrap()).await;
    let held = held.unwrap();
    let mut kinds: Vec<&str> = held.iter().map(|one| one.record_type.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["application", "benefit", "consent"]);
    let benefit = held
        .iter()
        .find(|one| one.record_type == "benefit")
        .unwrap();
    assert_eq!(benefit.body["record"]["fields"]["secret"], "言えない事情");
    assert_eq!(benefit.body["history"][0]["action"], "claim");
    let purpose = &benefit.body["looks"][0]["purpose"];
    assert_eq!(purpose, "減免の審査（根拠：本人の同意）");
    let said: String = held.iter().map(|one| one.body.to_string()).collect();
    assert!(!said.contains("ほかの人の手当"));
}

/// The consents that wait to be kept.
async fn waiting(town: &Town) -> usize {
    let far = town.bench.engine.now() + jiff::SignedDuration::from_hours(24 * 400);
    let rows = town.bench.store.outbox(Lane::Inside, far, 100).await;
    let rows = rows.unwrap().into_iter();
    rows.filter(|row| row.entry.order.kind() == "consent")
        .count()
}

#[tokio::test]
async fn a_consent_stands_in_the_acts_own_commit_and_is_kept_once() {
    let town = Town::new().await;
    let case = town.apply(&town.hana, true).await;
    assert_eq!(waiting(&town).await, 1);
    let consents = town.consents(&town.hana).await;
    town.withdraw(&town.hana, &consents[0]).await;
    town.bench.tick().await;
    assert_eq!(waiting(&town).await, 0);
    assert_eq!(town.consents(&town.hana).await.len(), 1);
    assert_eq!(
        town.kinds(case.id, "benefits").await,
        None,
        "it stays withdrawn"
    );
    town.apply(&town.hana, false).await;
    assert_eq!(waiting(&town).await, 0, "who does not agree gives none");
}

#[tokio::test]
async fn a_consent_that_cannot_be_kept_at_once_is_kept_later_and_seen_meanwhile() {
    let town = Town::new().await;
    let child = kernel::PartyId(uuid::Uuid::from_u128(4_711));
    // What the account says of its hats does not come with the act: it is read anew, and is not there yet.
    let for_child = Actor {
        on_behalf_of: Some(child),
        on_behalf_kind: Some("person".into()),
        on_behalf_name: Some("花の子".into()),
        ..town.hana.clone()
    };
    let case = town.apply(&for_child, true).await;
    assert_eq!(town.kinds(case.id, "benefits").await, None);
    town.bench.tick().await;
    let stuck = town.bench.store.stuck(10).await.unwrap();
    assert_eq!(stuck.len(), 1, "an operator sees it");
    assert_eq!(town.kinds(case.id, "benefits").await, None);
    let account = town.bench.store.account(town.hana.account.unwrap());
    let mut account = account.await.unwrap().unwrap();
    account.hats.push(kernel::port::Party {
        id: child,
        kind: "person".into(),
        name: "花の子".into(),
        corporate_number: None,
        mandates: None,
    });
    town.bench.engine.put_account(account).await.unwrap();
    town.pass(1);
    town.bench.tick().await;
    assert!(town.bench.store.stuck(10).await.unwrap().is_empty());
    assert_eq!(town.kinds(case.id, "benefits").await, Some(Vec::new()));
}
