//! The demo at real scale: stories made by the thousand. Every act of a story is decided by the kernel and committed
//! by the store like any other, so that journal, seals, hashes, snapshots, indexes and search text are those of real
//! use; only what a story needs to know of its own records is kept in memory instead of being read back, many stories
//! run at once, so that many acts share a commit, and messages of years past are not sent.

mod act;
mod tell;
mod words;

pub(super) use words::Bulk;

use crate::{DemoReport, Engine, Failure};
use definition::model::Service;
use jiff::Timestamp;
use kernel::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;
use words::Opened;

/// Stories under way at once: as many acts may share a commit.
const AT_ONCE: usize = 192;
/// What a type that is filled up leaves for the acts that follow; see [`words::Bulk::fill`].
const SPARE: usize = 64;
/// Refusals that are reported; more of the same help nobody.
const REPORTED: usize = 20;

/// A place with a postal code, for addresses that look real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPlace {
    /// `190-0023`, if known.
    pub postal_code: Option<String>,
    /// Five-digit code.
    pub municipality: String,
    /// Town.
    pub town: String,
}

/// What all stories of a run share.
struct Run {
    engine: Arc<Engine>,
    service: Arc<Service>,
    places: Arc<BTreeMap<String, Vec<DemoPlace>>>,
    now: Timestamp,
    done: AtomicUsize,
    events: AtomicUsize,
}

/// What one story came to.
#[derive(Default)]
struct Told {
    acts: usize,
    opened: Opened,
    refused: Option<String>,
}

/// Places by municipality.
pub(super) fn by_municipality(places: &[DemoPlace]) -> Arc<BTreeMap<String, Vec<DemoPlace>>> {
    let mut found: BTreeMap<String, Vec<DemoPlace>> = BTreeMap::new();
    for place in places {
        let of = found.entry(place.municipality.clone()).or_default();
        of.push(place.clone());
    }
    Arc::new(found)
}

/// A run of bulk stories of one service, over several batches.
pub(super) struct Making<'p> {
    run: Arc<Run>,
    slug: String,
    bulks: Vec<Bulk>,
    opened: Opened,
    begun: Vec<usize>,
    progress: &'p (dyn Fn(usize, usize) + Sync),
}

impl<'p> Making<'p> {
    pub(super) fn new(
        engine: &Arc<Engine>,
        (slug, service): (String, Arc<Service>),
        bulks: Vec<Bulk>,
        places: &Arc<BTreeMap<String, Vec<DemoPlace>>>,
        progress: &'p (dyn Fn(usize, usize) + Sync),
    ) -> Self {
        let run = Run {
            engine: Arc::clone(engine),
            service,
            places: Arc::clone(places),
            now: engine.now(),
            done: AtomicUsize::new(0),
            events: AtomicUsize::new(0),
        };
        Self {
            run: Arc::new(run),
            slug,
            begun: vec![0; bulks.len()],
            bulks,
            opened: Opened::new(),
            progress,
        }
    }

    /// Whether these are stories of a service.
    pub(super) fn is_of(&self, slug: &str) -> bool {
        self.slug == slug
    }

    /// Events written so far.
    pub(super) fn events(&self) -> usize {
        self.run.events.load(Ordering::Relaxed)
    }

    /// Counts a record that something else opened.
    pub(super) fn count(&mut self, record: Snapshot) {
        *self
            .opened
            .entry((record.record_type, record.state))
            .or_default() += 1;
    }

    /// Tells the stories. What is to be filled up is filled but for a few, or, at the `end`, wholly.
    pub(super) async fn go(&mut self, end: bool, report: &mut DemoReport) -> Result<(), Failure> {
        for at in 0..self.bulks.len() {
            let wanted = self.wanted(at, end);
            let rest: usize = (at + 1..self.bulks.len())
                .map(|later| self.wanted(later, end))
                .sum();
            let from = self.begun[at];
            self.begun[at] += wanted;
            self.tell(at, from..from + wanted, rest, report).await?;
        }
        Ok(())
    }

    /// How many stories of one kind are still to be told, as far as is known now.
    fn wanted(&self, at: usize, end: bool) -> usize {
        let bulk = &self.bulks[at];
        match &bulk.fill {
            None => bulk.count.saturating_sub(self.begun[at]),
            Some(fill) => {
                let there = fill.there(&self.opened);
                let spare = if end { 0 } else { SPARE.min(fill.of / 2) };
                fill.of.saturating_sub(there + spare)
            }
        }
    }

    /// Tells the stories of one kind; `rest` are told after them.
    async fn tell(
        &mut self,
        at: usize,
        numbers: std::ops::Range<usize>,
        rest: usize,
        report: &mut DemoReport,
    ) -> Result<(), Failure> {
        let bulk = Arc::new(self.bulks[at].clone());
        let (total, mut under_way) = (numbers.len(), JoinSet::new());
        let of_all = self.run.done.load(Ordering::Relaxed) + total + rest;
        let mut waiting = numbers.clone();
        loop {
            while under_way.len() < AT_ONCE
                && let Some(number) = waiting.next()
            {
                let (run, bulk) = (Arc::clone(&self.run), Arc::clone(&bulk));
                let seed = format!("{}/{at}/{number}", self.slug);
                let place = (number - numbers.start, total);
                under_way.spawn(async move { run.story(&bulk, seed, number, place).await });
            }
            let Some(told) = under_way.join_next().await else {
                return Ok(());
            };
            let told = told.map_err(|error| Failure::Internal(error.to_string()))??;
            report.acts += told.acts;
            for (name, count) in told.opened {
                *self.opened.entry(name).or_default() += count;
            }
            if report.refused.len() < REPORTED {
                report.refused.extend(told.refused);
            }
            (self.progress)(self.run.done.fetch_add(1, Ordering::Relaxed) + 1, of_all);
        }
    }
}
