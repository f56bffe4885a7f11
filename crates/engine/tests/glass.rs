//! 緊急閲覧: whoever has the role reads what they named, for the hours that the package says, and no more; each asking and
//! each reading is written down before it is answered, and a keeper looks through it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, done, one_service, opening, seat, sound};
use engine::{
    ACCESS, Clock as _, EMERGENCIES, Failure, GlassAnswer, GlassRequest, ListRequest, RecordView,
};
use jiff::SignedDuration;
use kernel::looks::LookQuery;
use kernel::port::Store as _;
use kernel::{Actor, RecordId, Refusal, RefusalKind};
use serde_json::{Value as Json, json};

const SLUG: &str = "glass-test";
const OFFICE: &str = "見本所";

const ROLES: &str = "roles: { clerk: 係, chief: 長, night: 当番 }";

const CASE: &str = r#"
title: 相談
label: name
authority: '"13000"'
office: '"見本所"'
number: { pattern: "相-{seq:05}", drawn_at: hand_in }
parties:
  owner: { title: 相談した人, is: [person], owner: true }
  other: { title: 相手, is: [person] }
fields:
  name: { type: text, title: 名前, required: true }
  born: { type: date, title: 生年月日 }
  address: { type: text, title: 住所, sensitive: true }
  guarded: { type: boolean, title: 制限 }
closed: { when: 'get or else(guarded, false)', circle: desk.chief, hides_from: other }
break_glass:
  by: desk.night
  hours: 8
  reasons: { life: 生命の危険 }
  find: [by_number, by_person]
has:
  visits: { type: visit, title: 訪問 }
states:
  open: { title: 相談中, waits_for: desk.clerk }
  done: { title: 終わり, ended: true }
actions:
  hand_in: { title: 相談する, by: owner, opens: true, to: open, form: [name, born, address] }
  plan: { title: 訪ねる, by: [desk.clerk, desk.chief], from: open, change: [{ open: visit, as: visits, with: { said: name } }] }
  end: { title: 終える, by: [desk.clerk, desk.chief, desk.night], from: open, to: done }
  guard: { title: 制限する, by: desk.chief, from: open, change: [{ set: this, fields: { guarded: 'true' } }] }
see:
  - { who: owner, scope: own }
  - { who: [desk.clerk, desk.chief, desk.night], scope: office }
indexes:
  by_number: { keys: [number] }
  by_person: { keys: [name, born] }
"#;

const VISIT: &str = r#"
title: 訪問
label: said
authority: parent.authority
office: parent.office
fields:
  said: { type: text, title: 聞いたこと, required: true }
break_glass: { by: desk.night, reasons: { life: 生命の危険 }, find: by_said }
states:
  open: { title: 予定 }
  done: { title: 済み, ended: true }
actions:
  end: { title: 終える, by: [desk.clerk, desk.chief], from: open, to: done }
see:
  - { who: [desk.clerk, desk.chief], scope: office }
indexes:
  by_said: { keys: [said] }
"#;

struct Town {
    bench: Bench,
    owner: Actor,
    chief: Actor,
    keeper: Actor,
    _dir: tempfile::TempDir,
}

async fn town() -> Town {
    let dir = tempfile::tempdir().unwrap();
    let source = one_service(SLUG, "相談", ROLES, &[("case", CASE), ("visit", VISIT)]);
    let bench = Bench::new(dir.path(), sound(&source), 1);
    bench
        .person("night", vec![seat("night", Some("よその所"))])
        .await;
    Town {
        owner: bench.person("owner", vec![]).await,
        chief: bench
            .person("chief", vec![seat("chief", Some(OFFICE))])
            .await,
        keeper: bench
            .person("keeper", vec![seat("keeper", Some(OFFICE))])
            .await,
        bench,
        _dir: dir,
    }
}

impl Town {
    /// Who is on duty, with the passes of this moment: as whoever comes to the door.
    async fn night(&self) -> Actor {
        self.at_the_door("night").await
    }

    async fn at_the_door(&self, login: &str) -> Actor {
        let engine = &self.bench.engine;
        let account = engine.account_by_login(login).await.unwrap().unwrap();
        let secret = format!("secret of {login}");
        let until = self
            .bench
            .clock
            .now()
            .checked_add(SignedDuration::from_hours(900));
        engine
            .open_session(&secret, account.id, "token", until.unwrap())
            .await
            .unwrap();
        let signed = engine.signed_in(&secret).await.unwrap().unwrap();
        engine.actor(&signed.account, None).unwrap()
    }

    async fn case(&self, name: &str) -> RecordView {
        let input = json!({"name": name, "born": "1990-04-01", "address": "かくれ町1"});
        let act = opening(&self.owner, SLUG, "case", "hand_in", input);
        done(self.bench.engine.perform(act).await)
    }

    async fn act(
        &self,
        who: &Actor,
        place: (&str, &str),
        id: RecordId,
        action: &str,
        input: Json,
    ) -> Result<RecordView, Failure> {
        let on = (place.0, place.1, id);
        let act = self.bench.acting(who, on, action, input).await;
        self.bench.engine.perform(act).await.map(|done| done.view)
    }

    async fn ask(&self, who: &Actor, find: &str, keys: &[&str]) -> Result<GlassAnswer, Failure> {
        let request = GlassRequest {
            service: SLUG.into(),
            record_type: "case".into(),
            find: find.into(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            reason: "life".into(),
            words: "けがをして運ばれた人の連絡先を知る必要がある".into(),
        };
        self.bench.engine.break_glass(who, &request).await
    }

    async fn read(&self, who: &Actor, id: RecordId) -> Result<RecordView, Failure> {
        self.bench
            .engine
            .record(who, None, SLUG, "case", id, None)
            .await
    }

    async fn listed(&self, who: &Actor, place: (&str, &str)) -> Vec<RecordView> {
        let request = ListRequest::default();
        let page = self
            .bench
            .engine
            .list(who, place.0, place.1, &request)
            .await;
        page.unwrap().items
    }
}

#[tokio::test]
async fn what_is_closed_is_read_for_some_hours_by_whoever_names_it_and_may() {
    let town = town().await;
    let engine = &town.bench.engine;
    let case = town.case("佐藤花子").await;
    let number = case.number.clone().unwrap();
    town.act(&town.chief, (SLUG, "case"), case.id, "plan", json!({}))
        .await
        .unwrap();
    town.act(&town.chief, (SLUG, "case"), case.id, "guard", json!({}))
        .await
        .unwrap();
    let night = town.night().await;
    assert_eq!(
        refused(town.read(&night, case.id).await).kind,
        RefusalKind::NotFound
    );
    // Who has not the role is told nothing, not even that such a thing could be asked.
    for who in [&town.owner, &town.chief, &town.keeper] {
        assert!(engine.glass_kinds(who).is_empty());
        let told = refused(town.ask(who, "by_number", &[&number]).await);
        assert_eq!(told.kind, RefusalKind::NotFound);
    }
    assert_eq!(engine.glass_kinds(&night).len(), 2);
    assert!(matches!(
        town.ask(&night, "by_number", &["相-99999"]).await,
        Ok(GlassAnswer::Missed)
    ));
    let opened = town
        .ask(&night, "by_person", &["佐藤花子", "1990-04-01"])
        .await
        .unwrap();
    assert!(matches!(opened, GlassAnswer::Opened { .. }));

    let night = town.night().await;
    let seen = town.read(&night, case.id).await.unwrap();
    assert_eq!(seen.fields["name"], json!("佐藤花子"));
    assert!(
        !seen.fields.contains_key("address"),
        "what is sensitive is named or stays hidden"
    );
    assert!(seen.actions.is_empty() && seen.glass.is_some());
    assert!(seen.closed.is_some_and(|closing| closing.ground.is_none()));
    assert_eq!(
        seen.children["visits"].len(),
        1,
        "what hangs on it is read with it"
    );
    assert_eq!(town.listed(&night, (SLUG, "case")).await.len(), 1);
    let told = refused(
        town.act(&night, (SLUG, "case"), case.id, "end", json!({}))
            .await,
    );
    assert_ne!(told.kind, RefusalKind::NotFound);
    // The note is there before the answer, with the reason for its purpose and the pass that allowed it.
    let query = LookQuery {
        records: vec![case.id],
        limit: 50,
        ..LookQuery::default()
    };
    let notes = engine_looks(&town, query).await;
    let entry = town.listed(&town.keeper, (EMERGENCIES, ACCESS)).await;
    let entry = entry
        .iter()
        .find(|one| one.state == "open")
        .unwrap()
        .clone();
    assert!(notes.iter().any(|note| note.glass == Some(entry.id.0)
        && note.purpose.as_deref() == Some("緊急閲覧：生命の危険")));

    // By the clock it ends.
    let later = town.bench.clock.now() + SignedDuration::from_hours(8);
    town.bench.clock.set(later);
    let night = town.night().await;
    assert!(night.passes.is_empty());
    assert_eq!(
        refused(town.read(&night, case.id).await).kind,
        RefusalKind::NotFound
    );
    assert!(town.listed(&night, (SLUG, "case")).await.is_empty());
}

#[tokio::test]
async fn a_keeper_looks_through_it_and_ends_it() {
    let town = town().await;
    let engine = &town.bench.engine;
    let case = town.case("佐藤花子").await;
    let night = town.night().await;
    let number = case.number.clone().unwrap();
    town.ask(&night, "by_number", &[&number]).await.unwrap();
    town.bench.tick().await;
    let told = engine.messages(&town.keeper, None, 10).await.unwrap();
    assert!(
        told.iter()
            .any(|message| message.subject.starts_with("緊急閲覧がありました"))
    );
    let waiting = engine.glass_to_check(&town.keeper).await.unwrap().unwrap();
    assert_eq!(waiting.len(), 1);
    let entry = &waiting[0];
    assert_eq!(
        entry.fields["words"],
        json!("けがをして運ばれた人の連絡先を知る必要がある")
    );
    // Auditors see all entries, and not what may tell what a record says.
    let auditor = town
        .bench
        .person("auditor", vec![seat("auditor", None)])
        .await;
    let audited = town.listed(&auditor, (EMERGENCIES, ACCESS)).await;
    assert_eq!(audited.len(), 1);
    assert!(!audited[0].fields.contains_key("words") && !audited[0].fields.contains_key("named"));
    // Asking again while it is open is no second entry.
    let night = town.night().await;
    town.ask(&night, "by_number", &[&number]).await.unwrap();
    assert_eq!(town.listed(&auditor, (EMERGENCIES, ACCESS)).await.len(), 1);
    assert!(town.read(&night, case.id).await.is_ok());
    let place = (EMERGENCIES, ACCESS);
    let because = json!({"because": "当番の記録にない求めだった"});
    let told = refused(
        town.act(&night, place, entry.id, "justify", because.clone())
            .await,
    );
    assert_eq!(
        told.kind,
        RefusalKind::NotFound,
        "who asks sees nothing of the register"
    );
    town.act(&town.keeper, place, entry.id, "refuse", because)
        .await
        .unwrap();
    let night = town.night().await;
    assert_eq!(
        refused(town.read(&night, case.id).await).kind,
        RefusalKind::NotFound
    );
    assert!(
        engine
            .glass_to_check(&town.keeper)
            .await
            .unwrap()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn nobody_fishes_and_half_a_name_names_nobody() {
    let town = town().await;
    let case = town.case("佐藤花子").await;
    let twin = town.case("佐藤花子").await;
    let night = town.night().await;
    let told = refused(town.ask(&night, "by_person", &["佐藤花子", ""]).await);
    assert_eq!(told.kind, RefusalKind::Invalid);
    assert_eq!(told.faults[0].pointer, "/keys/1");
    // Of two who fit none is meant.
    let both = town
        .ask(&night, "by_person", &["佐藤花子", "1990-04-01"])
        .await;
    assert!(matches!(both, Ok(GlassAnswer::Missed)));
    for _ in 0..4 {
        let missed = town.ask(&night, "by_number", &["相-99999"]).await;
        assert!(matches!(missed, Ok(GlassAnswer::Missed)));
    }
    let number = case.number.clone().unwrap();
    let told = refused(town.ask(&night, "by_number", &[&number]).await);
    assert_eq!(told.kind, RefusalKind::WrongState);
    assert_eq!(
        refused(town.read(&night, twin.id).await).kind,
        RefusalKind::NotFound
    );
}

#[tokio::test]
async fn nobody_looks_through_their_own() {
    let town = town().await;
    let case = town.case("佐藤花子").await;
    let seats = vec![
        seat("night", Some("よその所")),
        seat("keeper", Some(OFFICE)),
    ];
    town.bench.person("both", seats).await;
    let both = town.at_the_door("both").await;
    let number = case.number.clone().unwrap();
    town.ask(&both, "by_number", &[&number]).await.unwrap();
    let place = (EMERGENCIES, ACCESS);
    let entry = town.listed(&both, place).await[0].id;
    let because = json!({"because": "自分で正しいと思う"});
    let told = refused(
        town.act(&both, place, entry, "justify", because.clone())
            .await,
    );
    assert_eq!(told.kind, RefusalKind::Invalid);
    town.act(&town.keeper, place, entry, "justify", because)
        .await
        .unwrap();
    let both = town.at_the_door("both").await;
    assert!(
        town.read(&both, case.id).await.is_ok(),
        "what is justified goes on to its end"
    );
}

#[tokio::test]
async fn who_stands_in_for_another_has_no_glass_to_break() {
    let town = town().await;
    let case = town.case("佐藤花子").await;
    let number = case.number.clone().unwrap();
    let mut night = town.night().await;
    let today = town.bench.engine.today();
    night.seats[0].substitute = Some(kernel::Substitution {
        absent: kernel::Absent {
            account: night.account.unwrap(),
            name: "休む人".into(),
        },
        from: today,
        until: today,
    });
    assert!(town.bench.engine.glass_kinds(&night).is_empty());
    let told = refused(town.ask(&night, "by_number", &[&number]).await);
    assert_eq!(told.kind, RefusalKind::NotFound);
}

async fn engine_looks(town: &Town, query: LookQuery) -> Vec<kernel::port::ReadNote> {
    let page = town.bench.store.looks().looks(query).await.unwrap();
    page.items.into_iter().map(|look| look.note).collect()
}

fn refused<T>(outcome: Result<T, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        Err(failure) => panic!("{failure:?}"),
        Ok(_) => panic!("not refused"),
    }
}
