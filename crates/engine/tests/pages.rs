//! Pages of PDF files: seen by whoever may see the file, drawn once, few at once; and remarks that are pinned to them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Bench, acting, done, opening, refusal, seat};
use definition::{Catalogue, Source, load};
use engine::{Engine, Failure, PageFault, PageList, PageMaker, PageSize, Paged};
use jiff::SignedDuration;
use kernel::{Actor, AttachmentId, RecordId, RefusalKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const SLUG: &str = "plans";

fn package() -> Catalogue {
    let service = "title: 図\ninitiatives: []\narea: 共通\ncategory: \"01\"\naudience: [residents]\nactors: [都民]\nkeywords: []\nlegal_basis: [見本条例第1条]\nstatus: running\nowner: 係\nsummary: 見本です。\nroles: { clerk: 係 }\n";
    let record = r#"
title: 図面
authority: '"13000"'
office: '"係"'
parties:
  owner: { title: 出す方, is: [person], owner: true }
fields:
  plans: { type: files, title: 図面, max: 3 }
  inner: { type: files, title: 内部の図, max: 3 }
  remarks: { type: remarks, title: 補正の内容 }
states:
  open: { title: 確認中, waits_for: desk.clerk, line: 確かめています。 }
  returned: { title: 補正, waits_for: owner, line: 直してください。 }
  closed: { title: 終わり, ended: true }
actions:
  send: { title: 出す, by: owner, opens: true, from: [returned], to: open, form: [plans] }
  add: { title: 足す, by: desk.clerk, from: open, form: [inner] }
  give_back: { title: 補正を求める, by: desk.clerk, from: open, to: returned, form: [remarks] }
  close: { title: 終える, by: desk.clerk, from: open, to: closed }
see:
  - { who: owner, scope: own, fields: { except: [inner] } }
  - { who: desk.clerk, scope: office }
"#;
    let source = Source::from_files([
        ("a/1-plans/service.yaml", service),
        ("a/1-plans/records/plan.yaml", record),
    ]);
    let loaded = load(&source, common::TODAY);
    let told: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!loaded.has_errors(), "{}", told.join("\n"));
    loaded.catalogue
}

/// Reads `%PDF-` and a digit: so many pages; `x`: locked; `?`: nothing of the kind can be had now. Draws for a moment.
#[derive(Default)]
struct Slow {
    listed: AtomicUsize,
    drawn: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl PageMaker for Slow {
    fn pages(&self, pdf: Vec<u8>) -> Result<PageList, PageFault> {
        self.listed.fetch_add(1, SeqCst);
        let total = match pdf.get(5) {
            Some(b'x') => return Err(PageFault::Encrypted),
            Some(b'?') => return Err(PageFault::Unavailable("no memory".into())),
            Some(digit) => u32::from(digit - b'0'),
            None => return Err(PageFault::Broken),
        };
        let size = PageSize {
            width_pt: 595.0,
            height_pt: 842.0,
        };
        let sizes = vec![size; total as usize];
        Ok(PageList { sizes, total })
    }

    fn picture(&self, _: Vec<u8>, page: u32, width_px: u32) -> Result<Vec<u8>, PageFault> {
        self.drawn.fetch_add(1, SeqCst);
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        self.now.fetch_sub(1, SeqCst);
        Ok(format!("{page} {width_px}").into_bytes())
    }
}

struct Scene {
    bench: Bench,
    engine: Arc<Engine>,
    maker: Arc<Slow>,
    owner: Actor,
    clerk: Actor,
    other: Actor,
    _dir: tempfile::TempDir,
}

async fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), package(), 1);
    let maker = Arc::new(Slow::default());
    let engine = Engine::new(
        bench.store.clone(),
        bench.clock.clone(),
        common::Count::from(1000),
        package(),
    );
    Scene {
        engine: Arc::new(engine.with_pages(maker.clone())),
        owner: bench.person("owner", Vec::new()).await,
        clerk: bench.person("clerk", vec![seat("clerk", Some("係"))]).await,
        other: bench.person("other", Vec::new()).await,
        bench,
        maker,
        _dir: dir,
    }
}

impl Scene {
    async fn upload(&self, actor: &Actor, name: &str, content: &[u8]) -> AttachmentId {
        let kept = self.engine.upload(actor, name, content.to_vec()).await;
        kept.unwrap().id
    }

    async fn sent(&self, files: &[AttachmentId]) -> RecordId {
        let act = opening(&self.owner, SLUG, "plan", "send", json!({"plans": files}));
        done(self.engine.perform(act).await).id
    }

    /// Whether it is written down that the clerk looked: a moment later, with what others write.
    async fn has_looked(&self, record: RecordId) -> bool {
        for _ in 0..200 {
            if self
                .engine
                .last_look(&self.clerk, record)
                .await
                .unwrap()
                .is_some()
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    async fn page(&self, actor: &Actor, file: AttachmentId, page: u32) -> Result<String, u16> {
        let made = self
            .engine
            .attachment_page(actor, file, (page, 640), |_| false);
        match made.await {
            Ok(made) => Ok(String::from_utf8(made.content.unwrap().to_vec()).unwrap()),
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => Err(404),
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => Err(503),
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Invalid => Err(422),
            Err(failure) => panic!("{failure:?}"),
        }
    }
}

#[tokio::test]
async fn a_page_is_for_whoever_may_see_the_file_and_its_reading_is_noted() {
    let s = scene().await;
    let file = s.upload(&s.owner, "図面.pdf", b"%PDF-2.7").await;
    assert_eq!(s.page(&s.owner, file, 1).await.as_deref(), Ok("1 640"));
    assert_eq!(s.page(&s.clerk, file, 1).await, Err(404), "not sent yet");
    let record = s.sent(&[file]).await;
    assert_eq!(s.engine.last_look(&s.clerk, record).await.unwrap(), None);
    let later = s.bench.engine.now() + SignedDuration::from_mins(1);
    s.bench.clock.set(later);
    assert_eq!(s.page(&s.clerk, file, 2).await.as_deref(), Ok("2 640"));
    assert_eq!(s.page(&s.other, file, 2).await, Err(404));
    assert_eq!(s.page(&s.clerk, file, 3).await, Err(404));
    assert_eq!(s.page(&s.clerk, file, 0).await, Err(404));
    assert!(
        s.has_looked(record).await,
        "as when the file itself is read"
    );
    // A field that a rule hides hides the pages of its files too.
    let inner = s.upload(&s.clerk, "内部.pdf", b"%PDF-1.7").await;
    let on = (SLUG, "plan", record);
    let add = acting(&s.clerk, on, 1, "add", json!({"inner": [inner]}));
    done(s.engine.perform(add).await);
    assert_eq!(s.page(&s.clerk, inner, 1).await.as_deref(), Ok("1 640"));
    assert_eq!(s.page(&s.owner, inner, 1).await, Err(404));
    let list = s.engine.attachment_pages(&s.owner, inner).await;
    assert!(
        matches!(list, Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound)
    );
}

#[tokio::test]
async fn what_was_made_is_kept_a_fault_of_the_file_too_but_none_of_the_place() {
    let s = scene().await;
    let file = s.upload(&s.owner, "図面.pdf", b"%PDF-2.7").await;
    for _ in 0..3 {
        assert!(s.page(&s.owner, file, 1).await.is_ok());
    }
    let counts = |s: &Scene| (s.maker.listed.load(SeqCst), s.maker.drawn.load(SeqCst));
    assert_eq!(counts(&s), (1, 1));
    let known = |tag: &str| tag.ends_with("-1-640");
    let same = s
        .engine
        .attachment_page(&s.owner, file, (1, 640), known)
        .await;
    assert!(same.unwrap().content.is_none());
    // The same content under another id is the same picture.
    let twin = s.upload(&s.owner, "別の名.pdf", b"%PDF-2.7").await;
    assert!(s.page(&s.owner, twin, 1).await.is_ok());
    assert_eq!(counts(&s), (1, 1));
    let locked = s.upload(&s.owner, "鍵.pdf", b"%PDF-x").await;
    for _ in 0..2 {
        assert_eq!(s.page(&s.owner, locked, 1).await, Err(422));
    }
    assert_eq!(counts(&s), (2, 1));
    let later = s.upload(&s.owner, "あとで.pdf", b"%PDF-?").await;
    for _ in 0..2 {
        assert_eq!(s.page(&s.owner, later, 1).await, Err(503));
    }
    assert_eq!(counts(&s), (4, 1), "tried again each time");
    let upload = s
        .engine
        .attachment_names(&[locked])
        .await
        .unwrap()
        .remove(0);
    let paged: Option<Paged> = s.engine.pages_of(&upload).await.unwrap();
    assert_eq!(paged, Some(Err(PageFault::Encrypted)));
    assert!(s.engine.attachment(&s.owner, locked).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_are_drawn_at_once_and_one_picture_only_once() {
    let s = Arc::new(scene().await);
    let file = s.upload(&s.owner, "図面.pdf", b"%PDF-9.7").await;
    let asked = (0..27).map(|n| {
        let s = Arc::clone(&s);
        tokio::spawn(async move { s.page(&s.owner, file, n % 9 + 1).await })
    });
    let asked: Vec<_> = asked.collect();
    for one in asked {
        assert!(one.await.unwrap().is_ok());
    }
    assert!(s.maker.most.load(SeqCst) <= 2);
    // Two that ask for the same at the same moment may each have found nothing, yet all are not made thrice.
    assert!(
        s.maker.drawn.load(SeqCst) < 18,
        "{}",
        s.maker.drawn.load(SeqCst)
    );
    // Whoever comes when very many wait is asked to come again.
    let crowd = (0..120).map(|n| {
        let s = Arc::clone(&s);
        let width = 700 + n;
        tokio::spawn(async move {
            s.engine
                .attachment_page(&s.owner, file, (1, width), |_| false)
                .await
                .map(|_| ())
        })
    });
    let crowd: Vec<_> = crowd.collect();
    let mut sent_away = 0;
    for one in crowd {
        match one.await.unwrap() {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => sent_away += 1,
            Err(failure) => panic!("{failure:?}"),
        }
    }
    assert!((1..120).contains(&sent_away), "{sent_away}");
}

#[tokio::test]
async fn a_remark_names_a_page_that_is_there() {
    let s = scene().await;
    let pdf = s.upload(&s.owner, "図面.pdf", b"%PDF-2.7").await;
    let locked = s.upload(&s.owner, "鍵.pdf", b"%PDF-x").await;
    let picture = s
        .upload(&s.owner, "絵.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .await;
    let record = s.sent(&[pdf, locked, picture]).await;
    let on = (SLUG, "plan", record);
    let remark = |plan: usize, page: Json| {
        let pointer = format!("/fields/plans/{plan}");
        json!({"pointer": pointer, "text": "ここ", "page": page, "at": [0.25, 0.5]})
    };
    let all = json!([
        remark(0, json!(3)),
        remark(1, json!(1)),
        remark(2, json!(1))
    ]);
    let bad = acting(&s.clerk, on, 1, "give_back", json!({"remarks": all}));
    let refused = refusal(s.engine.perform(bad).await);
    let told: Vec<(&str, &str)> = refused
        .faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/input/remarks/0/page", "range"),
            ("/input/remarks/1/page", "unreadable"),
            ("/input/remarks/2/page", "no_pages"),
        ]
    );
    let good = json!([remark(0, json!(2)), remark(2, Json::Null)]);
    let act = acting(&s.clerk, on, 1, "give_back", json!({"remarks": good}));
    let view = done(s.engine.perform(act).await);
    assert_eq!(view.fields["remarks"][0]["page"], 2);
    assert_eq!(view.fields["remarks"][1].get("page"), None);
    let seen = s
        .engine
        .record(&s.owner, None, SLUG, "plan", record, None)
        .await;
    assert_eq!(seen.unwrap().fields["remarks"][0]["at"], json!([0.25, 0.5]));
}
