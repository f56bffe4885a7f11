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

pub(super) fn compare(
    runtime: &Runtime,
    room: &Path,
    count: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let (mut best, mut best_bare) = (0.0_f64, Run::default());
    let (mut cpu_ms, mut load_ms, mut per_fsync) = (0.0, 0.0, 0.0);
    for turn in 0..2 {
        let data = room.join(format!("http-{turn}"));
        let product = Product::start(&data)?;
        let drawings = runtime.block_on(uploads(&product, count + WARM_UP))?;
        runtime.block_on(pour(&product, "submit", 0, WARM_UP, &drawings))?;
        let (before, load) = (product.cpu(), cpu_of("self"));
        let groups = runtime.block_on(groups(&product))?;
        let took = runtime.block_on(pour(&product, "submit", WARM_UP, count, &drawings))?;
        let rate = count as f64 / took.as_secs_f64();
        if rate > best {
            best = rate;
            let each = |cpu: Duration| cpu.as_secs_f64() * 1e3 / count as f64;
            (cpu_ms, load_ms) = (each(product.cpu() - before), each(cpu_of("self") - load));
            let now = runtime.block_on(self::groups(&product))?;
            per_fsync = if now > groups {
                count as f64 / (now - groups)
            } else {
                0.0
            };
        }
        product.stop()?;
        let rows = Rows::of(&data.join("tsumugi.sqlite"))?;
        best_bare = best_bare.better(bare(
            runtime,
            &room.join(format!("http-bare-{turn}.sqlite")),
            rows,
        )?);
    }
    table.add(
        "HTTP: durable creates, 64 clients",
        format!("{best:.0}/s"),
        "",
    );
    table.add(
        "HTTP: bare writer, same rows",
        format!(
            "{:.0}/s, {:.1} acts a group, {:.3} ms CPU each",
            best_bare.rate(),
            best_bare.per_group(),
            best_bare.cpu_ms()
        ),
        "",
    );
    table.add(
        "HTTP : bare",
        format!("{:.0} %", 100.0 * best / best_bare.rate()),
        ">= 60 %",
    );
    table.add(
        "HTTP: CPU of the server a create",
        format!("{cpu_ms:.3} ms"),
        "<= 0.5 ms",
    );
    table.add(
        "HTTP: CPU of the load generator a create",
        format!("{load_ms:.3} ms"),
        "",
    );
    if per_fsync > 0.0 {
        table.add(
            "HTTP: acts a group commit",
            format!("{per_fsync:.1}"),
            ">= 16",
        );
    }
    Ok(())
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
