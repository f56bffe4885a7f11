//! Two thousand connections that dawdle: a third never ends its head, a third its body, a third takes no answer.

use super::{Mixture, Seen, asking, quantile};
use crate::http_part::RECORDS;
use crate::http_part::child::Product;
use crate::http_part::client;
use crate::table::Table;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const SLOW: usize = 2_000;
const OTHERS: usize = 8;
/// Each of the others rests so long after an answer: together they ask far less than is carried.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn measure(
    product: &Product,
    mixture: &Arc<Mixture>,
    table: &mut Table,
) -> anyhow::Result<()> {
    let others = || asking(product, mixture, OTHERS, Some(PAUSE));
    let before = others().await?;
    let mut slow = JoinSet::new();
    for n in 0..SLOW {
        slow.spawn(dawdle(product.address.clone(), n, mixture.token.clone()));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let beside = others().await?;
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
