//! Durable creates through HTTP, 64 clients, beside a bare writer of the same rows.

use super::child::Product;
use super::client::{self, Client};
use super::{RECORDS, body};
use crate::store_part::{Rows, Run, bare, cpu_of};
use crate::table::Table;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const CLIENTS: usize = 64;
/// Records opened before the clock runs.
const WARM_UP: usize = 500;
/// Requests that are written ahead.
const PART: usize = 20_000;

/// Turns: the product, then at once the bare writer over the rows that it left. The machine's speed changes from minute to
/// minute, so the two of a turn are compared with each other, and the middle turn counts.
const TURNS: usize = 5;

/// What one turn gave.
struct Turn {
    /// Records a second through HTTP.
    rate: f64,
    /// CPU of the server and of the load generator a record, in milliseconds.
    cpu_ms: (f64, f64),
    /// Records a group commit.
    per_group: f64,
    bare: Run,
}

impl Turn {
    fn share(&self) -> f64 {
        100.0 * self.rate / self.bare.rate()
    }
}

pub(super) fn compare(
    runtime: &Runtime,
    room: &Path,
    count: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let turns = (0..TURNS).map(|n| turn(runtime, room, n, count));
    let mut turns = turns.collect::<anyhow::Result<Vec<_>>>()?;
    turns.sort_by(|a, b| a.share().total_cmp(&b.share()));
    let (least, most) = (turns[0].share(), turns[TURNS - 1].share());
    let Turn {
        rate,
        cpu_ms: (server, load),
        per_group,
        bare,
    } = &turns[TURNS / 2];
    let name = |what: &str| format!("HTTP: {what}");
    table.add(
        name("durable creates, 64 clients"),
        format!("{rate:.0}/s"),
        "",
    );
    let (rows, groups, each) = (bare.rate(), bare.per_group(), bare.cpu_ms());
    table.add(
        name("bare writer, same rows"),
        format!("{rows:.0}/s, {groups:.1} acts a group, {each:.3} ms CPU each"),
        "",
    );
    table.add(
        "HTTP : bare",
        format!(
            "{:.0} % ({least:.0} to {most:.0} in {TURNS} turns)",
            turns[TURNS / 2].share()
        ),
        ">= 60 %",
    );
    table.add(
        name("CPU of the server a create"),
        format!("{server:.3} ms"),
        "<= 0.5 ms",
    );
    table.add(
        name("CPU of the load generator a create"),
        format!("{load:.3} ms"),
        "",
    );
    table.add(
        name("acts a group commit"),
        format!("{per_group:.1}"),
        ">= 16",
    );
    Ok(())
}

fn turn(runtime: &Runtime, room: &Path, n: usize, count: usize) -> anyhow::Result<Turn> {
    let data = room.join(format!("http-{n}"));
    let product = Product::start(&data)?;
    let drawings = runtime.block_on(uploads(&product, count + WARM_UP))?;
    runtime.block_on(pour(&product, "submit", 0, WARM_UP, &drawings))?;
    let (before, load) = (product.cpu(), cpu_of("self"));
    let groups = runtime.block_on(groups(&product))?;
    let took = runtime.block_on(pour(&product, "submit", WARM_UP, count, &drawings))?;
    let each = |cpu: Duration| cpu.as_secs_f64() * 1e3 / count as f64;
    let cpu_ms = (each(product.cpu() - before), each(cpu_of("self") - load));
    let groups = runtime.block_on(self::groups(&product))? - groups;
    let per_group = count as f64 / groups.max(1.0);
    product.stop()?;
    let rows = Rows::of(&data.join("tsumugi.sqlite"))?;
    let file = room.join(format!("http-bare-{n}.sqlite"));
    Ok(Turn {
        rate: count as f64 / took.as_secs_f64(),
        cpu_ms,
        per_group,
        bare: bare(runtime, &file, rows, per_group)?,
    })
}

/// One uploaded drawing for each record: an upload is used by one record only.
async fn uploads(product: &Product, count: usize) -> anyhow::Result<Arc<Vec<String>>> {
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..CLIENTS {
        let (address, token) = (
            product.address.clone(),
            product.token("business").to_owned(),
        );
        tasks.spawn(async move {
            let mut client = Client::connect(&address, &token).await?;
            let mut ids = Vec::new();
            for n in (part..count).step_by(CLIENTS) {
                let content = format!("%PDF-1.7\n% {n}\n%%EOF\n");
                ids.push(client.upload("drawing.pdf", content.as_bytes()).await?);
            }
            anyhow::Ok(ids)
        });
    }
    let mut all = Vec::with_capacity(count);
    while let Some(ids) = tasks.join_next().await {
        all.extend(ids??);
    }
    Ok(Arc::new(all))
}

/// Group commits so far, as `/metrics` tells.
async fn groups(product: &Product) -> anyhow::Result<f64> {
    let mut client = Client::connect(&product.address, product.token("administrator")).await?;
    let (_, text) = client.get("/metrics").await?;
    let line = text
        .lines()
        .find(|line| line.starts_with("tsumugi_store_groups_total"));
    Ok(line
        .and_then(|line| line.rsplit(' ').next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0.0))
}

/// Opens `count` records from 64 clients; each waits for its answer before the next. The requests are written before
/// the clock runs.
pub(super) async fn pour(
    product: &Product,
    action: &'static str,
    from: usize,
    count: usize,
    drawings: &Arc<Vec<String>>,
) -> anyhow::Result<Duration> {
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        clients.push(Client::connect(&product.address, product.token("business")).await?);
    }
    let mut took = Duration::ZERO;
    // In parts, so that a million requests need not lie in memory.
    for begin in (from..from + count).step_by(PART) {
        let end = (begin + PART).min(from + count);
        let requests = Arc::new(requests(product, action, begin..end, drawings));
        let begun = Instant::now();
        clients = send(clients, &requests).await?;
        took += begun.elapsed();
    }
    Ok(took)
}

fn requests(
    product: &Product,
    action: &str,
    range: std::ops::Range<usize>,
    drawings: &[String],
) -> Vec<Vec<u8>> {
    let token = product.token("business");
    range
        .map(|n| {
            let body = body(action, n, drawings.get(n).map(String::as_str));
            client::request("POST", RECORDS, token, Some(&format!("bench-{n}")), &body)
        })
        .collect()
}

async fn send(clients: Vec<Client>, requests: &Arc<Vec<Vec<u8>>>) -> anyhow::Result<Vec<Client>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for mut client in clients {
        let (next, requests) = (Arc::clone(&next), Arc::clone(requests));
        tasks.spawn(async move {
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                client.expect(request, 201).await?;
            }
            anyhow::Ok(client)
        });
    }
    let mut clients = Vec::with_capacity(CLIENTS);
    while let Some(client) = tasks.join_next().await {
        clients.push(client??);
    }
    Ok(clients)
}
