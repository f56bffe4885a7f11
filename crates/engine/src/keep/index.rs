//! Records that were there before their type had a rule, or before it changed, are indexed by the worker, a few at a time.

use crate::{Engine, Failure};
use definition::model::{RecordType, Retention, Service};
use kernel::{Around, Decision, Expect, Snapshot};
use std::sync::Arc;

/// Records looked at in one round of the worker.
const BATCH: usize = 200;
/// The most events that are folded to tell since when a record has been in its state.
const MAX_EVENTS: usize = 10_000;

impl Engine {
    /// Goes on with indexing records by the last day of their retention, where a rule is new or another; true while there is
    /// more to do.
    pub(crate) async fn index_retention(&self) -> Result<bool, Failure> {
        let catalogue = self.catalogue();
        for service in catalogue.services.values() {
            for rt in service.types.values() {
                if let Some(rule) = &rt.retention
                    && self.index_type(service, rt, rule).await?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn index_type(
        &self,
        service: &Arc<Service>,
        rt: &RecordType,
        rule: &Retention,
    ) -> Result<bool, Failure> {
        let (name, print) = (setting(service, rt), print_of(rule));
        let whole = format!("{name}={print}");
        if self.keep.indexed.lock().contains(&whole) {
            return Ok(false);
        }
        // `PRINT:all`, or how far it is: `PRINT:ROW`.
        let kept = self.store.setting(&name).await?.unwrap_or_default();
        let at = kept.rsplit_once(':').filter(|(of, _)| *of == print);
        let after = match at {
            Some((_, "all")) => {
                self.keep.indexed.lock().insert(whole);
                return Ok(false);
            }
            Some((_, row)) => row.parse().unwrap_or(0),
            None => 0,
        };
        let shelf = self.store.shelf();
        let (batch, last) = shelf
            .records_of(&service.slug, &rt.name, after, BATCH)
            .await?;
        if batch.is_empty() {
            self.store
                .put_setting(&name, &format!("{print}:all"))
                .await?;
            return Ok(true);
        }
        for snapshot in batch {
            self.index_one(rt, snapshot).await?;
        }
        self.store
            .put_setting(&name, &format!("{print}:{last}"))
            .await?;
        Ok(true)
    }

    /// Derives a record anew; nothing happens to it, so it has no event. One that moves meanwhile is derived by that act.
    async fn index_one(&self, rt: &RecordType, snapshot: Snapshot) -> Result<(), Failure> {
        let ended = rt
            .states
            .get(&snapshot.state)
            .is_some_and(|state| state.ended);
        if !ended {
            return Ok(());
        }
        let snapshot = match snapshot.state_since {
            Some(_) => snapshot,
            None => self.folded(snapshot.id, MAX_EVENTS, |_| true).await?,
        };
        let governing = self.governing(&snapshot).await?;
        let Ok(own) = crate::registry::record_type(&governing, &snapshot.record_type) else {
            return Ok(());
        };
        let facts = self.facts(governing, &own, snapshot.clone()).await?;
        if kernel::keep::entry(rt, &snapshot, Around::of(&facts)).is_none() {
            return Ok(());
        }
        let decision = Decision {
            events: Vec::new(),
            expects: vec![Expect {
                record: snapshot.id,
                version: snapshot.version,
            }],
            snapshots: vec![snapshot],
            draws: Vec::new(),
            postings: Vec::new(),
            effects: Vec::new(),
            attachments: Vec::new(),
        };
        self.commit_bulk(facts, decision, self.clock.now()).await?;
        Ok(())
    }
}

fn setting(service: &Service, rt: &RecordType) -> String {
    format!("retention:{}/{}", service.slug, rt.name)
}

/// What decides on the last day, as a short text.
fn print_of(rule: &Retention) -> String {
    let from = rule.from.as_ref().map_or("ended", |from| from.source());
    let mut said = format!("{:?}|{:?}|{from}", rule.years, rule.count);
    if let Some(days) = rule.unsent {
        said.push_str(&format!("|{days}"));
    }
    crate::hash::sha256(said.as_bytes())[..16].to_owned()
}
