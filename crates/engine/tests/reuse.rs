//! A file is sent once: the same person names it in a second application. Whoever may read a record reads the files that
//! it names, wherever they were sent first; nobody names a file that they cannot read.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "uploads/scan.rs"]
mod scan;

use common::{Bench, acting, catalogue, done, opening, seat};
use engine::{Failure, RecordView};
use kernel::port::Store as _;
use kernel::{Actor, AttachmentId};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const OFFICE: &str = "緑化係";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn input(photos: &[AttachmentId]) -> Json {
    json!({
        "group": "みどりの会", "representative": {"full": "緑 葉子"}, "phone": "03-0000-0000",
        "place": {"municipality": "13202", "line": "柴崎町2-21"}, "plot": "north", "area": 12,
        "has_tap": true, "helpers": [{"who": "一", "hours": 6}], "photos": photos, "agreement": true,
    })
}

async fn draft(
    bench: &Bench,
    actor: &Actor,
    photos: &[AttachmentId],
) -> Result<RecordView, Failure> {
    let saved = opening(actor, "reference", "application", "save", input(photos));
    bench
        .engine
        .perform(saved)
        .await
        .map(|outcome| outcome.view)
}

async fn photo(bench: &Bench, actor: &Actor) -> AttachmentId {
    let kept = bench.engine.upload(actor, "花壇.png", PNG.to_vec()).await;
    kept.unwrap().id
}

fn code(failure: Result<RecordView, Failure>) -> String {
    match failure {
        Err(Failure::Refused(refusal)) => refusal.faults[0].code.clone(),
        _ => panic!("not refused"),
    }
}

#[tokio::test]
async fn a_file_serves_a_second_application_and_is_read_where_it_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let owner = bench.person("owner", vec![]).await;
    let other = bench.person("other", vec![]).await;
    let examiner = bench
        .person("examiner", vec![seat("examiner", Some(OFFICE))])
        .await;
    let file = photo(&bench, &owner).await;
    let first = draft(&bench, &owner, &[file]).await.unwrap();
    assert_eq!(code(draft(&bench, &other, &[file]).await), "unknown_upload");
    let second = draft(&bench, &owner, &[file]).await.unwrap();
    assert_eq!(second.fields["photos"], json!([file]));
    let reads = |actor: Actor| {
        let engine = bench.engine.clone();
        async move { engine.attachment(&actor, file).await.is_ok() }
    };
    assert!(
        reads(owner.clone()).await && !reads(examiner.clone()).await && !reads(other.clone()).await
    );
    // The second is sent: the office reads the file by it, though the first is still a draft that it does not see.
    let on = ("reference", "application", second.id);
    done(
        bench
            .engine
            .perform(acting(&owner, on, 1, "submit", json!({})))
            .await,
    );
    assert!(reads(examiner.clone()).await && !reads(other).await);
    // The first lets go of it: the second still has it.
    let on = ("reference", "application", first.id);
    let without = json!({"photos": []});
    done(
        bench
            .engine
            .perform(acting(&owner, on, 1, "save", without))
            .await,
    );
    assert!(reads(owner.clone()).await && reads(examiner.clone()).await);
    assert_eq!(
        bench
            .store
            .collect_orphans(bench.engine.now())
            .await
            .unwrap(),
        0
    );
    assert_eq!(bench.store.replay().unwrap().difference, None);
}

#[tokio::test]
async fn what_nobody_names_any_more_nobody_reads_or_names() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let owner = bench.person("owner", vec![]).await;
    let file = photo(&bench, &owner).await;
    let first = draft(&bench, &owner, &[file]).await.unwrap();
    let on = ("reference", "application", first.id);
    done(
        bench
            .engine
            .perform(acting(&owner, on, 1, "save", json!({"photos": []})))
            .await,
    );
    assert!(bench.engine.attachment(&owner, file).await.is_err());
    assert_eq!(code(draft(&bench, &owner, &[file]).await), "unknown_upload");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever two people try with two files, a record never names a file that its owner could not read before, and a
    /// file is read by exactly those who see a record that names it (or sent it, while none did).
    #[test]
    fn names_follow_reading(steps in prop::collection::vec((0..2_usize, 0..2_usize, 0..3_usize), 1..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let bench = Bench::new(dir.path(), catalogue(), 1);
            let people = [bench.person("owner", vec![]).await, bench.person("other", vec![]).await];
            let files = [photo(&bench, &people[0]).await, photo(&bench, &people[1]).await];
            let mut drafts: Vec<(usize, RecordView)> = Vec::new();
            for (who, file, what) in steps {
                let may = bench.engine.attachment(&people[who], files[file]).await.is_ok();
                let own = drafts.iter().rposition(|(owner, _)| *owner == who).filter(|_| what > 0);
                let names = own.is_none() || what == 1;
                let tried = match own {
                    None => draft(&bench, &people[who], &[files[file]]).await,
                    Some(at) => {
                        let view = &drafts[at].1;
                        let on = ("reference", "application", view.id);
                        let photos = if what == 1 { json!([files[file]]) } else { json!([]) };
                        let save = acting(&people[who], on, view.version, "save", json!({"photos": photos}));
                        bench.engine.perform(save).await.map(|outcome| outcome.view)
                    }
                };
                match (own, tried) {
                    (at, Ok(view)) => {
                        assert!(may || !names, "named without reading");
                        if let Some(at) = at {
                            drafts.remove(at);
                        }
                        drafts.push((who, view));
                    }
                    (_, Err(_)) => assert!(!may && names, "refused what one may read"),
                }
                for (file, id) in files.iter().enumerate() {
                    let meta = bench.store.attachments(&[*id]).await.unwrap().remove(0);
                    for (who, person) in people.iter().enumerate() {
                        let named = drafts.iter().any(|(owner, view)| {
                            *owner == who && view.fields.get("photos").is_some_and(|all| all.to_string().contains(&id.to_string()))
                        });
                        let fresh = meta.record.is_none() && file == who;
                        let reads = bench.engine.attachment(person, *id).await.is_ok();
                        assert_eq!(reads, named || fresh);
                    }
                }
            }
            assert_eq!(bench.store.replay().unwrap().difference, None);
        });
    }
}
