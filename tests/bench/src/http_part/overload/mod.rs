//! More than can be carried: three times as many requests, then two thousand connections that dawdle. In one run with
//! what the product carries on the same machine at the same time, so that the numbers are ratios.

mod crowd;
mod slow;

use super::child::Product;
use super::client::{self, Client};
use super::{RECORDS, body, runtime};
use crate::capped::Capped;
use crate::table::Table;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What of a core the product gets: who sends three times what it carries needs more than it does, and both run on
/// this machine.
const SHARE: f64 = 0.5;
/// Records that are there when it begins.
const RECORDS_BEFORE: usize = 1_000;
const CLIENTS: usize = 64;
/// How long each part lasts.
const PART: Duration = Duration::from_secs(12);
/// Of so many requests one opens a record; the others read.
const ONE_ACT_OF: usize = 5;

/// What came of many requests.
#[derive(Default)]
pub(super) struct Seen {
    /// Milliseconds of those that were accepted.
    accepted: Vec<f64>,
    /// And of those among them that were acts.
    acts: Vec<f64>,
    /// And of those that were told to come back.
    refused: Vec<f64>,
    /// Anything else.
    faults: usize,
    /// Addresses of records that were acknowledged.
    made: Vec<String>,
}

impl Seen {
    fn note(&mut self, status: u16, text: &str, took: Duration) {
        let millis = took.as_secs_f64() * 1e3;
        match status {
            200 | 201 => self.accepted.push(millis),
            503 => self.refused.push(millis),
            _ => self.faults += 1,
        }
        if status == 201 {
            self.acts.push(millis);
        }
        if status == 201
            && let Ok(record) = serde_json::from_str::<serde_json::Value>(text)
            && let Some(id) = record["id"].as_str()
        {
            self.made.push(format!("{RECORDS}/{id}"));
        }
    }

    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.acts.extend(other.acts);
        self.refused.extend(other.refused);
        self.made.extend(other.made);
        self.faults += other.faults;
    }
}

/// The value below which `share` of all lie.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0.0)
}

/// Requests of the mixture, made ahead: each writes its own record or reads.
pub(super) struct Mixture {
    token: String,
    list: Vec<u8>,
    record: Vec<u8>,
    next: AtomicUsize,
}

impl Mixture {
    fn request(&self) -> Vec<u8> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        match n % ONE_ACT_OF {
            0 => {
                let key = format!("crowd-{n}");
                client::request(
                    "POST",
                    RECORDS,
                    &self.token,
                    Some(&key),
                    &body("save", n, None),
                )
            }
            1 => self.list.clone(),
            _ => self.record.clone(),
        }
    }
}

/// Measures both and says what it found.
pub(crate) fn run(room: &Path, table: &mut Table) -> anyhow::Result<()> {
    let _ = tsumugi::server::connections(16_384);
    let runtime = runtime()?;
    let product = Product::start(&room.join("overload"))?;
    runtime.block_on(async {
        let mixture = Arc::new(prepare(&product).await?);
        let _capped = Capped::hold(product.process(), SHARE);
        let carried = asking(&product, &mixture, CLIENTS, None).await?;
        let rate = carried.accepted.len() as f64 / PART.as_secs_f64();
        table.add(
            "overload: carried on half a core, 64 clients",
            format!("{rate:.0}/s"),
            "",
        );
        table.add(
            "overload: p99 then",
            format!("{:.0} ms", quantile(&carried.accepted, 0.99)),
            "",
        );
        crowd::measure(&product, &mixture, rate, table).await?;
        slow::measure(&product, &mixture, table).await
    })?;
    product.stop()
}

async fn prepare(product: &Product) -> anyhow::Result<Mixture> {
    let token = product.token("business").to_owned();
    let mut client = Client::connect(&product.address, &token).await?;
    let mut last = String::new();
    for n in 0..RECORDS_BEFORE {
        let key = format!("before-{n}");
        let request = client::request("POST", RECORDS, &token, Some(&key), &body("save", n, None));
        let (status, text) = client.ask(&request).await?;
        anyhow::ensure!(status == 201, "{status}: {text}");
        let record: serde_json::Value = serde_json::from_str(&text)?;
        last = format!("{RECORDS}/{}", record["id"].as_str().unwrap_or_default());
    }
    Ok(Mixture {
        list: client::request("GET", &format!("{RECORDS}?limit=10"), &token, None, ""),
        record: client::request("GET", &last, &token, None, ""),
        token,
        next: AtomicUsize::new(RECORDS_BEFORE),
    })
}

/// So many clients that each wait for their answer, and then for a pause: without one, as many as the product carries.
async fn asking(
    product: &Product,
    mixture: &Arc<Mixture>,
    clients: usize,
    pause: Option<Duration>,
) -> anyhow::Result<Seen> {
    let until = Instant::now() + PART;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (address, mixture) = (product.address.clone(), Arc::clone(mixture));
        tasks.spawn(async move {
            let mut client = Client::connect(&address, "").await?;
            let mut seen = Seen::default();
            while Instant::now() < until {
                let begun = Instant::now();
                let (status, text) = client.ask(&mixture.request()).await?;
                seen.note(status, &text, begun.elapsed());
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
            }
            anyhow::Ok(seen)
        });
    }
    let mut all = Seen::default();
    while let Some(seen) = tasks.join_next().await {
        all.add(seen??);
    }
    Ok(all)
}
