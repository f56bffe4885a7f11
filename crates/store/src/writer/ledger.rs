//! Postings and balances.

use super::act::Stop;
use super::group::Writer;
use crate::codec;
use crate::failure::Failure;
use kernel::port::{Committed, Prepared};
use rusqlite::{OptionalExtension, params};
use rust_decimal::Decimal;

impl Writer {
    /// Posts everything, then looks at the floors: within one act the order of postings does not matter.
    pub(super) fn post(&self, prepared: &Prepared) -> Result<(), Stop> {
        let act = prepared
            .events
            .first()
            .map(|event| event.header.act.0.into_bytes());
        for posting in &prepared.postings {
            let (posted, held) = self.balance(&posting.ledger, &posting.key)?;
            let add = |a: Decimal, b: Decimal| {
                a.checked_add(b)
                    .ok_or_else(|| Failure::damaged("a balance has too many digits"))
            };
            let (posted, held) = (add(posted, posting.posted)?, add(held, posting.held)?);
            self.db
                .prepare_cached(
                    "INSERT INTO balance(ledger, key, posted, held) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT(ledger, key) DO UPDATE SET posted = excluded.posted, held = excluded.held",
                )?
                .execute(params![posting.ledger, posting.key, posted.to_string(), held.to_string()])?;
            self.db
                .prepare_cached("INSERT INTO posting(ledger, key, record, act, posted, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![
                    posting.ledger,
                    posting.key,
                    posting.record.0.into_bytes(),
                    act,
                    posting.posted.to_string(),
                    posting.held.to_string()
                ])?;
        }
        for posting in &prepared.postings {
            let Some(floor) = posting.floor else { continue };
            let (posted, held) = self.balance(&posting.ledger, &posting.key)?;
            if posted - held < floor {
                let (ledger, key) = (posting.ledger.clone(), posting.key.clone());
                return Err(Stop::answer(Committed::BelowFloor { ledger, key }));
            }
        }
        Ok(())
    }

    fn balance(&self, ledger: &str, key: &str) -> Result<(Decimal, Decimal), Failure> {
        let mut find = self
            .db
            .prepare_cached("SELECT posted, held FROM balance WHERE ledger = ?1 AND key = ?2")?;
        let found: Option<(String, String)> = find
            .query_row([ledger, key], |row| {
                Ok((row.get("posted")?, row.get("held")?))
            })
            .optional()?;
        found.map_or(Ok((Decimal::ZERO, Decimal::ZERO)), |(posted, held)| {
            Ok((codec::decimal(&posted)?, codec::decimal(&held)?))
        })
    }
}
