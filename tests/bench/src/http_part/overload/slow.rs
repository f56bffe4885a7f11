//! Two thousand connections that dawdle: a third never ends its head, a third its body, a third takes no answer.

use super::{Mixture, PART, Seen, quantile};
use crate::http_part::RECORDS;
use crate::http_part::child::Product;
use crate::http_part::client::{self, Client};
use crate::table::Table;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const SLOW: usize = 2_000;
const OTHERS: usize = 8;
/// Each of the others asks so often a second: together far less than is carried.
const A_SECOND: u64 = 10;

pub(super) async fn measure(
    product: &Product,
    mixture: &Arc<Mixture>,
    table: &mut Table,
) -> anyhow::Result<()> {
    let before = others(product, mixture).await?;
    let mut slow = JoinSet::new();
    for n in 0..SLOW {
        slow.spawn(dawdle(product.address.clone(), n, mixture.token.clone()));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let beside = others(product, mixture).await?;
    slow.abort_all();
    let p99 = |seen: &Seen| quantile(&seen.accepted, 0.99);
    table.add(
        "slow: p99 of others without them",
        format!("{:.0} ms", p99(&before)),
        "",
    );
    table.add(
        "slow: p99 of others beside 2,000 slow connections",
        format!(
            "{:.0} ms ({:.1} times; {} refused, {} faults)",
            p99(&beside),
            p99(&beside) / p99(&before).max(0.1),
            beside.refused.len(),
            beside.faults
        ),
        "< 1000 ms",
    );
    Ok(())
}

async fn others(product: &Product, mixture: &Arc<Mixture>) -> anyhow::Result<Seen> {
    let until = Instant::now() + PART;
    let mut tasks = JoinSet::new();
    for _ in 0..OTHERS {
        let (address, mixture) = (product.address.clone(), Arc::clone(mixture));
        tasks.spawn(async move {
            let mut client = Client::connect(&address, "").await?;
            let mut seen = Seen::default();
            while Instant::now() < until {
                let begun = Instant::now();
                let (status, text) = client.ask(&mixture.request()).await?;
                seen.note(status, &text, begun.elapsed());
                tokio::time::sleep(Duration::from_millis(1_000 / A_SECOND)).await;
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

/// Keeps a connection busy with as little as it can; opened anew when it is cut.
async fn dawdle(address: String, n: usize, token: String) {
    // They come within two seconds, not at once: what is measured is that they stay.
    tokio::time::sleep(Duration::from_millis(n as u64)).await;
    loop {
        if let Ok(mut stream) = TcpStream::connect(&address).await {
            let whole = match n % 3 {
                0 => b"GET / HTTP/1.1\r\nHost: bench\r\nX-Slow: ".to_vec(),
                1 => format!(
                    "POST {RECORDS} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{{"
                )
                .into_bytes(),
                _ => client::request("GET", &format!("{RECORDS}?limit=20"), &token, None, ""),
            };
            if stream.write_all(&whole).await.is_ok() {
                drip(&mut stream, n % 3 == 2).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn drip(stream: &mut TcpStream, is_deaf: bool) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // Who is deaf reads nothing of what comes.
        if !is_deaf && stream.write_all(b"a").await.is_err() {
            return;
        }
        if is_deaf && stream.writable().await.is_err() {
            return;
        }
    }
}
