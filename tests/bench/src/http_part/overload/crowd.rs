//! Three times what is carried: requests come at their times, whether those before are answered or not.

use super::{Mixture, PART, Seen, quantile};
use crate::http_part::child::Product;
use crate::http_part::client::Client;
use crate::table::Table;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const TIMES: f64 = 3.0;
/// Connections that are kept for the next request.
const KEPT_AT_MOST: usize = 2_000;
/// It is calm when so many requests in a row were accepted quickly.
const CALM_IN_A_ROW: usize = 20;
const CALM: Duration = Duration::from_millis(100);
const CALM_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn measure(
    product: &Product,
    mixture: &Arc<Mixture>,
    rate: f64,
    table: &mut Table,
) -> anyhow::Result<()> {
    let (seen, sent) = crowd(product, mixture, rate * TIMES).await;
    let calm = calm(product, mixture).await?;
    let share = 100.0 * seen.accepted.len() as f64 / sent.max(1) as f64;
    let per_second = seen.accepted.len() as f64 / PART.as_secs_f64();
    let p99 = quantile(&seen.accepted, 0.99);
    table.add(
        "overload: 3 times that, accepted",
        format!(
            "{per_second:.0}/s ({:.0} % of what is carried, {share:.0} % of {sent} sent)",
            100.0 * per_second / rate
        ),
        "",
    );
    table.add(
        "overload: p99 of the accepted",
        format!("{p99:.0} ms (acts {:.0} ms)", quantile(&seen.acts, 0.99)),
        "< 1000 ms",
    );
    table.add(
        "overload: p99 of the refused",
        format!(
            "{:.0} ms ({} refused, {} faults)",
            quantile(&seen.refused, 0.99),
            seen.refused.len(),
            seen.faults
        ),
        "",
    );
    table.add(
        "overload: calm after",
        format!("{:.1} s", calm.as_secs_f64()),
        "< 10 s",
    );
    let lost = lost(product, mixture, &seen.made).await?;
    table.add(
        "overload: acknowledged and lost",
        format!("{lost} of {}", seen.made.len()),
        "0",
    );
    Ok(())
}

async fn crowd(product: &Product, mixture: &Arc<Mixture>, rate: f64) -> (Seen, usize) {
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    let (mut tasks, mut all, mut sent) = (JoinSet::new(), Seen::default(), 0);
    let begun = Instant::now();
    while begun.elapsed() < PART {
        let due = (begun.elapsed().as_secs_f64() * rate) as usize;
        while sent < due {
            sent += 1;
            let (idle, mixture) = (Arc::clone(&idle), Arc::clone(mixture));
            tasks.spawn(one(product.address.clone(), idle, mixture));
        }
        while let Some(seen) = tasks.try_join_next() {
            all.add(seen.unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    while let Some(seen) = tasks.join_next().await {
        all.add(seen.unwrap_or_default());
    }
    (all, sent)
}

async fn one(address: String, idle: Arc<Mutex<Vec<Client>>>, mixture: Arc<Mixture>) -> Seen {
    let mut seen = Seen::default();
    let begun = Instant::now();
    let kept = idle.lock().pop();
    let client = match kept {
        Some(client) => Ok(client),
        None => Client::connect(&address, "").await,
    };
    let Ok(mut client) = client else {
        seen.faults += 1;
        return seen;
    };
    match client.ask(&mixture.request()).await {
        Ok((status, text)) => {
            seen.note(status, &text, begun.elapsed());
            let mut idle = idle.lock();
            if idle.len() < KEPT_AT_MOST {
                idle.push(client);
            }
        }
        Err(_) => seen.faults += 1,
    }
    seen
}

/// How long it takes until one after another is answered as if nothing had been.
async fn calm(product: &Product, mixture: &Arc<Mixture>) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let mut client = Client::connect(&product.address, "").await?;
    let mut in_a_row = 0;
    let mut first = begun.elapsed();
    while in_a_row < CALM_IN_A_ROW && begun.elapsed() < CALM_WITHIN {
        let asked = Instant::now();
        let (status, _) = client.ask(&mixture.request()).await?;
        if status < 300 && asked.elapsed() < CALM {
            in_a_row += 1;
        } else {
            in_a_row = 0;
            first = begun.elapsed();
        }
    }
    Ok(if in_a_row == CALM_IN_A_ROW {
        first
    } else {
        CALM_WITHIN
    })
}

/// Records that were acknowledged and are not there.
async fn lost(product: &Product, mixture: &Mixture, made: &[String]) -> anyhow::Result<usize> {
    let mut client = Client::connect(&product.address, &mixture.token).await?;
    let mut lost = 0;
    for path in made {
        let (status, _) = client.get(path).await?;
        lost += usize::from(status != 200);
    }
    Ok(lost)
}
