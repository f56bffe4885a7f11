//! A file comes in twice: first it opens records, then it changes only what changed.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bench, catalogue, packages, seat};
use engine::ListRequest;
use kernel::Actor;
use kernel::shelf::{ImportRun, RunPhase};

struct Desk {
    bench: Bench,
    examiner: Actor,
    _dir: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        bench.engine.publish(catalogue(), packages()).await.unwrap();
        let examiner = bench
            .person("e", vec![seat("examiner", Some("緑化係"))])
            .await;
        Self {
            bench,
            examiner,
            _dir: dir,
        }
    }

    async fn preview(&self, text: &str) -> ImportRun {
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(text);
        let upload = self
            .bench
            .engine
            .upload(&self.examiner, "名簿.csv", bytes.into_owned())
            .await
            .unwrap();
        let engine = &self.bench.engine;
        let run = engine
            .preview_import(&self.examiner, "reference", "roster", upload.id)
            .await
            .unwrap();
        assert_eq!((run.phase, run.preview.rows), (RunPhase::Looking, 0));
        engine.carry_imports().await.unwrap();
        engine.import_run(&self.examiner, run.id).await.unwrap()
    }

    async fn rejected(&self, run: &ImportRun) -> Vec<(usize, String)> {
        let rows = self.bench.engine.import_rejected(run, 100).await.unwrap();
        rows.into_iter()
            .map(|(row, _)| (row.number, row.reasons.join(" ")))
            .collect()
    }

    async fn go(&self, run: &ImportRun) -> ImportRun {
        self.bench
            .engine
            .start_import(&self.examiner, run.id)
            .await
            .unwrap();
        self.bench.engine.carry_imports().await.unwrap();
        self.bench
            .engine
            .import_run(&self.examiner, run.id)
            .await
            .unwrap()
    }

    async fn groups(&self) -> Vec<(String, u64)> {
        let list = self
            .bench
            .engine
            .list(
                &self.examiner,
                "reference",
                "permit",
                &ListRequest::default(),
            )
            .await
            .unwrap();
        let mut groups: Vec<_> = list
            .items
            .iter()
            .map(|record| {
                (
                    record.fields["group"].as_str().unwrap().to_owned(),
                    record.version,
                )
            })
            .collect();
        groups.sort();
        groups
    }
}

fn plots() -> Vec<String> {
    catalogue().services["reference"].tables["plots"]
        .options_on(common::TODAY)
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

fn counts(run: &ImportRun) -> [usize; 5] {
    let done = run.done;
    [
        done.rows,
        done.new,
        done.changed,
        done.unchanged,
        done.rejected,
    ]
}

#[tokio::test]
async fn a_file_twice_changes_only_what_changed() {
    let desk = Desk::new().await;
    let plots = plots();
    let file = |second: &str| {
        format!(
            "名簿の番号,団体,場所,区画,満了,登録者,法人番号\n\
             A-1,花の会,東京都立川市柴崎町2-21-19 1階,{0},令和12年3月31日,花の会,8000020130001\n\
             A-2,{second},立川市錦町1-1-1,{1},2030/3/31,,\n\
             A-3,,立川市錦町1-1-2,{1},2030/3/31,,\n\
             A-4,町の会,どこか1-1,{1},2030/3/31,,\n\
             A-1,花の会,立川市柴崎町2-21-19,{0},2030/3/31,,\n",
            plots[0], plots[1]
        )
    };
    let run = desk.preview(&file("緑の会")).await;
    assert_eq!(
        (run.phase, run.total, run.preview.new, run.preview.rejected),
        (RunPhase::Preview, 5, 2, 3)
    );
    assert_eq!(run.sniffed, "CP932（Shift_JIS）、コンマ区切り");
    let reasons = desk.rejected(&run).await;
    assert_eq!(reasons[0], (4, "団体の名前がありません。".to_owned()));
    assert!(
        reasons[1].1.contains("区市町村がわかりません"),
        "{reasons:?}"
    );
    assert_eq!(
        reasons[2],
        (6, "2行目と同じものです。1つにしてください。".to_owned())
    );
    assert!(desk.groups().await.is_empty(), "a preview leaves nothing");

    let run = desk.go(&run).await;
    assert_eq!((run.phase, counts(&run)), (RunPhase::Done, [5, 2, 0, 0, 3]));
    assert_eq!(
        desk.groups().await,
        [("緑の会".to_owned(), 1), ("花の会".to_owned(), 1)]
    );

    let again = desk.preview(&file("緑の会")).await;
    assert_eq!(
        (
            again.preview.new,
            again.preview.changed,
            again.preview.unchanged
        ),
        (0, 0, 2)
    );
    let run = desk.preview(&file("緑と風の会")).await;
    let run = desk.go(&run).await;
    assert_eq!(counts(&run), [5, 0, 1, 1, 3]);
    assert_eq!(desk.rejected(&run).await, reasons);
    assert_eq!(
        desk.groups().await,
        [("緑と風の会".to_owned(), 2), ("花の会".to_owned(), 1)]
    );

    let rejected = desk.bench.engine.rejected_file(&run).await.unwrap();
    let table = sheet::read(
        &rejected,
        &sheet::Limits {
            bytes: 100_000,
            rows: 100,
            columns: 100,
        },
    )
    .unwrap();
    assert_eq!((table.rows.len(), table.heads.len()), (3, 9));
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_it_stopped() {
    let desk = Desk::new().await;
    let plots = plots();
    let file = format!(
        "名簿の番号,団体,場所,区画,満了\nB-1,甲,立川市錦町1-1-1,{},2030/3/31\nB-2,乙,立川市錦町1-1-2,{},2030/3/31\n",
        plots[0], plots[1]
    );
    let run = desk.preview(&file).await;
    let done = desk.go(&run).await;
    // As if the machine had stopped after the commit of the rows and before the run was noted as done.
    let mut torn = done.clone();
    torn.phase = RunPhase::Going;
    torn.done.rows = 1;
    torn.done.new = 1;
    let shelf = kernel::port::Store::shelf(desk.bench.store.as_ref());
    shelf.put_run(torn, Vec::new()).await.unwrap();
    desk.bench.engine.carry_imports().await.unwrap();
    let after = desk
        .bench
        .engine
        .import_run(&desk.examiner, run.id)
        .await
        .unwrap();
    assert_eq!(
        (after.phase, counts(&after)),
        (RunPhase::Done, [2, 1, 0, 1, 0])
    );
    assert_eq!(desk.groups().await.len(), 2);
}

#[tokio::test]
async fn others_cannot_import_and_other_files_are_refused() {
    let desk = Desk::new().await;
    let other = desk
        .bench
        .person("o", vec![seat("approver", Some("緑化係"))])
        .await;
    let upload = desk
        .bench
        .engine
        .upload(&other, "a.csv", b"a,b\n1,2\n".to_vec())
        .await
        .unwrap();
    assert!(
        desk.bench
            .engine
            .preview_import(&other, "reference", "roster", upload.id)
            .await
            .is_err()
    );
    assert!(
        desk.bench
            .engine
            .imports(&other)
            .iter()
            .all(|one| one.service.slug != "reference")
    );
    let upload = desk
        .bench
        .engine
        .upload(&desk.examiner, "a.csv", b"a,b\n1,2\n".to_vec())
        .await
        .unwrap();
    let Err(engine::Failure::Refused(refusal)) = desk
        .bench
        .engine
        .preview_import(&desk.examiner, "reference", "roster", upload.id)
        .await
    else {
        panic!("taken");
    };
    assert!(
        refusal.faults[0].detail.contains("名簿の番号"),
        "{refusal:?}"
    );
}
