//! Letters: issued once with the words of their moment, for those who may see what they say, checked by their code.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Bench, done, opening, seat};
use definition::{Catalogue, Source, load};
use engine::{Engine, Face, Letter, Press, PressFault, Worker};
use jiff::ToSpan;
use kernel::port::Store;
use kernel::{Actor, RecordId};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;

const SLUG: &str = "paper";

/// A package with one record type, whose certificate is issued by an action.
fn package() -> Catalogue {
    let service = "title: 紙\ninitiatives: []\narea: 共通\ncategory: \"01\"\naudience: [residents]\nactors: [都民]\nkeywords: []\nlegal_basis: [見本条例第1条]\nstatus: running\nowner: 係\nsummary: 見本です。\nroles: { clerk: 係 }\n";
    let record = r#"
title: 証明
number: { pattern: "証-{seq:03}" }
authority: '"13000"'
office: '"係"'
parties:
  owner: { title: 持つ方, is: [person], owner: true }
fields:
  name: { type: text, title: 名前, required: true }
  secret: { type: text, title: 内部のこと }
states:
  open: { title: 有効, waits_for: owner, line: 有効です。 }
  closed: { title: 終わり, ended: true, line: 終わりました。 }
actions:
  start: { title: 始める, by: owner, opens: true, to: open, form: [name] }
  rename: { title: 直す, by: owner, from: open, form: [name] }
  give: { title: 交付する, by: desk.clerk, from: open, effect: [{ issue: certificate }] }
  close: { title: 終える, by: owner, from: open, to: closed }
documents:
  certificate:
    title: 証明書
    data: { number: number, name: name, holder: owner.name }
    verify: { valid: 'state = "open"', show: { 番号: number, 名前: name } }
  inner: { title: 内部の控え, template: certificate, for: [desk.clerk], data: { secret: secret } }
  slip: { title: 控え, template: certificate, from: [open], data: { name: name } }
see:
  - { who: owner, scope: own }
  - { who: desk.clerk, scope: office }
  - { who: public, scope: all, fields: { only: [name] } }
"#;
    let source = Source::from_files([
        ("a/1-paper/service.yaml", service.to_owned()),
        ("a/1-paper/records/proof.yaml", record.to_owned()),
        ("a/1-paper/documents/certificate.typ", "x".to_owned()),
    ]);
    let loaded = load(&source, common::TODAY);
    let told: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!loaded.has_errors(), "{}", told.join("\n"));
    loaded.catalogue
}

/// Prints the data as it is, and counts.
#[derive(Default)]
struct Counting {
    printed: Mutex<Vec<String>>,
}

impl Press for Counting {
    fn pdf(&self, letter: &Letter) -> Result<Vec<u8>, PressFault> {
        let text = format!(
            "{} {} {:?}",
            letter.data,
            letter.verify.as_deref().unwrap_or("-"),
            letter.head.mark
        );
        if letter.data.to_string().contains("外") {
            return Err(PressFault::Missing(vec![("外".into(), "name".into())]));
        }
        self.printed.lock().push(text.clone());
        Ok(text.into_bytes())
    }

    fn html(&self, letter: &Letter) -> Result<String, PressFault> {
        Ok(letter.data.to_string())
    }
}

struct Scene {
    bench: Bench,
    engine: Arc<Engine>,
    press: Arc<Counting>,
    owner: Actor,
    clerk: Actor,
    record: RecordId,
    _dir: tempfile::TempDir,
}

async fn scene(name: &str) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), package(), 1);
    let press = Arc::new(Counting::default());
    let engine = Engine::new(
        bench.store.clone(),
        bench.clock.clone(),
        common::Count::from(1000),
        package(),
    );
    let engine = Arc::new(engine.with_press(press.clone(), "https://example.jp/", vec![[7; 64]]));
    let owner = bench.person("owner", Vec::new()).await;
    let clerk = bench.person("clerk", vec![seat("clerk", Some("係"))]).await;
    let opened = engine
        .perform(opening(
            &owner,
            SLUG,
            "proof",
            "start",
            json!({"name": name}),
        ))
        .await;
    let record = done(opened).id;
    Scene {
        bench,
        engine,
        press,
        owner,
        clerk,
        record,
        _dir: dir,
    }
}

impl Scene {
    async fn act(&self, actor: &Actor, action: &str, input: serde_json::Value) {
        let now = self
            .engine
            .record(actor, None, SLUG, "proof", self.record, None)
            .await
            .unwrap();
        let mut request = opening(actor, SLUG, "proof", action, input);
        request.record = Some(self.record);
        request.version = Some(now.version);
        done(self.engine.perform(request).await);
    }

    async fn letter(&self, actor: &Actor, name: &str, copy: Option<u32>) -> Option<String> {
        let of = (SLUG, "proof", self.record);
        let letter = self
            .engine
            .document(actor, None, of, (name, copy), Face::Pdf)
            .await
            .ok()?;
        Some(String::from_utf8(letter.content).unwrap())
    }

    async fn work(&self) {
        Worker::new(self.engine.clone()).tick().await.unwrap();
    }
}

#[tokio::test]
async fn an_issue_is_printed_once_and_stays_as_it_was() {
    let scene = scene("花").await;
    scene.act(&scene.clerk, "give", json!({})).await;
    // Asked for before the worker came: made then, and not again.
    let first = scene
        .letter(&scene.owner, "certificate", None)
        .await
        .unwrap();
    scene.work().await;
    scene.work().await;
    assert_eq!(scene.press.printed.lock().len(), 1);
    assert!(
        first.contains("\"name\":\"花\"") && first.contains("証-001"),
        "{first}"
    );
    scene
        .act(&scene.owner, "rename", json!({"name": "月"}))
        .await;
    assert_eq!(
        scene
            .letter(&scene.owner, "certificate", None)
            .await
            .unwrap(),
        first
    );
    // A second issue is another copy; the first stays.
    scene.act(&scene.clerk, "give", json!({})).await;
    scene.work().await;
    let second = scene
        .letter(&scene.owner, "certificate", None)
        .await
        .unwrap();
    assert!(second.contains("\"name\":\"月\""), "{second}");
    assert_eq!(
        scene
            .letter(&scene.owner, "certificate", Some(1))
            .await
            .unwrap(),
        first
    );
    assert_eq!(
        scene.letter(&scene.owner, "certificate", Some(3)).await,
        None
    );
    let view = scene
        .engine
        .record(&scene.owner, None, SLUG, "proof", scene.record, None)
        .await
        .unwrap();
    let listed = view.to_json()["documents"][0].clone();
    assert_eq!(listed["issued"].as_array().unwrap().len(), 2);
    assert_eq!(listed["issued"][1]["copy"], 2);
}

#[tokio::test]
async fn letters_are_for_those_who_see_what_they_say() {
    let scene = scene("花").await;
    let (owner, clerk, public) = (&scene.owner, &scene.clerk, &Actor::public());
    // Not issued yet: a draft, for the desk.
    assert_eq!(scene.letter(owner, "certificate", None).await, None);
    assert!(
        scene
            .letter(clerk, "certificate", None)
            .await
            .unwrap()
            .contains("案")
    );
    assert!(scene.letter(clerk, "inner", None).await.is_some());
    assert_eq!(scene.letter(owner, "inner", None).await, None);
    // The public sees the name, and so a letter that says no more.
    assert!(scene.letter(public, "slip", None).await.is_some());
    scene.act(clerk, "give", json!({})).await;
    assert_eq!(scene.letter(public, "certificate", None).await, None);
    let other = scene.bench.person("other", Vec::new()).await;
    assert_eq!(scene.letter(&other, "certificate", None).await, None);
    scene.act(owner, "close", json!({})).await;
    assert_eq!(scene.letter(owner, "slip", None).await, None);
    assert!(scene.letter(owner, "certificate", None).await.is_some());
}

#[tokio::test]
async fn the_code_says_whether_it_is_valid_today() {
    let scene = scene("花").await;
    scene.act(&scene.clerk, "give", json!({})).await;
    let letter = scene
        .letter(&scene.owner, "certificate", None)
        .await
        .unwrap();
    let url = letter
        .split_whitespace()
        .find(|word| word.starts_with("https://"))
        .unwrap();
    let token = url.strip_prefix("https://example.jp/verify/").unwrap();
    let found = scene.engine.verify_letter(token).await.unwrap();
    assert!(found.valid);
    assert_eq!(found.show[1], ("名前".into(), "花".into()));
    scene.act(&scene.owner, "close", json!({})).await;
    let found = scene.engine.verify_letter(token).await.unwrap();
    assert_eq!((found.valid, found.says.as_str()), (false, "終わり"));
    assert!(
        scene
            .engine
            .verify_letter(&format!("{token}x"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_cannot_be_printed_waits_for_an_operator() {
    let scene = scene("外").await;
    scene.act(&scene.clerk, "give", json!({})).await;
    scene.work().await;
    let stuck = scene.bench.store.stuck(10).await.unwrap();
    assert_eq!(stuck.len(), 1);
    let error = stuck[0].error.clone().unwrap();
    assert!(error.contains("「name」の「外」"), "{error}");
    // The decision stands, and the letter is tried again.
    scene.bench.clock.set(scene.engine.now() + 1.hour());
    scene.work().await;
    assert!(scene.bench.store.stuck(10).await.unwrap()[0].tries > 1);
}
