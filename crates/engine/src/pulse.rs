//! What an operator looks at: what waits, for how long, and how far evidence is behind. Counts and times only.

use crate::{Engine, Failure};
use jiff::Timestamp;
use kernel::mailroom::Channel;
use kernel::quarantine::HeldCounts;
use std::collections::BTreeMap;

/// Beyond so many, late timers and runs are not counted.
const COUNTED_AT_MOST: usize = 1_000;
/// And stuck effects, which are read whole.
const STUCK_AT_MOST: usize = 200;

/// What waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Effects by kind: how many, and since when the oldest.
    pub effects: BTreeMap<String, (u64, Timestamp)>,
    /// Effects that have failed at least once; at most 200 are counted.
    pub stuck: u64,
    /// Deliveries by channel: how many, and when the first is to go.
    pub deliveries: BTreeMap<Channel, (u64, Timestamp)>,
    /// Timers that were due before today; at most 1,000 are counted.
    pub late_timers: u64,
    /// Runs that have items left; at most 1,000 are counted.
    pub open_runs: u64,
    /// The signed log; none before it has a key.
    pub log: Option<LogPulse>,
    /// Uploads that are held.
    pub held: HeldCounts,
    /// Whether uploads are scanned.
    pub scans: bool,
    /// Providers that did not answer last: channels, and `payment`.
    pub silent: Vec<&'static str>,
}

/// How far the signed log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPulse {
    /// Events under the newest head.
    pub size: u64,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Whether events are committed that are not under it.
    pub has_more: bool,
}

impl LogPulse {
    /// Events wait longer for a signature than they should, in seconds.
    pub const LATE_SECONDS: i64 = 90;

    /// Whether an operator must see to it.
    #[must_use]
    pub fn is_behind(&self, now: Timestamp) -> bool {
        self.has_more && now.as_second() - self.signed_at.as_second() > Self::LATE_SECONDS
    }
}

impl Engine {
    /// What waits now.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn pulse(&self) -> Result<Pulse, Failure> {
        let store = &self.store;
        let log = match self.newest_head().await? {
            Some((_, head)) => Some(LogPulse {
                size: head.size,
                signed_at: head.at,
                has_more: !store.log().event_hashes(head.size, 1).await?.is_empty(),
            }),
            None => None,
        };
        Ok(Pulse {
            effects: store.outbox_waiting().await?,
            stuck: store.stuck(STUCK_AT_MOST).await?.len() as u64,
            deliveries: store.waiting().await?,
            late_timers: store.late_timers(self.today(), COUNTED_AT_MOST).await?,
            open_runs: store.open_runs(COUNTED_AT_MOST).await?.len() as u64,
            log,
            held: store.quarantine().held_counts().await?,
            scans: self.scans(),
            silent: self.silent(),
        })
    }

    fn silent(&self) -> Vec<&'static str> {
        let channels = self.channels().into_iter();
        let channels = channels.filter(|channel| self.pace(*channel).is_silent());
        let mut silent: Vec<_> = channels.map(Channel::name).collect();
        if self.gateway_pace.is_silent() {
            silent.push("payment");
        }
        silent
    }
}
