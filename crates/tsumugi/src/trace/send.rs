//! Sends spans in batches, on a thread of its own. A collector that is away costs spans, never a request.

use super::TraceConfig;
use super::layer::Counts;
use super::span::{Span, body};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Spans in one request at most.
const BATCH: usize = 512;
/// A batch is sent when it is full, or no span came for so long.
const PAUSE: Duration = Duration::from_millis(1_000);
/// What still waits at the end gets so many moments.
const MOMENTS: u32 = 60;
const MOMENT: Duration = Duration::from_millis(50);
/// A collector that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// What sends. It ends with the process.
pub(crate) struct Ended(Arc<Counts>);

impl Ended {
    /// Gives what still waits a moment to be sent.
    pub(crate) fn wait(&self) {
        for _ in 0..MOMENTS {
            if self.0.waiting.load(Relaxed) == 0 {
                return;
            }
            std::thread::sleep(MOMENT);
        }
    }
}

pub(super) fn start(
    config: &TraceConfig,
    inbox: Receiver<Span>,
    counts: Arc<Counts>,
) -> io::Result<Ended> {
    let address = format!("{}/v1/traces", config.to.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let ended = Ended(Arc::clone(&counts));
    let sender = Sender {
        agent,
        address,
        counts,
        is_away: false,
    };
    std::thread::Builder::new()
        .name("traces".into())
        .spawn(move || sender.run(&inbox))?;
    Ok(ended)
}

struct Sender {
    agent: ureq::Agent,
    address: String,
    counts: Arc<Counts>,
    is_away: bool,
}

impl Sender {
    fn run(mut self, inbox: &Receiver<Span>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let ended = match inbox.recv_timeout(PAUSE) {
                Ok(span) => {
                    batch.push(span);
                    if batch.len() < BATCH {
                        continue;
                    }
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if !batch.is_empty() {
                self.send(&batch);
                batch.clear();
            }
            if ended {
                return;
            }
        }
    }

    fn send(&mut self, batch: &[Span]) {
        let sent = self
            .agent
            .post(&self.address)
            .header("content-type", "application/json")
            .send(body(batch).to_string());
        let was_away = std::mem::replace(&mut self.is_away, sent.is_err());
        if let Err(error) = sent {
            self.counts.dropped.fetch_add(batch.len() as u64, Relaxed);
            // Said once, not with each batch.
            if !was_away {
                tracing::warn!(%error, "traces cannot be sent; they are dropped until they can");
            }
        } else if was_away {
            let dropped = self.counts.dropped.swap(0, Relaxed);
            tracing::info!(dropped, "traces can be sent again");
        }
        self.counts.waiting.fetch_sub(batch.len() as u64, Relaxed);
    }
}
