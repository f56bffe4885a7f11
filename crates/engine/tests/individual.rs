//! The vault of individual numbers beside the records: what goes with a record goes, what an act left behind is found, and
//! `tsumugi verify` names what does not fit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::faulty::Faulty;
use common::{Bench, Count, TODAY, done, morning, one_service, opening, sound};
use definition::Catalogue;
use engine::{Engine, Failure, NumberReferences, NumbersChecked, Outcome};
use jiff::{SignedDuration, ToSpan as _};
use kernel::port::Store;
use kernel::vault::{Number, NumberPlace};
use kernel::{Actor, RecordId};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

const SLUG: &str = "number-test";
/// Numbers of specimen cards, whose check digits hold.
const ONE: &str = "123456789018";
const TWO: &str = "023456789013";

const ROLES: &str = "roles: { clerk: 係 }";

const CASE: &str = r#"
title: 届出
authority: '"13000"'
office: '"見本所"'
pinned: true
arrives_at: hand_in
parties:
  owner: { title: 届け出る人, is: [person], owner: true }
fields:
  name: { type: text, title: 名前 }
  my_number:
    type: individual_number
    title: 個人番号
    ground: 番号法第9条第1項 別表（架空の項）
    open: desk.clerk
    purposes: { identity: 本人の番号の確認のため }
states:
  draft: { title: 下書き, waits_for: owner }
  open: { title: 届出済み, waits_for: desk.clerk }
  done: { title: 終わり, ended: true }
actions:
  save: { title: 保存する, by: owner, opens: true, from: draft, form: any }
  hand_in: { title: 届け出る, by: owner, from: draft, to: open, form: [my_number] }
  discard: { title: やめる, by: owner, from: draft, to: done }
  end: { title: 終える, by: desk.clerk, from: open, to: done }
retention: { years: 3, count: fiscal_year, then: review, basis: 見本の規程（架空）, by: [desk.clerk], decide: [desk.clerk], unsent: 5 }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
"#;

fn catalogue() -> Catalogue {
    sound(&one_service(SLUG, "届出", ROLES, &[("case", CASE)]))
}

async fn save(engine: &Engine, owner: &Actor, number: &str) -> Result<Outcome, Failure> {
    let input = json!({"my_number": number});
    engine
        .perform(opening(owner, SLUG, "case", "save", input))
        .await
}

struct Place {
    dir: TempDir,
    bench: Bench,
    owner: Actor,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let owner = bench.person("owner", vec![]).await;
        Self { dir, bench, owner }
    }

    async fn saved(&self, number: &str) -> RecordId {
        done(save(&self.bench.engine, &self.owner, number).await).id
    }

    async fn replaced(&self, record: RecordId, number: &str) {
        let input = json!({"my_number": number});
        let act = self
            .bench
            .acting(&self.owner, (SLUG, "case", record), "save", input);
        done(self.bench.engine.perform(act.await).await);
    }

    async fn numbers(&self) -> Vec<NumberPlace> {
        self.bench
            .store
            .vault()
            .all_numbers(None, 99)
            .await
            .unwrap()
    }

    async fn opens(&self, place: &NumberPlace) -> Option<String> {
        let number = self.bench.store.vault().number(place.id, place.record);
        number.await.unwrap().map(|one| one.reveal().to_owned())
    }

    async fn gone(&self) -> u64 {
        self.bench.store.vault().destroyed_numbers().await.unwrap()
    }

    async fn checked(&self, records: &[RecordId]) -> NumbersChecked {
        let mut referred = NumberReferences::default();
        for one in self.bench.store.snapshots(records).await.unwrap() {
            let engine = &self.bench.engine;
            engine.add_references(&mut referred, &one, &one.definition);
        }
        self.bench.engine.check_numbers(referred).await.unwrap()
    }

    fn hours(&self, hours: i64) {
        let now = engine::Clock::now(&*self.bench.clock);
        let later = now.checked_add(SignedDuration::from_hours(hours));
        self.bench.clock.set(later.unwrap());
    }
}

#[tokio::test]
async fn a_number_that_is_replaced_is_destroyed() {
    let place = Place::new().await;
    let record = place.saved(ONE).await;
    let first = place.numbers().await.remove(0);
    assert_eq!(place.opens(&first).await.as_deref(), Some(ONE));
    place.replaced(record, TWO).await;
    assert_eq!(place.opens(&first).await, None);
    let left = place.numbers().await;
    assert_eq!(left.len(), 1);
    assert_eq!(place.opens(&left[0]).await.as_deref(), Some(TWO));
    assert_eq!(place.gone().await, 1);
    let checked = place.checked(&[record]).await;
    assert_eq!(
        (checked.checked, checked.destroyed, checked.fault),
        (1, 1, None)
    );
}

#[tokio::test]
async fn a_number_goes_with_its_record() {
    let place = Place::new().await;
    let record = place.saved(ONE).await;
    let number = place.numbers().await.remove(0);
    let on = (SLUG, "case", record);
    let act = place.bench.acting(&place.owner, on, "discard", json!({}));
    done(place.bench.engine.perform(act.await).await);
    assert_eq!(place.opens(&number).await.as_deref(), Some(ONE));
    // That the platform looks for it is nothing that somebody has added.
    let (store, engine) = (&place.bench.store, &place.bench.engine);
    let replayed = store.replay_with(&|one, hash| engine.own(one, hash), &[]);
    assert_eq!(replayed.unwrap().difference, None);
    place
        .bench
        .clock
        .set(morning(TODAY.checked_add(20.days()).unwrap()));
    for _ in 0..4 {
        place.bench.tick().await;
    }
    assert!(
        place
            .bench
            .store
            .snapshots(&[record])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(place.numbers().await.is_empty());
    assert_eq!(place.opens(&number).await, None);
    assert_eq!(place.gone().await, 1);
    // The key as it lies on the disk is overwritten: the sealed row of an old copy would not open with it either.
    let journal = place.bench.journal().await;
    let certified = journal
        .iter()
        .filter_map(|stored| kernel::keep::certificate(&stored.event));
    let certified = serde_json::to_string(&certified.collect::<Vec<_>>()).unwrap();
    assert!(!certified.contains(&number.id.to_string()), "{certified}");
    assert_eq!(place.checked(&[record]).await.fault, None);
}

#[tokio::test]
async fn what_an_act_that_never_came_left_is_found_after_an_hour() {
    let place = Place::new().await;
    let kept = place.saved(ONE).await;
    let engine = Engine::new(
        Faulty::of_commits(place.bench.store.clone(), 1),
        place.bench.clock.clone(),
        Count::from(1 << 20),
        catalogue(),
    );
    assert!(save(&engine, &place.owner, TWO).await.is_err());
    let orphans = place.numbers().await;
    assert_eq!(orphans.len(), 2, "kept before the commit");
    assert_eq!(place.checked(&[kept]).await.fault, None, "it is young");
    assert_eq!(place.bench.engine.tend_numbers().await.unwrap(), 0);
    place.hours(2);
    let fault = place.checked(&[kept]).await.fault;
    assert!(fault.is_some_and(|(record, _)| record != kept), "{fault:?}");
    assert_eq!(place.bench.engine.tend_numbers().await.unwrap(), 1);
    let left = place.numbers().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].record, kept);
    assert_eq!(place.opens(&left[0]).await.as_deref(), Some(ONE));
    assert_eq!(place.checked(&[kept]).await.fault, None);
}

#[tokio::test]
async fn a_number_that_a_record_holds_is_never_taken_for_an_orphan() {
    let place = Place::new().await;
    let engine = Engine::new(
        Faulty::of_settling(place.bench.store.clone(), 1),
        place.bench.clock.clone(),
        Count::from(1 << 20),
        catalogue(),
    );
    let record = done(save(&engine, &place.owner, ONE).await).id;
    place.hours(2);
    let vault = place.bench.store.vault();
    let now = engine::Clock::now(&*place.bench.clock);
    assert_eq!(vault.unsettled_numbers(now, 9).await.unwrap().len(), 1);
    assert_eq!(place.checked(&[record]).await.fault, None);
    assert_eq!(place.bench.engine.tend_numbers().await.unwrap(), 0);
    assert!(vault.unsettled_numbers(now, 9).await.unwrap().is_empty());
    let left = place.numbers().await;
    assert_eq!(place.opens(&left[0]).await.as_deref(), Some(ONE));
}

#[tokio::test]
async fn a_number_that_is_missing_or_stray_is_named() {
    let place = Place::new().await;
    let (one, two) = (place.saved(ONE).await, place.saved(TWO).await);
    assert_eq!(place.checked(&[one, two]).await.checked, 2);
    let now = engine::Clock::now(&*place.bench.clock);
    let vault = place.bench.store.vault();
    let stray = NumberPlace {
        id: Uuid::from_u128(1),
        record: one,
        field: "my_number".into(),
        at: now,
    };
    let number = Number::read(TWO).unwrap();
    vault.keep_number(stray.clone(), number).await.unwrap();
    assert_eq!(place.checked(&[one, two]).await.fault, None, "it is young");
    vault.settle_number(stray.id, true).await.unwrap();
    let fault = place.checked(&[one, two]).await.fault.unwrap();
    assert_eq!(fault.0, one);
    assert!(fault.1.contains("does not refer"), "{}", fault.1);
    vault.destroy_numbers(vec![stray.id], now).await.unwrap();
    assert_eq!(place.checked(&[one, two]).await.fault, None);
    let of_two = vault.numbers_of(two).await.unwrap().remove(0);
    vault.destroy_numbers(vec![of_two.id], now).await.unwrap();
    let fault = place.checked(&[one, two]).await.fault.unwrap();
    assert_eq!(fault.0, two);
    assert!(fault.1.contains("not in the vault"), "{}", fault.1);
}

#[tokio::test]
async fn a_key_that_was_overwritten_is_named() {
    let Place { dir, bench, owner } = Place::new().await;
    let record = done(save(&bench.engine, &owner, ONE).await).id;
    drop(bench);
    let keys = dir.path().join("numbers/keys.bin");
    let long = std::fs::metadata(&keys).unwrap().len();
    std::fs::write(&keys, vec![0; usize::try_from(long).unwrap()]).unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1 << 20);
    let place = Place { dir, bench, owner };
    let fault = place.checked(&[record]).await.fault.unwrap();
    assert_eq!(fault.0, record);
    assert!(fault.1.contains("does not open"), "{}", fault.1);
}
