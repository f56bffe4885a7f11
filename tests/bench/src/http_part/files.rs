//! A whole ledger through the product: a file of forty thousand rows as CP932 is looked through, carried out and brought
//! again; then its editions are made and asked for as machines do. In one process, so the memory is that of all of it.

use super::client::Client;
use crate::table::Table;
use anyhow::{Context as _, ensure};
use engine::Engine;
use kernel::Actor;
use kernel::shelf::ImportRun;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SERVICE: &str = "food-business-permit";
const LAYOUT: &str = "ledger";
/// Every so many rows one that is not taken.
const FAULTY: usize = 100;
const TOWNS: [&str; 4] = [
    "立川市柴崎町",
    "調布市布田",
    "東村山市本町",
    "日野市日野本町",
];
const KINDS: [&str; 4] = ["飲食店営業", "菓子製造業", "食肉販売業", "魚介類販売業"];

pub(crate) fn run(room: &Path, rows: usize, table: &mut Table) -> anyhow::Result<()> {
    super::runtime()?.block_on(all(room, rows, table))
}

async fn all(room: &Path, rows: usize, table: &mut Table) -> anyhow::Result<()> {
    let running = tsumugi::start(super::child::config(&room.join("files"))).await?;
    let engine = Arc::clone(&running.engine);
    let account = engine.account_by_login("administrator").await?;
    let actor = engine.actor(&account.context("no administrator")?, None)?;
    let file = ledger(rows)?;
    table.add(
        format!("files: ledger of {rows} rows"),
        format!("{:.1} MB", file.len() as f64 / 1e6),
        "",
    );
    let run = through(&engine, &actor, file.clone(), "first", table).await?;
    ensure!(run.done.new == rows - rows / FAULTY, "{:?}", run.done);
    let run = through(&engine, &actor, file, "again", table).await?;
    ensure!((run.done.new, run.done.changed) == (0, 0), "{:?}", run.done);
    let begun = Instant::now();
    ensure!(engine.import_rejected(&run, 100).await?.len() == 100.min(rows / FAULTY));
    table.add("files: page of rejected rows", ms(begun.elapsed()), "");
    for one in engine.publications().await? {
        if one.service.slug == SERVICE {
            let begun = Instant::now();
            let edition = engine.publish_now(&actor, SERVICE, &one.publication.name);
            let edition = edition.await?;
            let what = format!(
                "files: edition {} ({} rows)",
                one.publication.name, edition.rows
            );
            table.add(what, ms(begun.elapsed()), "");
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let server = tokio::spawn(async move { axum::serve(listener, running.router).await });
    asked(&address, rows, table).await?;
    server.abort();
    table.add(
        "files: memory, highest",
        format!("{:.0} MB", highest_mb()),
        "",
    );
    Ok(())
}

/// Looks a file through and carries it out.
async fn through(
    engine: &Arc<Engine>,
    actor: &Actor,
    file: Vec<u8>,
    what: &str,
    table: &mut Table,
) -> anyhow::Result<ImportRun> {
    let upload = engine.upload(actor, "台帳.csv", file).await?;
    let begun = Instant::now();
    let run = engine
        .preview_import(actor, SERVICE, LAYOUT, upload.id)
        .await?;
    table.add(format!("files: {what}, taken in"), ms(begun.elapsed()), "");
    let begun = Instant::now();
    engine.carry_imports().await?;
    table.add(
        format!("files: {what}, looked through"),
        ms(begun.elapsed()),
        "",
    );
    engine.start_import(actor, run.id).await?;
    let begun = Instant::now();
    engine.carry_imports().await?;
    table.add(
        format!("files: {what}, carried out"),
        ms(begun.elapsed()),
        "",
    );
    Ok(engine.import_run(actor, run.id).await?)
}

async fn asked(address: &str, rows: usize, table: &mut Table) -> anyhow::Result<()> {
    let mut client = Client::connect(address, "").await?;
    for (path, what) in [
        (
            format!("/opendata/{SERVICE}/standard.csv"),
            "34 columns, CSV, first",
        ),
        (
            format!("/opendata/{SERVICE}/standard.csv"),
            "34 columns, CSV, again",
        ),
        (format!("/opendata/{SERVICE}/mhlw.csv"), "MHLW, CSV, first"),
        (
            format!("/opendata/{SERVICE}/{LAYOUT}.csv"),
            "ledger, CSV, first",
        ),
    ] {
        let begun = Instant::now();
        let (status, _) = client.get(&path).await?;
        ensure!(status == 200, "{path}: {status}");
        table.add(format!("files: {what}"), ms(begun.elapsed()), "");
    }
    let (_, packages) = client
        .get("/api/3/action/package_show?id=food-business-permit-standard")
        .await?;
    let packages: serde_json::Value = serde_json::from_str(&packages)?;
    let id = packages["result"]["resources"][0]["id"]
        .as_str()
        .unwrap_or_default();
    let search = format!("/api/3/action/datastore_search?resource_id={id}");
    for (more, what) in [
        (String::new(), "first page"),
        (format!("&offset={}", rows - rows / 20), "last page"),
        (
            "&filters=%7B%22%E8%A8%B1%E5%8F%AF%E7%95%AA%E5%8F%B7%22%3A%22x%22%7D".to_owned(),
            "filter",
        ),
        ("&q=12345".to_owned(), "word"),
        (
            "&sort=%E8%A8%B1%E5%8F%AF%E7%95%AA%E5%8F%B7%20desc".to_owned(),
            "order",
        ),
    ] {
        let path = format!("{search}{more}");
        for again in ["first", "again"] {
            let begun = Instant::now();
            let (status, body) = client.get(&path).await?;
            ensure!(status == 200, "{path}: {body}");
            table.add(
                format!("files: datastore_search, {what}, {again}"),
                ms(begun.elapsed()),
                "",
            );
        }
    }
    Ok(())
}

/// A ledger as the metropolis has it, in CP932.
fn ledger(rows: usize) -> anyhow::Result<Vec<u8>> {
    let format = sheet::Format::Csv(sheet::Encoding::Cp932);
    let mut writer = sheet::Writer::new(format, "", Vec::new())?;
    let heads = "屋号 営業所所在地 営業者氏名 営業の種類 申請区分 営業所電話番号 初回許可日";
    let heads: Vec<sheet::Cell> = heads.split(' ').map(sheet::Cell::from).collect();
    writer.row(&heads)?;
    for row in 0..rows {
        let place = match row % FAULTY {
            7 => "どこか".to_owned(),
            _ => format!(
                "{}{}-{}-{}",
                TOWNS[row % 4],
                row / 400 + 1,
                row % 20 + 1,
                row % 400 + 1
            ),
        };
        let cells = [
            format!("見本食堂{row:05}"),
            place,
            format!("見本{:04}株式会社", row % 3_000),
            KINDS[row / 4 % 4].to_owned(),
            "許可".to_owned(),
            format!("042-{:03}-{:04}", row % 1_000, row % 10_000),
            format!("令和{}年{}月1日", row % 7 + 2, row % 12 + 1),
        ];
        writer.row(&cells.map(sheet::Cell::from))?;
    }
    Ok(writer.finish()?.0)
}

fn highest_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.map_or("", str::trim).trim_end_matches(" kB");
    kb.parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn ms(took: Duration) -> String {
    format!("{:.0} ms", took.as_secs_f64() * 1e3)
}
