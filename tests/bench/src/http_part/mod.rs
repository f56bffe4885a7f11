//! The whole product through HTTP: durable creates beside the bare writer, then single reads, lists, searches, pages.

pub(crate) mod child;
mod client;
mod creates;
pub(crate) mod files;
mod notes;
pub(crate) mod overload;
mod reads;

use crate::table::Table;
use child::Product;
use std::path::Path;

/// Runs every measure through HTTP.
pub(crate) fn run(
    room: &Path,
    creates: usize,
    records: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let runtime = runtime()?;
    if creates > 0 {
        creates::compare(&runtime, room, creates, table)?;
    }
    reads::measure(&runtime, room, records, table)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Base path of the records that the bench makes.
const RECORDS: &str = "/api/v1/services/food-business-permit/application";

/// A realistic body; `n` varies places and names.
fn body(action: &str, n: usize, drawing: Option<&str>) -> String {
    const TOWNS: [&str; 8] = [
        "柴崎町",
        "錦町",
        "曙町",
        "富士見町",
        "高松町",
        "羽衣町",
        "砂川町",
        "一番町",
    ];
    const NAMES: [&str; 8] = [
        "ひまわり",
        "たちばな",
        "けやき",
        "武蔵野",
        "すずらん",
        "みなと",
        "こもれび",
        "あおば",
    ];
    const KINDS: [&str; 4] = ["食堂", "書房カフェ", "鮮魚店", "製麺所"];
    let cities = ["13202", "13207", "13214", "13215", "13220", "13223"];
    let (town, name, kind) = (TOWNS[n % 8], NAMES[(n / 8) % 8], KINDS[(n / 64) % 4]);
    serde_json::json!({"action": action, "input": {
        "premises": {"postal_code": "190-0023", "municipality": cities[n % 6], "line": format!("{town}{}-{}-{}", n % 7 + 1, n % 31 + 1, n % 19 + 1)},
        "premises_name": format!("{name}{kind} {n}号店"), "premises_name_kana": "ヒマワリショクドウ", "premises_phone": "042-523-1111",
        "trades": [{"trade": "restaurant", "kind": "new"}], "water": "public", "foods": "定食、弁当、飲み物",
        "operator_kana": "サトウ ハナコ", "operator_phone": "090-1234-5678", "operator_email": "hanako@example.jp",
        "contact_name": "佐藤", "supervisor_name": "佐藤 花子", "unlisted": false,
        "drawings": drawing.into_iter().collect::<Vec<_>>(),
    }})
    .to_string()
}

fn started(data: &Path) -> anyhow::Result<Product> {
    Product::start(data)
}
