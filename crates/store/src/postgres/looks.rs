//! The part of the port for who looked, on PostgreSQL.

use super::open::PostgresStore;
use crate::house::accounts;
use crate::house::looks::{find, index, prune, seal};
use jiff::Timestamp;
use kernel::looks::{Look, LookPage, LookQuery, Looks, NewestLook, ReadNote, Sealed};
use kernel::port::Task;
use kernel::{AccountId, PartyId};

impl Looks for PostgresStore {
    fn note_now(&self, note: ReadNote) -> Task<'_, ()> {
        Box::pin(async move {
            self.writer.note(note)?;
            // A group takes the notes that are there when it begins, and this one is.
            self.writer.write(|_| Ok(0)).await.map(drop)
        })
    }

    fn looks(&self, query: LookQuery) -> Task<'_, LookPage> {
        self.read(move |db| find::page(db, &query))
    }

    fn fresh_looks(&self, limit: usize) -> Task<'_, Vec<Look>> {
        self.read(move |db| index::fresh(db, limit))
    }

    fn index_looks(&self, upto: u64) -> Task<'_, ()> {
        self.write(move |db| index::upto(db, upto))
    }

    fn read_counts(&self, account: AccountId, from: i64) -> Task<'_, Vec<(i64, u64)>> {
        self.read(move |db| index::counts(db, account.0, from))
    }

    fn account_of(&self, party: PartyId) -> Task<'_, Option<AccountId>> {
        self.read(move |db| accounts::of_party(db, party))
    }

    fn newest_look(&self) -> Task<'_, NewestLook> {
        self.read(seal::newest)
    }

    fn put_look_seal(&self, sealed: Sealed) -> Task<'_, ()> {
        self.write(move |db| seal::put(db, &sealed))
    }

    fn prune_looks(&self, before: Timestamp, now: Timestamp, limit: usize) -> Task<'_, u64> {
        Box::pin(self.counted(move |db| prune::prune(db, before, now, limit)))
    }
}
