//! Reads, lists, searches and pages through HTTP over many records: CPU of the server for each.

use super::child::Product;
use super::client::{self, Client};
use super::{RECORDS, creates, notes, started};
use crate::table::Table;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Enough for a hundredth of a second, which is what the system counts in, to be little.
const ROUNDS: usize = 2_000;
const LIST: &str = "list 50, filtered and sorted";

pub(super) fn measure(
    runtime: &Runtime,
    room: &Path,
    records: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let data = room.join("http-reads");
    let product = Product::start(&data)?;
    let took = runtime.block_on(creates::pour(&product, "save", 0, records, &Arc::default()))?;
    table.add(
        format!("HTTP: {records} drafts saved"),
        format!("{:.0}/s", records as f64 / took.as_secs_f64()),
        "",
    );
    product.stop()?;
    let product = started(&data)?;
    table.add(
        "HTTP: start-up with data",
        format!("{:.0} ms", product.started_ms),
        "<= 1,000 ms",
    );
    table.add(
        "HTTP: memory at rest",
        format!("{:.0} MB", product.resident_mb()),
        "<= 120 MB",
    );
    runtime.block_on(all(&product, room, table))?;
    table.add(
        "HTTP: memory after the reads",
        format!("{:.0} MB", product.resident_mb()),
        "<= 120 MB",
    );
    product.stop()
}

async fn all(product: &Product, room: &Path, table: &mut Table) -> anyhow::Result<()> {
    let mut desk = Client::connect(&product.address, product.token("business")).await?;
    let (status, list) = desk.get(&format!("{RECORDS}?limit=1")).await?;
    anyhow::ensure!(status == 200, "{list}");
    let list: serde_json::Value = serde_json::from_str(&list)?;
    let id = list["items"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let filter = "filter=premises.municipality%20%3D%20%2213202%22&sort=-arrived_on&limit=50";
    let cases = [
        ("read one record", format!("{RECORDS}/{id}"), "<= 0.2 ms"),
        (LIST, format!("{RECORDS}?{filter}"), "<= 0.8 ms"),
        (
            "search two characters, common",
            format!("{RECORDS}?q=%E6%9B%B8%E6%88%BF&limit=50"),
            "<= 2 ms",
        ),
        (
            "search two characters, narrow",
            format!("{RECORDS}?q=%E7%A0%82%E5%B7%9D&limit=50"),
            "<= 2 ms",
        ),
        ("health", "/healthz".into(), ""),
        ("page: portal", "/".into(), ""),
        (
            "page: record",
            format!("/r/food-business-permit/application/{id}"),
            "",
        ),
    ];
    for (what, path, target) in cases {
        let mut bytes = 0;
        for _ in 0..20 {
            let (status, text) = desk.get(&path).await?;
            anyhow::ensure!(status == 200, "{path}: {status} {text}");
            bytes = text.len();
        }
        let request = client::request("GET", &path, product.token("business"), None, "");
        let before = product.cpu();
        for _ in 0..ROUNDS {
            desk.expect(&request, 200).await?;
        }
        let ms = (product.cpu() - before).as_secs_f64() * 1e3 / ROUNDS as f64;
        table.add(
            format!("HTTP: {what} ({bytes} bytes), CPU"),
            format!("{ms:.3} ms"),
            target,
        );
        if what == LIST {
            let note = notes::cost(room, Duration::from_secs_f64(ms / 1e3)).await?;
            table.add(
                "HTTP: of which the note of who looked",
                format!(
                    "{note:.3} ms ({:.1} % of the rest)",
                    100.0 * note / (ms - note)
                ),
                "<= 5 %",
            );
        }
    }
    Ok(())
}
