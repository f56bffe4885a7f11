//! What is done with notes off the path of readers: they are made found by record, signed, and deleted when their time
//! is over.

use super::LOOKS_SIGNED_WITHIN;
use crate::log::{damaged, internal};
use crate::{Engine, Failure};
use evidence::{Head, LogKey};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use kernel::looks::{Sealed, seal_name};
use std::sync::atomic::Ordering::Relaxed;

/// Notes are kept so many years.
pub const KEPT_YEARS: i16 = 10;
/// Notes taken at a time: while they are written, acts wait.
const BATCH: usize = 256;
/// Fewer notes are waited with so long: what many listed meanwhile is then written once a record.
const GATHERED: SignedDuration = SignedDuration::from_secs(20);
/// Notes deleted at a time.
const PRUNED: usize = 2_000;

impl Engine {
    /// Goes on with the notes. `all` waits for none to gather.
    ///
    /// # Errors
    /// If the store is not available; the next round goes on.
    pub(crate) async fn tend_looks(&self, all: bool) -> Result<(), Failure> {
        loop {
            let fresh = self.store.looks().fresh_looks(BATCH).await?;
            let Some((first, last)) = fresh.first().zip(fresh.last()) else {
                break;
            };
            let whole = fresh.len() == BATCH;
            let age = self.clock.now().duration_since(first.note.at);
            if !whole && !all && age < GATHERED {
                break;
            }
            self.store.looks().index_looks(last.no).await?;
            self.find_unusual(&fresh).await?;
            if !whole {
                break;
            }
        }
        self.sign_looks().await?;
        self.prune_looks().await
    }

    /// Signs the newest note, unless that was done a moment ago.
    async fn sign_looks(&self) -> Result<(), Failure> {
        let ((no, hash), sealed) = self.store.looks().newest_look().await?;
        if no == 0 || sealed.as_ref().is_some_and(|sealed| sealed.no >= no) {
            return Ok(());
        }
        let Some(row) = self.store.log().log_keys().await?.into_iter().last() else {
            return Ok(());
        };
        let secret = self.store.log().log_seed(row.seed).await?;
        let origin = row.verifier.split('+').next().unwrap_or_default();
        let key = LogKey::new(&seal_name(origin), &secret.0).map_err(damaged)?;
        let at = self.clock.now();
        if let Some(sealed) = sealed.filter(|sealed| sealed.key == row.no) {
            let last = key.verifier().head(&sealed.checkpoint).map_err(damaged)?;
            let since = at.duration_since(last.at);
            // A clock that was put back must not keep them waiting.
            if since >= SignedDuration::ZERO && since < LOOKS_SIGNED_WITHIN {
                return Ok(());
            }
        }
        let head = Head {
            size: no,
            root: hash,
            at,
        };
        let checkpoint = key.sign_head(&head).map_err(internal)?;
        let sealed = Sealed {
            no,
            key: row.no,
            checkpoint,
        };
        Ok(self.store.looks().put_look_seal(sealed).await?)
    }

    /// Deletes what has been kept long enough; looks once a day whether there is any.
    async fn prune_looks(&self) -> Result<(), Failure> {
        let today = i64::from(days(self.today()));
        if self.looks_pruned.swap(today, Relaxed) == today {
            return Ok(());
        }
        let now = self.clock.now();
        let years = i64::from(KEPT_YEARS);
        let Ok(before) = self.today().checked_sub(years.years()) else {
            return Ok(());
        };
        let before = crate::clock::day_begins(before);
        let looks = self.store.looks();
        while looks.prune_looks(before, now, PRUNED).await? > 0 {}
        Ok(())
    }
}

/// Days since 1970.
fn days(day: Date) -> i32 {
    let since = day.since(Date::constant(1970, 1, 1));
    since.map_or(0, |span| span.get_days())
}
