//! A register as it stood, line by line.

use super::table::Lines;
use crate::{Engine, Failure, clock};
use definition::model::{Publication, Service};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::publish::Line;
use kernel::{Around, RecordId, Snapshot};
use std::sync::Arc;

/// Records read at a time.
const BATCH: usize = 500;
/// The most events of one record.
const MAX_EVENTS: usize = 10_000;
/// Held and faulty records that are named.
const NAMED: usize = 1_000;
/// No act is under way longer than this: a record that last changed before has no event still to be committed.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);

/// Up to where the journal is read.
pub(super) struct Cut {
    /// The day that the edition bears: what `today` is in expressions.
    pub(super) day: Date,
    /// The instant.
    pub(super) at: Timestamp,
    /// The last position; none where only the instant counts (days on which no edition was made).
    pub(super) position: Option<u64>,
}

impl Cut {
    /// The end of a day that is over.
    pub(super) fn end_of(day: Date) -> Self {
        let next = day.tomorrow().unwrap_or(day);
        Self {
            day,
            at: clock::day_begins(next),
            position: None,
        }
    }
}

/// What came of it.
pub(super) struct Made {
    pub(super) content: Vec<u8>,
    pub(super) rows: u64,
    pub(super) opted_out: u64,
    pub(super) held: Vec<RecordId>,
    pub(super) faulty: Vec<(RecordId, String)>,
}

impl Engine {
    /// The content of an edition: a pure function of journal, definition and cut.
    pub(super) async fn derive_edition(
        &self,
        service: &Arc<Service>,
        publication: &Publication,
        cut: &Cut,
    ) -> Result<Made, Failure> {
        let rt = crate::registry::record_type(service, &publication.of)?;
        let mut facts = self.empty_facts(Arc::clone(service));
        facts.today = cut.day;
        facts.now = cut.at;
        let mut lines = Lines::new(publication);
        let mut made = Made {
            content: Vec::new(),
            rows: 0,
            opted_out: 0,
            held: Vec::new(),
            faulty: Vec::new(),
        };
        let mut after = 0;
        loop {
            let shelf = self.store.shelf();
            let (batch, last) = shelf
                .records_of(&service.slug, &publication.of, after, BATCH)
                .await?;
            if batch.is_empty() {
                break;
            }
            after = last;
            // Nothing was committed behind the cut yet, so every record stands as it stood. After an import of forty
            // thousand rows this spares as many looks at histories.
            let still = match cut.position {
                Some(position) => shelf.position().await? == position,
                None => false,
            };
            let mut stood = Vec::with_capacity(batch.len());
            for snapshot in batch {
                match still {
                    true => stood.push(snapshot),
                    false => stood.extend(self.stood(snapshot, cut).await?),
                }
            }
            for snapshot in &stood {
                let around = Around::of(&facts);
                let number = made.rows + 1;
                match kernel::publish::line(around, &rt, publication, snapshot, number) {
                    Ok(Line::Row(cells)) => {
                        lines.add(&cells);
                        made.rows += 1;
                    }
                    Ok(Line::Outside) => {}
                    Ok(Line::OptedOut | Line::Kept) => made.opted_out += 1,
                    Ok(Line::Held) if made.held.len() < NAMED => made.held.push(snapshot.id),
                    Ok(Line::Held) => {}
                    Err(error) if made.faulty.len() < NAMED => {
                        made.faulty.push((snapshot.id, error.to_string()));
                    }
                    Err(_) => {}
                }
            }
            tokio::task::yield_now().await;
        }
        made.content = lines.finish();
        Ok(made)
    }

    /// A record as it stood at the cut; none if it was not there yet.
    async fn stood(&self, now: Snapshot, cut: &Cut) -> Result<Option<Snapshot>, Failure> {
        let settled = cut.at.checked_sub(SETTLED).unwrap_or(cut.at);
        let quiet = match cut.position {
            Some(_) => now.updated_at < settled,
            None => now.updated_at < cut.at,
        };
        if quiet {
            return Ok(Some(now));
        }
        if cut.position.is_none() && now.created_at >= cut.at {
            return Ok(None);
        }
        let mut then: Option<Snapshot> = None;
        for stored in self.store.history(now.id, 0, MAX_EVENTS).await? {
            let known = match cut.position {
                Some(position) => stored.position <= position,
                None => stored.event.header.recorded_at < cut.at,
            };
            if !known {
                break;
            }
            let next = kernel::evolve(then, &stored.event);
            then = Some(next.map_err(|error| Failure::Internal(error.to_string()))?);
        }
        // What was closed since goes out no more, although it was open at the cut.
        Ok(then.map(|then| Snapshot {
            closed: now.closed.or(then.closed.clone()),
            ..then
        }))
    }
}
