//! The part of the port for who looked, on SQLite.

use crate::house::accounts;
use crate::house::looks::{find, index, prune, seal};
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::looks::{Look, LookPage, LookQuery, Looks, NewestLook, ReadNote, Sealed};
use kernel::port::Task;
use kernel::{AccountId, PartyId};

impl Looks for SqliteStore {
    fn note_now(&self, note: ReadNote) -> Task<'_, ()> {
        Box::pin(async move {
            self.writer.note(note)?;
            // Notes are written at the end of every group, so this one's commit is theirs.
            self.writer.write(|_| Ok(0)).await.map(drop)
        })
    }

    fn looks(&self, query: LookQuery) -> Task<'_, LookPage> {
        Box::pin(async move { self.read(|db| find::page(db, &query)) })
    }

    fn fresh_looks(&self, limit: usize) -> Task<'_, Vec<Look>> {
        Box::pin(async move { self.read(|db| index::fresh(db, limit)) })
    }

    fn index_looks(&self, upto: u64) -> Task<'_, ()> {
        self.write(move |db| index::upto(db, upto))
    }

    fn read_counts(&self, account: AccountId, from: i64) -> Task<'_, Vec<(i64, u64)>> {
        Box::pin(async move { self.read(|db| index::counts(db, account.0, from)) })
    }

    fn account_of(&self, party: PartyId) -> Task<'_, Option<AccountId>> {
        Box::pin(async move { self.read(|db| accounts::of_party(db, party)) })
    }

    fn newest_look(&self) -> Task<'_, NewestLook> {
        Box::pin(async move { self.read(seal::newest) })
    }

    fn put_look_seal(&self, sealed: Sealed) -> Task<'_, ()> {
        self.write(move |db| seal::put(db, &sealed))
    }

    fn prune_looks(&self, before: Timestamp, now: Timestamp, limit: usize) -> Task<'_, u64> {
        Box::pin(
            self.writer
                .write(move |db| prune::prune(db, before, now, limit)),
        )
    }
}
