//! Records closed beyond role (閲覧制限): for everybody but the circle they are as if they were not there, by whichever
//! way one asks; with them what hangs on them; and reading them waits for its note.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, acting, done, object, one_service, opening, refusal, seat, sound};
use engine::{
    AuditRequest, Breach, Chosen, Clock as _, Failure, ListRequest, RecordView, RunRequest,
    RunStatus,
};
use kernel::looks::{LookQuery, Way};
use kernel::port::{OutboxRow, Store as _};
use kernel::{
    Actor, AttachmentId, EffectId, EffectOrder, OutboxEntry, RecordId, RefusalKind, Seat,
};
use serde_json::json;

const SLUG: &str = "closing-test";
const OFFICE: &str = "見本所";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

const WORDS: &str = r#"roles: { clerk: 係, chief: 長, watcher: 統計 }
messages:
  told: { subject: "{{name}}のこと", body: "{{label}}" }"#;

const CASE: &str = r#"
title: 相談
label: name
authority: '"13000"'
office: '"見本所"'
number: { pattern: "相-{seq:05}", drawn_at: hand_in }
parties:
  owner: { title: 相談した人, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true }
  key: { type: text, title: 番号, required: true }
  paper: { type: files, title: 書類, min: 0, max: 2, types: [image/png], max_bytes: 1000000 }
  ground: { type: text, title: 理由, required: true }
  until: { type: date, title: 見直す日 }
  keeper: { type: text, title: 担当, official: { that: 'some s in it.seats satisfies s.office = office', else: この所の職員ではありません。 } }
  guarded: { type: boolean, title: 制限 }
closed:
  title: 閲覧制限（支援措置）
  when: 'get or else(guarded, false)'
  circle: desk.chief
  named: keeper
  ground: ground
  until: until
counter: { by: [desk.clerk], help: 読み上げて確かめます。 }
retention: { years: 1, basis: 仮, by: [desk.clerk], decide: [desk.chief] }
has:
  visits: { type: visit, title: 訪問 }
states:
  open: { title: 相談中, waits_for: desk.clerk }
  done: { title: 終わり, ended: true }
actions:
  hand_in: { title: 相談する, by: owner, opens: true, to: open, form: [name, key, paper] }
  plan: { title: 訪ねる, by: [desk.clerk, desk.chief], from: open, change: [{ open: visit, as: visits, with: { said: name } }] }
  end: { title: 終える, by: [desk.clerk, desk.chief], from: open, to: done }
  tell: { title: 知らせる, by: [desk.clerk, desk.chief], from: open, effect: [{ notify: { to: desk, message: told } }, { notify: { to: owner, message: told } }] }
  guard: { title: 制限する, by: [desk.chief, desk.clerk], from: open, form: [ground, until, keeper], change: [{ set: this, fields: { guarded: 'true' } }] }
  unguard: { title: 解く, by: desk.chief, from: open, change: [{ set: this, fields: { guarded: 'false' } }] }
  stamp: { title: 印を押す, by: [desk.clerk, desk.chief], from: open, batch: 'true' }
see:
  - { who: owner, scope: own }
  - { who: [desk.clerk, desk.chief], scope: office }
  - { who: desk.watcher, scope: all }
  - { who: public, scope: all, fields: { only: [key] } }
search: [name, key]
indexes:
  by_key: { keys: [key] }
unique:
  key: { keys: [key], else: "{{key}} の相談は、もうあります。" }
measures:
  cases: { title: 相談の数, unit: 件, by: { 所: office } }
views:
  all: { title: 一覧, for: [desk.clerk, desk.chief], index: by_key, columns: { 名前: name } }
  count: { title: 数, kind: chart, for: [desk.clerk, desk.chief], measures: [cases], across: 所, shape: bar }
"#;

const VISIT: &str = r#"
title: 訪問
label: said
authority: parent.authority
office: parent.office
fields:
  said: { type: text, title: 聞いたこと, required: true }
has:
  memos: { type: memo, title: 覚え }
states:
  open: { title: 予定 }
  done: { title: 済み, ended: true }
actions:
  end: { title: 終える, by: [desk.clerk, desk.chief], from: open, to: done }
  jot: { title: 書きとめる, by: [desk.clerk, desk.chief], from: open, change: [{ open: memo, as: memos, with: { text: said } }] }
see:
  - { who: [desk.clerk, desk.chief], scope: office }
search: [said]
"#;

const MEMO: &str = r#"
title: 覚え
label: text
authority: parent.authority
office: parent.office
fields:
  text: { type: text, title: 文, required: true }
states:
  open: { title: あり }
  done: { title: 済み, ended: true }
actions:
  end: { title: 消す, by: [desk.clerk, desk.chief], from: open, to: done }
see:
  - { who: [desk.clerk, desk.chief], scope: office }
"#;

const SLIP: &str = r#"
title: 連絡票
label: title
authority: '"13000"'
office: '"見本所"'
fields:
  title: { type: text, title: 見出し, required: true }
  key: { type: text, title: 番号 }
  about: { type: record, title: 相談, of: case }
  copied: { type: text, title: 写し, value: 'if count(same) > 0 then same[1].name else null' }
lookups:
  same: { title: 同じ番号の相談, of: case, index: by_key, keys: [key], limit: 3 }
states:
  open: { title: 未処理 }
  done: { title: 済み, ended: true }
actions:
  write: { title: 書く, by: desk.clerk, opens: true, to: open, form: [title, key, about] }
  end: { title: 終える, by: desk.clerk, from: open, to: done }
  again: { title: 書き直す, by: desk.clerk, from: open, form: [title] }
see:
  - { who: [desk.clerk, desk.chief], scope: office }
views:
  all: { title: 一覧, for: [desk.clerk], index: by_title, columns: { 見出し: title, だれ: 'about.name' } }
indexes:
  by_title: { keys: [title] }
"#;

struct Town {
    bench: Bench,
    owner: Actor,
    clerk: Actor,
    named: Actor,
    chief: Actor,
    _dir: tempfile::TempDir,
}

async fn town() -> Town {
    let dir = tempfile::tempdir().unwrap();
    let source = one_service(
        SLUG,
        "相談",
        WORDS,
        &[
            ("case", CASE),
            ("visit", VISIT),
            ("memo", MEMO),
            ("slip", SLIP),
        ],
    );
    let bench = Bench::new(dir.path(), sound(&source), 1);
    let at = |role: &str| seat(role, Some(OFFICE));
    Town {
        owner: bench.person("owner", vec![]).await,
        clerk: bench.person("clerk", vec![at("clerk")]).await,
        named: bench.person("named", vec![at("clerk")]).await,
        chief: bench.person("chief", vec![at("chief")]).await,
        bench,
        _dir: dir,
    }
}

impl Town {
    async fn case(&self, name: &str, key: &str, paper: &[AttachmentId]) -> RecordView {
        let input = json!({"name": name, "key": key, "paper": paper});
        let act = opening(&self.owner, SLUG, "case", "hand_in", input);
        done(self.bench.engine.perform(act).await)
    }

    async fn act(
        &self,
        who: &Actor,
        kind: &str,
        id: RecordId,
        action: &str,
        input: serde_json::Value,
    ) -> RecordView {
        let act = self.acting(who, kind, id, action, input).await;
        done(self.bench.engine.perform(act).await)
    }

    async fn acting(
        &self,
        who: &Actor,
        kind: &str,
        id: RecordId,
        action: &str,
        input: serde_json::Value,
    ) -> engine::ActRequest {
        let on = (SLUG, kind, id);
        self.bench.acting(who, on, action, input).await
    }

    async fn guard(&self, id: RecordId) {
        let input = json!({"ground": "支援措置", "until": "2027-03-31", "keeper": "named"});
        self.act(&self.chief, "case", id, "guard", input).await;
    }

    async fn read(&self, who: &Actor, kind: &str, id: RecordId) -> Result<RecordView, Failure> {
        let engine = &self.bench.engine;
        engine.record(who, None, SLUG, kind, id, None).await
    }

    async fn list(&self, who: &Actor, kind: &str, q: Option<&str>) -> Vec<RecordId> {
        let request = ListRequest {
            q: q.map(str::to_owned),
            ..ListRequest::default()
        };
        let page = self.bench.engine.list(who, SLUG, kind, &request).await;
        page.unwrap().items.iter().map(|one| one.id).collect()
    }
}

/// The whole answer, so that it can be told from another.
fn said(failure: &Failure) -> String {
    format!("{failure:?}")
}

fn never() -> RecordId {
    RecordId(uuid::Uuid::from_u128(77))
}

#[tokio::test]
async fn for_all_but_the_circle_a_closed_record_is_as_one_that_never_was() {
    let town = town().await;
    let engine = &town.bench.engine;
    let paper = engine
        .upload(&town.owner, "写真.png", PNG.to_vec())
        .await
        .unwrap()
        .id;
    let id = town.case("花子", "k1", &[paper]).await.id;
    town.act(&town.clerk, "case", id, "plan", json!({})).await;
    town.act(&town.clerk, "case", id, "tell", json!({})).await;
    let visit = town.list(&town.clerk, "visit", None).await[0];
    town.act(&town.clerk, "visit", visit, "jot", json!({}))
        .await;
    let memo = town.list(&town.clerk, "memo", None).await[0];
    town.bench.tick().await;
    assert_eq!(town.bench.messages(&town.clerk).await.len(), 1);
    town.guard(id).await;

    let absent = kernel::Absent {
        account: town.chief.account.unwrap(),
        name: "長".into(),
    };
    let substitute = Seat {
        substitute: Some(kernel::Substitution {
            absent,
            from: common::TODAY,
            until: jiff::civil::date(2026, 12, 31),
        }),
        ..seat("chief", Some(OFFICE))
    };
    let outsiders = [
        town.clerk.clone(),
        town.bench.person("substitute", vec![substitute]).await,
        town.bench
            .person("elsewhere", vec![seat("chief", Some("別の所"))])
            .await,
        town.bench
            .person("watcher", vec![seat("watcher", None)])
            .await,
        town.bench.person("stranger", vec![]).await,
        Actor::public(),
    ];
    for who in &outsiders {
        for (kind, id) in [("case", id), ("visit", visit), ("memo", memo)] {
            let never = town.read(who, kind, never()).await.err().unwrap();
            let closed = town.read(who, kind, id).await.err().unwrap();
            assert_eq!(said(&closed), said(&never), "{who:?} {kind}");
            let history = engine
                .history(who, SLUG, kind, id, 0, 10)
                .await
                .err()
                .unwrap();
            assert_eq!(said(&history), said(&never));
            let receipt = engine
                .receipt(who, None, SLUG, kind, id)
                .await
                .err()
                .unwrap();
            assert_eq!(said(&receipt), said(&never));
            assert!(!town.list(who, kind, None).await.contains(&id));
            let feed = engine.changes(who, 0, 100).await.unwrap().items;
            assert!(
                !feed
                    .iter()
                    .any(|one| one.to_string().contains(&id.to_string()))
            );
        }
        assert!(engine.attachment(who, paper).await.is_err());
        for (action, input) in [
            ("stamp", json!({})),
            ("no-such", json!({})),
            ("plan", json!({"x": 1})),
        ] {
            let on_closed = town.acting(who, "case", id, action, input.clone()).await;
            let on_never = acting(who, (SLUG, "case", never()), 1, action, input);
            let [closed, never] = [on_closed, on_never].map(|act| engine.perform(act));
            assert_eq!(
                said(&closed.await.err().unwrap()),
                said(&never.await.err().unwrap()),
                "{action}"
            );
        }
    }
    for who in [&town.chief, &town.named] {
        let seen = town.read(who, "case", id).await.unwrap();
        let closed = seen.closed.unwrap();
        assert_eq!(
            (closed.ground.as_deref(), closed.title.as_str()),
            (Some("支援措置"), "閲覧制限（支援措置）")
        );
        assert!(
            town.read(who, "visit", visit).await.is_ok()
                && town.read(who, "memo", memo).await.is_ok()
        );
        assert_eq!(town.list(who, "case", None).await, [id]);
        assert!(engine.attachment(who, paper).await.is_ok());
    }
    // Its own people see it as ever, and are not told that it is closed.
    let own = town.read(&town.owner, "case", id).await.unwrap();
    assert!(own.closed.is_none());
    // Of what is stuck an operator is not told the record.
    let row = OutboxRow {
        entry: OutboxEntry {
            id: EffectId(uuid::Uuid::from_u128(5)),
            order: EffectOrder::Issue {
                record: id,
                service: SLUG.into(),
                record_type: "case".into(),
                title: "通知".into(),
                letter: AttachmentId(uuid::Uuid::from_u128(6)),
            },
        },
        tries: 1,
        since: engine.now(),
        next_try: None,
        error: None,
    };
    let rows = [row];
    assert!(
        engine
            .closed_among(&outsiders[0], &rows)
            .await
            .unwrap()
            .contains(&id)
    );
    assert!(
        engine
            .closed_among(&town.chief, &rows)
            .await
            .unwrap()
            .is_empty()
    );
    // What was told of it before stands in the desk's mailbox for the circle alone.
    assert!(town.bench.messages(&town.clerk).await.is_empty());
    assert_eq!(town.bench.messages(&town.chief).await.len(), 1);
    assert_eq!(town.bench.messages(&town.owner).await.len(), 1);

    // It does not open by itself.
    town.bench
        .clock
        .set(common::morning(jiff::civil::date(2027, 4, 1)));
    town.bench.tick().await;
    assert!(town.read(&town.clerk, "case", id).await.is_err());
    town.act(&town.chief, "case", id, "unguard", json!({}))
        .await;
    for (kind, id) in [("case", id), ("visit", visit), ("memo", memo)] {
        assert!(town.read(&town.clerk, kind, id).await.is_ok(), "{kind}");
    }
    assert_eq!(town.bench.messages(&town.clerk).await.len(), 1);
}

#[tokio::test]
async fn nothing_beside_a_closed_record_tells_of_it() {
    let town = town().await;
    let engine = &town.bench.engine;
    let id = town.case("花子", "k1", &[]).await.id;
    let input = json!({"title": "連絡", "key": "k1", "about": id});
    let act = opening(&town.clerk, SLUG, "slip", "write", input);
    let slip = done(engine.perform(act).await);
    let slip = town
        .act(
            &town.clerk,
            "slip",
            slip.id,
            "again",
            json!({"title": "連絡1"}),
        )
        .await;
    assert_eq!(slip.fields["copied"], "花子");
    let first_line = async || {
        let page = engine.view_page(&town.clerk, SLUG, "slip", "all", None);
        let (_, cells) = page.await.unwrap().rows.remove(0);
        cells.join(" ")
    };
    assert!(first_line().await.contains("花子"));
    let count = async |who: &Actor| {
        let numbers = engine
            .numbers(who, SLUG, "case", "count", engine::Pick::default())
            .await
            .unwrap();
        numbers
            .sheet
            .unwrap()
            .totals
            .first()
            .map_or(0, |one| i64::try_from(one.unwrap()).unwrap())
    };
    assert_eq!(count(&town.clerk).await, 1);
    assert_eq!(town.list(&town.clerk, "case", Some("花子")).await, [id]);
    town.guard(id).await;

    assert!(
        town.list(&town.clerk, "case", Some("花子"))
            .await
            .is_empty()
    );
    assert!(town.list(&town.clerk, "case", Some("k1")).await.is_empty());
    assert_eq!(count(&town.clerk).await, 0);
    assert!(!first_line().await.contains("花子"));
    let seen = town.read(&town.clerk, "slip", slip.id).await.unwrap();
    assert!(seen.links.values().all(Vec::is_empty) && seen.lookups["same"].is_empty());
    // What is computed anew finds it no longer, whoever acts.
    let again = town
        .act(
            &town.clerk,
            "slip",
            slip.id,
            "again",
            json!({"title": "連絡2"}),
        )
        .await;
    assert!(!again.fields.contains_key("copied"), "{:?}", again.fields);

    // A value that is taken is refused without saying by what; a run says not even the version.
    let input = json!({"name": "太郎", "key": "k1", "paper": []});
    let other = town.bench.person("other", vec![]).await;
    let refused = refusal(
        engine
            .perform(opening(&other, SLUG, "case", "hand_in", input.clone()))
            .await,
    );
    assert_eq!(refused.faults[0].code, "not_accepted");
    assert!(!format!("{refused:?}").contains("もうあります"));
    let refused = refusal(
        engine
            .perform(opening(&town.owner, SLUG, "case", "hand_in", input))
            .await,
    );
    assert_eq!(refused.faults[0].code, "unique");
    let run = RunRequest {
        actor: town.clerk.clone(),
        purpose: None,
        service: SLUG.into(),
        record_type: "case".into(),
        action: "stamp".into(),
        input: object(json!({})),
        chosen: Chosen::Records(vec![(id, None), (never(), None)]),
        idempotency: None,
    };
    let tried = engine.try_run(&run).await.unwrap();
    let [closed, missing] = &tried.items[..] else {
        panic!()
    };
    let refused = |status: &RunStatus| matches!(status, RunStatus::Refused(one) if one.kind == RefusalKind::NotFound);
    assert!(refused(&closed.status) && refused(&missing.status));
    assert_eq!(
        (closed.version, closed.view.is_none()),
        (missing.version, true)
    );
}

#[tokio::test]
async fn what_hangs_on_it_follows_and_what_is_too_much_is_refused() {
    let town = town().await;
    let id = town.case("花子", "k1", &[]).await.id;
    for _ in 0..99 {
        town.act(&town.clerk, "case", id, "plan", json!({})).await;
    }
    town.guard(id).await;
    assert!(town.list(&town.clerk, "visit", None).await.is_empty());
    // What is opened on a closed record is closed from the beginning.
    town.act(&town.chief, "case", id, "plan", json!({})).await;
    assert!(town.list(&town.clerk, "visit", None).await.is_empty());
    assert_eq!(town.store_children(id).await, (100, 100));
    let open = town
        .acting(&town.chief, "case", id, "unguard", json!({}))
        .await;
    let refused = refusal(town.bench.engine.perform(open).await);
    assert!(refused.title.contains("100件まで"), "{refused:?}");
    assert_eq!(town.store_children(id).await, (100, 100));
}

#[tokio::test]
async fn who_closes_without_being_in_the_circle_is_answered_and_then_sees_nothing() {
    let town = town().await;
    let id = town.case("花子", "k1", &[]).await.id;
    let input = json!({"ground": "支援措置"});
    let view = town.act(&town.clerk, "case", id, "guard", input).await;
    assert_eq!(view.id, id);
    assert!(town.read(&town.clerk, "case", id).await.is_err());
    assert!(town.read(&town.named, "case", id).await.is_err());
    assert!(town.read(&town.chief, "case", id).await.is_ok());
}

#[tokio::test]
async fn reading_what_is_closed_is_noted_first_and_auditors_learn_no_number() {
    let town = town().await;
    let engine = &town.bench.engine;
    let open = town.case("太郎", "k2", &[]).await;
    let closed = town.case("花子", "k1", &[]).await;
    town.guard(closed.id).await;
    let notes = async |record: RecordId| {
        let query = LookQuery {
            records: vec![record],
            account: town.chief.account,
            limit: 50,
            ..LookQuery::default()
        };
        town.bench.store.looks().looks(query).await.unwrap().items
    };
    town.read(&town.chief, "case", closed.id).await.unwrap();
    // No worker has run, and nothing is waited for: the note is there before the answer.
    assert!(
        notes(closed.id)
            .await
            .iter()
            .any(|look| look.note.way == Way::Record)
    );
    town.list(&town.chief, "case", None).await;
    assert!(
        notes(closed.id)
            .await
            .iter()
            .any(|look| look.note.way == Way::List)
    );

    let auditor = town
        .bench
        .person("auditor", vec![seat("auditor", None)])
        .await;
    town.read(&town.chief, "case", open.id).await.unwrap();
    town.bench.tick().await;
    let request = AuditRequest {
        reader: Some("chief".into()),
        ..AuditRequest::default()
    };
    let mut numbers = Vec::new();
    for _ in 0..100 {
        let page = engine.audit_looks(&auditor, &request).await.unwrap();
        numbers = page
            .items
            .into_iter()
            .flat_map(|line| line.records)
            .collect();
        if numbers.iter().any(|(id, _)| *id == open.id) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(numbers.contains(&(open.id, open.number.clone())));
    assert!(numbers.contains(&(closed.id, None)));
    assert!(
        !numbers
            .iter()
            .any(|(_, number)| number.is_some() && *number == closed.number)
    );
    let breach = Breach {
        by: Some("chief".into()),
        ..Breach::default()
    };
    let (file, _) = engine.affected(&auditor, &breach).await.unwrap();
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains(open.number.as_deref().unwrap()) && file.contains("閲覧制限のある記録"));
    assert!(!file.contains(closed.number.as_deref().unwrap()), "{file}");
}

#[tokio::test]
async fn a_clerk_at_the_counter_stands_in_for_nobody_whose_record_is_closed() {
    let town = town().await;
    let engine = &town.bench.engine;
    let service = engine.catalogue().services[SLUG].clone();
    let rt = &service.types["case"];
    let there = engine.at_the_counter(&town.clerk, rt, "person", "窓口 花子");
    let input = json!({"name": "花子", "key": "k1", "paper": []});
    let act = opening(&there.unwrap(), SLUG, "case", "hand_in", input);
    let id = done(engine.perform(act).await).id;
    // Else the clerk is the party for it, whatever the office's rules say.
    assert!(town.read(&town.clerk, "case", id).await.is_ok());
    town.guard(id).await;
    let told = town.read(&town.clerk, "case", id).await.err().unwrap();
    assert_eq!(
        said(&told),
        said(&town.read(&town.clerk, "case", never()).await.err().unwrap())
    );
    assert!(town.read(&town.named, "case", id).await.is_ok());
}

#[tokio::test]
async fn what_is_closed_is_not_listed_for_disposal() {
    let town = town().await;
    let engine = &town.bench.engine;
    let [open, closed] = ["k1", "k2"].map(|key| town.case("花子", key, &[]));
    let (open, closed) = (open.await.id, closed.await.id);
    town.guard(closed).await;
    for id in [open, closed] {
        town.act(&town.chief, "case", id, "end", json!({})).await;
    }
    let later = town.bench.clock.now() + jiff::SignedDuration::from_hours(24 * 800);
    town.bench.clock.set(later);
    // Not even to its circle: it is opened first.
    for who in [&town.clerk, &town.chief] {
        let Ok(page) = engine.expired(who, SLUG, "case", None, 50).await else {
            continue;
        };
        let listed: Vec<_> = page.items.iter().map(|one| one.view.id).collect();
        assert!(
            listed.contains(&open) && !listed.contains(&closed),
            "{listed:?}"
        );
    }
    let clerks = engine.expired(&town.clerk, SLUG, "case", None, 50).await;
    assert_eq!(clerks.unwrap().items.len(), 1);
}

impl Town {
    /// How many children there are, and how many of them are closed.
    async fn store_children(&self, id: RecordId) -> (usize, usize) {
        let all = self.bench.store.children(id, 500).await.unwrap();
        (
            all.len(),
            all.iter().filter(|one| one.closed.is_some()).count(),
        )
    }
}
