//! What is hidden from somebody and what never was cost the same work: the same calls of the store, in the same order, so
//! that the time of an answer tells nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, Count, done, one_service, opening, seat, sound};
use engine::Engine;
use hooked::{Hook, Hooked};
use kernel::port::{Store, Task};
use kernel::{Actor, RecordId};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const SLUG: &str = "hidden-test";

const ROLES: &str = "roles: { clerk: 係 }";

const CASE: &str = r#"
title: 相談
label: name
authority: '"13000"'
office: '"見本所"'
parties:
  owner: { title: 相談した人, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true }
states:
  open: { title: 受付 }
  done: { title: 済み, ended: true }
actions:
  hand_in: { title: 出す, by: owner, opens: true, to: open, form: [name] }
  end: { title: 終える, by: desk.clerk, from: open, to: done }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
"#;

/// Names of the calls, as they were made.
struct Named(Arc<Mutex<Vec<&'static str>>>);

impl Hook for Named {
    fn around<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        call: impl FnOnce() -> Task<'a, T> + Send + 'a,
    ) -> Task<'a, T> {
        self.0.lock().push(name);
        call()
    }
}

#[tokio::test]
async fn what_is_hidden_costs_the_work_of_what_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let source = one_service(SLUG, "相談", ROLES, &[("case", CASE)]);
    let bench = Bench::new(dir.path(), sound(&source), 1);
    let owner = bench.person("owner", Vec::new()).await;
    let other = bench.person("other", Vec::new()).await;
    let clerk = bench
        .person("clerk", vec![seat("clerk", Some("別の所"))])
        .await;
    let administrator = bench
        .person("administrator", vec![seat("administrator", None)])
        .await;
    let input = json!({"name": "花子"});
    let opened = bench
        .engine
        .perform(opening(&owner, SLUG, "case", "hand_in", input));
    let id = done(opened.await).id;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let inner: Arc<dyn Store> = bench.store.clone();
    let store = Arc::new(Hooked::new(inner, Named(Arc::clone(&calls))));
    let engine = Engine::new(store, bench.clock.clone(), Count::from(500), sound(&source));
    let work = async |actor: &Actor, id: RecordId| {
        calls.lock().clear();
        let found = engine.record(actor, None, SLUG, "case", id, None).await;
        let _ = engine.history(actor, SLUG, "case", id, 0, 10).await;
        (found.is_ok(), calls.lock().clone())
    };
    let (seen, own) = work(&owner, id).await;
    assert!(seen && !own.is_empty(), "the calls are counted");
    let never = RecordId(Uuid::from_u128(id.0.as_u128() ^ 0xff));
    for (who, actor) in [
        ("public", &Actor::public()),
        ("another resident", &other),
        ("a clerk of another office", &clerk),
        ("an operator", &administrator),
    ] {
        let hidden = work(actor, id).await;
        assert!(!hidden.0, "{who}");
        assert_eq!(hidden, work(actor, never).await, "{who}");
    }
}
