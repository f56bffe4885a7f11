//! The ledger goes out and comes in again: what an edition says, imported into an empty register, makes the same
//! edition, whatever odd values stand in it.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bench, catalogue, packages, seat};
use definition::model::{FieldKind, Options, Service};
use kernel::Actor;
use kernel::shelf::{ImportRun, RunPhase};
use proptest::prelude::*;

/// The import and the publication of one layout.
const LEDGER: &str = "ledger";
const HEADS: &str = "屋号,営業所所在地,営業者氏名,営業の種類,申請区分,営業所電話番号,初回許可日";

/// The service whose ledger goes out and comes in under one name.
fn slug() -> String {
    let catalogue = catalogue();
    let both = |service: &&std::sync::Arc<Service>| {
        service.imports.contains_key(LEDGER) && service.publications.contains_key(LEDGER)
    };
    catalogue.services.values().find(both).unwrap().slug.clone()
}

/// Three kinds that the ledger lists, in the words of its own table.
fn kinds() -> Vec<String> {
    let catalogue = catalogue();
    let service = &catalogue.services[&slug()];
    let into = &service.types[&service.imports[LEDGER].into];
    let table = into.fields.values().find_map(|field| match &field.kind {
        FieldKind::Choice(Options::Table(table)) if field.required => Some(table),
        _ => None,
    });
    let options = service.tables[table.unwrap()].options_on(common::TODAY);
    // Machines stand outside the ledger.
    let listed = options.into_iter().map(|(_, title)| title);
    let listed = listed.filter(|title| !title.contains("自動販売機"));
    listed.take(3).collect()
}

struct Office {
    bench: Bench,
    administrator: Actor,
    _dir: tempfile::TempDir,
}

impl Office {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        bench.engine.publish(catalogue(), packages()).await.unwrap();
        let administrator = vec![seat("administrator", None)];
        let administrator = bench.person("administrator", administrator).await;
        Self {
            bench,
            administrator,
            _dir: dir,
        }
    }

    async fn import(&self, file: Vec<u8>) -> ImportRun {
        let (engine, actor) = (&self.bench.engine, &self.administrator);
        let upload = engine.upload(actor, "台帳.csv", file).await.unwrap();
        let slug = slug();
        let run = engine.preview_import(actor, &slug, LEDGER, upload.id);
        let run = run.await.unwrap();
        engine.carry_imports().await.unwrap();
        engine.start_import(actor, run.id).await.unwrap();
        engine.carry_imports().await.unwrap();
        let run = engine.import_run(actor, run.id).await.unwrap();
        assert_eq!(run.phase, RunPhase::Done, "{:?}", run.fault);
        run
    }

    async fn export(&self) -> (u64, Vec<u8>) {
        let (engine, actor) = (&self.bench.engine, &self.administrator);
        let edition = engine.publish_now(actor, &slug(), LEDGER).await.unwrap();
        assert_eq!((edition.held.len(), edition.faulty), (0, Vec::new()));
        let data = engine.open_data(&slug(), LEDGER, None).await.unwrap();
        (edition.rows, data.file("csv").unwrap().bytes.to_vec())
    }
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Out of a register, into an empty one, and out again.
async fn around(file: Vec<u8>) -> (ImportRun, Vec<u8>) {
    let first = Office::new().await;
    let run = first.import(file).await;
    let (rows, said) = first.export().await;
    assert_eq!(rows as usize, run.done.new, "every record is in the ledger");
    let second = Office::new().await;
    let again = second.import(said.clone()).await;
    let taken = (again.done.new, again.done.rejected);
    assert_eq!(
        taken,
        (run.done.new, 0),
        "{:?}",
        second.bench.engine.import_rejected(&again, 3).await
    );
    let (_, again) = second.export().await;
    let read = |bytes: &[u8]| encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned();
    assert_eq!(read(&again), read(&said));
    (run, said)
}

fn shop() -> impl Strategy<Value = String> {
    let parts = [
        "髙橋商店",
        "㈱はなまる",
        "ｶﾌｪ･ﾄﾞ･ﾄｰｷｮｰ",
        "𠮷野",
        "\"引用\"食堂",
        "改行\nあり",
        "0123",
        "=1+1",
        "-5",
        "'=x",
        "、",
        ",",
        "〓",
        "①号店",
        "ﾊﾞｰ ",
        "　",
        "葛󠄀飾",
        "～波～",
        "ＡＢＣ",
        "é",
        "\t",
        ";",
        "'",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 1..4)
        .prop_map(|parts| parts.concat())
}

fn row() -> impl Strategy<Value = [String; 6]> {
    let pick = |all: &[&str]| {
        let all: Vec<String> = all.iter().map(|one| (*one).to_owned()).collect();
        prop::sample::select(all)
    };
    let building = pick(&["", " 1階", "　見本ビル２Ｆ", " 地下1階 0号"]);
    let town = pick(&[
        "立川市柴崎町",
        "東京都立川市錦町",
        "東京都西多摩郡瑞穂町箱根ケ崎",
        "大島町元町",
    ]);
    let who = pick(&[
        "見本商事株式会社",
        "見本　太郎",
        "株式会社ﾐﾎﾝ",
        "",
        "髙﨑有限会社",
    ]);
    let kind = prop::sample::select(kinds());
    let phone = pick(&[
        "",
        "042-525-1234",
        "０４２－５２５－１２３４",
        "0425251234",
        "03(1234)5678",
    ]);
    let first = pick(&[
        "",
        "令和3年6月1日",
        "R3.6.1",
        "平成31年4月30日",
        "昭和64年1月7日",
        "2021/6/1",
        "2021-06-01",
    ]);
    (shop(), (town, building), who, kind, phone, first).prop_map(
        |(shop, (town, building), who, kind, phone, first)| {
            [shop, format!("{town}#{building}"), who, kind, phone, first]
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_values_go_out_and_come_in_again(rows in prop::collection::vec(row(), 30)) {
        let mut file = format!("{HEADS}\n");
        for (at, [shop, place, who, kind, phone, first]) in rows.iter().enumerate() {
            let place = place.replace('#', &format!("{}-{}-1", at / 9 + 1, at + 1));
            let cells = [shop, &place, who, kind, "許可", phone, first].map(quoted);
            file.push_str(&cells.join(","));
            file.push('\n');
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (run, _) = runtime.block_on(around(file.into_bytes()));
        prop_assert!(run.done.new > 15, "most rows are taken: {:?}", run.done);
    }
}

#[tokio::test]
async fn a_row_says_the_same_outside_as_inside() {
    let kinds = kinds();
    let rows = [
        format!(
            "髙﨑堂,東京都立川市柴崎町２－２１－１９　見本ビル１階,見本商事株式会社,{},許可,042-525-1234,令和3年6月1日",
            kinds[0]
        ),
        format!(
            "\"ｶﾌｪ \"\"花\"\"\",立川市錦町1-1-1,見本　太郎,{},許可,042-525-9999,H31.4.30",
            kinds[1]
        ),
        format!(
            "𠮷田屋,立川市錦町1-1-2,見本商事株式会社,{},許可,,",
            kinds[2]
        ),
    ];
    let file = format!("{HEADS}\n{}\n", rows.join("\n"));
    let (run, said) = around(file.into_bytes()).await;
    assert_eq!((run.done.new, run.done.rejected), (3, 0));
    let limits = sheet::Limits {
        bytes: 100_000,
        rows: 10,
        columns: 20,
    };
    let table = sheet::read(&said, &limits).unwrap();
    assert_eq!(
        table.sniffed.to_string(),
        "CP932（Shift_JIS）、コンマ区切り"
    );
    let cells: Vec<[&str; 5]> = table
        .rows
        .iter()
        .map(|row| [0, 2, 4, 6, 7].map(|at| row.cells.get(at).map_or("", String::as_str)))
        .collect();
    let shop = [
        "髙﨑堂",
        "見本商事株式会社",
        &kinds[0],
        "042-525-1234",
        "2021-06-01",
    ];
    assert_eq!(cells[0], shop);
    // A person's name and telephone number never leave the house.
    assert_eq!(cells[1][1..], ["", &kinds[1], "", "2019-04-30"]);
    // What CP932 lacks is said to be lacking.
    assert_eq!(cells[2][..3], ["〓田屋", "見本商事株式会社", &kinds[2]]);
}
