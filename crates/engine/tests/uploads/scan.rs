//! Uploads pass a scanner; while it is away nothing is lost, and nothing that is not known to be harmless is shown.

use super::*;
use engine::scan::{ScanFault, Scanner, Scanning, Verdict};
use parking_lot::Mutex;
use std::sync::Arc;

/// Answers what it is told to.
struct Told(Mutex<Result<Verdict, ScanFault>>);

impl Scanner for Told {
    fn scan<'a>(&'a self, _: &'a str, _: &'a [u8]) -> Scanning<'a> {
        let answer = self.0.lock().clone();
        Box::pin(async move { answer })
    }
}

impl Told {
    fn says(&self, answer: Result<Verdict, &str>) {
        *self.0.lock() = answer.map_err(|said| ScanFault(said.into()));
    }
}

struct Scene {
    bench: Bench,
    scanner: Arc<Told>,
    owner: Actor,
    examiner: Actor,
    _dir: tempfile::TempDir,
}

async fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let scanner = Arc::new(Told(Mutex::new(Ok(Verdict::Harmless))));
    bench
        .engine
        .scan_with(Arc::clone(&scanner) as Arc<dyn Scanner>);
    Scene {
        owner: bench.person("owner", vec![]).await,
        examiner: bench
            .person("examiner", vec![seat("examiner", Some(OFFICE))])
            .await,
        scanner,
        bench,
        _dir: dir,
    }
}

impl Scene {
    async fn upload(&self) -> Result<AttachmentId, Failure> {
        let kept = self
            .bench
            .engine
            .upload(&self.owner, "花壇.png", PNG.to_vec());
        kept.await.map(|upload| upload.id)
    }

    async fn submitted(&self, file: AttachmentId) {
        let saved = draft(&self.bench, &self.owner, &[file]).await.unwrap();
        let on = ("reference", "application", saved.id);
        let sent = acting(&self.owner, on, 1, "submit", json!({}));
        done(self.bench.engine.perform(sent).await);
    }

    /// What the content is to somebody; else the sentence that they are told.
    async fn read(&self, actor: &Actor, file: AttachmentId) -> Result<Vec<u8>, String> {
        match self.bench.engine.attachment(actor, file).await {
            Ok((_, content)) => Ok(content),
            Err(Failure::Refused(refusal)) => Err(refusal.title),
            Err(other) => panic!("{other}"),
        }
    }

    async fn held(&self) -> (u64, u64) {
        let held = self.bench.engine.pulse().await.unwrap().held;
        (held.waiting, held.refused)
    }
}

#[tokio::test]
async fn what_is_harmful_is_refused_beside_its_field_and_what_is_cleaned_is_kept_clean() {
    let scene = scene().await;
    scene.scanner.says(Ok(Verdict::Refused));
    let Err(Failure::Refused(refusal)) = scene.upload().await else {
        panic!("refused")
    };
    assert_eq!(
        (
            refusal.faults[0].pointer.as_str(),
            refusal.faults[0].code.as_str()
        ),
        ("/file", "harmful")
    );
    let clean = [PNG, b"clean"].concat();
    scene.scanner.says(Ok(Verdict::Cleaned(clean.clone())));
    let file = scene.upload().await.unwrap();
    assert_eq!(scene.read(&scene.owner, file).await, Ok(clean));
    // A file that would become one that is never taken is not taken.
    scene.scanner.says(Ok(Verdict::Cleaned(
        b"<html><script>1</script></html>".to_vec(),
    )));
    assert!(scene.upload().await.is_err());
    assert_eq!(scene.held().await, (0, 0));
}

#[tokio::test]
async fn while_the_scanner_is_away_a_file_is_kept_and_only_its_sender_opens_it() {
    let scene = scene().await;
    scene.scanner.says(Err("つながりません"));
    let file = scene.upload().await.unwrap();
    assert_eq!(scene.read(&scene.owner, file).await, Ok(PNG.to_vec()));
    // It is sent all the same: the person's day counts, not the scanner's.
    scene.submitted(file).await;
    let told = scene.read(&scene.examiner, file).await.unwrap_err();
    assert!(told.contains("安全の確認が済んでいない"), "{told}");
    assert_eq!(scene.held().await, (1, 0));
    scene.bench.engine.scan_held().await.unwrap();
    assert_eq!(scene.held().await, (1, 0), "it is still away");
    scene.scanner.says(Ok(Verdict::Harmless));
    scene.bench.engine.scan_held().await.unwrap();
    assert_eq!(
        scene.held().await,
        (1, 0),
        "it is asked again after a while, not at once"
    );
    let later = scene
        .bench
        .engine
        .now()
        .checked_add(jiff::SignedDuration::from_mins(6));
    scene.bench.clock.set(later.unwrap());
    scene.bench.engine.scan_held().await.unwrap();
    assert_eq!(scene.held().await, (0, 0));
    assert_eq!(scene.read(&scene.examiner, file).await, Ok(PNG.to_vec()));
}

#[tokio::test]
async fn what_is_found_later_is_opened_by_nobody() {
    let scene = scene().await;
    scene.scanner.says(Err("つながりません"));
    let file = scene.upload().await.unwrap();
    scene.submitted(file).await;
    scene.scanner.says(Ok(Verdict::Refused));
    scene.bench.engine.scan_held().await.unwrap();
    assert_eq!(scene.held().await, (0, 1));
    for reader in [&scene.owner, &scene.examiner] {
        let told = scene.read(reader, file).await.unwrap_err();
        assert!(told.contains("問題が見つかった"), "{told}");
    }
    let other = scene.bench.person("other", vec![]).await;
    let told = scene.read(&other, file).await.unwrap_err();
    assert!(
        told.contains("見つかりません"),
        "whoever may not see it is not told that it is held: {told}"
    );
    assert_eq!(scene.bench.store.replay().unwrap().difference, None);
}

#[tokio::test]
async fn a_file_that_is_given_up_is_not_held_for_ever() {
    let scene = scene().await;
    scene.scanner.says(Err("つながりません"));
    scene.upload().await.unwrap();
    let later = scene
        .bench
        .engine
        .now()
        .checked_add(jiff::SignedDuration::from_hours(48));
    scene.bench.clock.set(later.unwrap());
    scene
        .bench
        .store
        .collect_orphans(scene.bench.engine.now())
        .await
        .unwrap();
    assert_eq!(scene.held().await, (0, 0));
}
