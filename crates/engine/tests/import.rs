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

/// A file of so many rows, each with a plot of its own where there are enough.
fn roster(rows: &[(&str, &str)]) -> String {
    let plots = plots();
    let lines = rows.iter().zip(plots.iter().cycle());
    let lines = lines
        .map(|((code, group), plot)| format!("{code},{group},立川市錦町1-1-1,{plot},2030/3/31\n"));
    format!(
        "名簿の番号,団体,場所,区画,満了\n{}",
        lines.collect::<String>()
    )
}

#[tokio::test]
async fn the_first_rows_are_shown_from_the_sealed_file_and_lie_nowhere_else() {
    let desk = Desk::new().await;
    let run = desk
        .preview(&roster(&[("C-1", "ひみつの会"), ("C-2", "")]))
        .await;
    let engine = &desk.bench.engine;
    let what = engine
        .importing(&desk.examiner, "reference", "roster")
        .unwrap();
    let sample = engine.import_sample(&what, &run).await.unwrap();
    assert_eq!(
        sample.len(),
        1,
        "a row that is not taken is not shown as taken"
    );
    let named = ("団体の名前".to_owned(), "ひみつの会".to_owned());
    assert!(sample[0].contains(&named), "{sample:?}");
    let (cp932, ..) = encoding_rs::SHIFT_JIS.encode("ひみつの会");
    let mut read = 0;
    for path in files_below(desk._dir.path()) {
        let bytes = std::fs::read(&path).unwrap();
        read += bytes.len();
        for plain in ["ひみつの会".as_bytes(), &cp932] {
            let found = bytes.windows(plain.len()).any(|some| some == plain);
            assert!(!found, "{}", path.display());
        }
    }
    assert!(read > 10_000, "the database was among them");
}

fn files_below(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}

#[tokio::test]
async fn acts_of_many_rows_reach_the_journal_in_the_order_of_the_file() {
    let desk = Desk::new().await;
    let groups: Vec<(String, String)> = (0..100)
        .map(|at| (format!("D-{at:03}"), format!("会{at:03}")))
        .collect();
    let rows: Vec<(&str, &str)> = groups
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let run = desk.preview(&roster(&rows)).await;
    let run = desk.go(&run).await;
    // A plot is taken once: the rest is refused by the store, each row with its reason.
    let plots = plots().len();
    assert_eq!(counts(&run), [100, plots, 0, 0, 100 - plots]);
    let rejected = desk.rejected(&run).await;
    assert_eq!(rejected.len(), 100 - plots);
    assert!(
        rejected[0].1.contains("ほかの団体が登録しています"),
        "{rejected:?}"
    );
    let mut numbers: Vec<(String, String)> = Vec::new();
    let request = ListRequest {
        limit: Some(200),
        ..ListRequest::default()
    };
    let list = desk
        .bench
        .engine
        .list(&desk.examiner, "reference", "permit", &request);
    for record in list.await.unwrap().items {
        let group = record.fields["group"].as_str().unwrap().to_owned();
        numbers.push((record.number.unwrap(), group));
    }
    numbers.sort();
    let drawn: Vec<&str> = numbers.iter().map(|(_, group)| group.as_str()).collect();
    let first: Vec<&str> = rows.iter().take(plots).map(|(_, group)| *group).collect();
    assert_eq!(drawn, first);
}

#[tokio::test]
async fn a_field_names_an_official_by_sign_in_name_and_a_seat_held_for_another_runs_no_import() {
    let desk = Desk::new().await;
    let keeper = vec![seat("inspector", Some("緑化係"))];
    let keeper = desk.bench.person("keeper", keeper).await;
    desk.bench
        .person("far", vec![seat("examiner", Some("公園係"))])
        .await;
    let run = desk.preview(&roster(&[("E-1", "花の会")])).await;
    desk.go(&run).await;
    let engine = &desk.bench.engine;
    let request = ListRequest::default();
    let list = engine.list(&desk.examiner, "reference", "permit", &request);
    let permit = list.await.unwrap().items.remove(0);
    let on = ("reference", "permit", permit.id);
    let entrust = |to: &str| {
        let input = serde_json::json!({"keeper": to});
        common::acting(&desk.examiner, on, permit.version, "entrust", input)
    };
    let mut answers = Vec::new();
    for stranger in ["far", "nobody", &permit.id.to_string()] {
        match engine.perform(entrust(stranger)).await {
            Err(engine::Failure::Refused(refusal)) => answers.push(refusal.faults),
            _ => panic!("{stranger} was taken"),
        }
    }
    assert_eq!(answers[0][0].pointer, "/input/keeper");
    assert_eq!(
        answers[0], answers[1],
        "who is not there and who may not look the same"
    );
    assert_eq!(answers[0], answers[2]);
    let view = common::done(engine.perform(entrust("keeper")).await);
    let account = keeper.account.unwrap().to_string();
    assert_eq!(view.fields["keeper"], account.as_str());
    assert_eq!(view.fields["keeper_name"], "keeper");

    // Who decides for somebody sees what they see, and begins nothing in their place.
    let asked = engine::AbsenceRequest {
        role: "examiner".into(),
        substitute: "keeper".into(),
        from: None,
        until: Some(engine.today()),
        reason: "trip".into(),
        note: String::new(),
    };
    let named = engine.name_substitute(&desk.examiner, &asked).await;
    assert_eq!(named.unwrap().name, "keeper");
    let until = engine
        .now()
        .checked_add(jiff::SignedDuration::from_hours(1))
        .unwrap();
    let opened = engine.open_session("s", keeper.account.unwrap(), "bearer", until);
    opened.await.unwrap();
    let account = engine.session_account("s").await.unwrap().unwrap();
    let keeper = engine.actor(&account, None).unwrap();
    assert_eq!(keeper.seats.len(), 2);
    assert!(engine.importing(&keeper, "reference", "roster").is_err());
}
