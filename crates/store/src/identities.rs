//! The part of the port that knows sessions and outside identities.

use crate::house::{accounts, links, sessions};
use crate::open::SqliteStore;
use jiff::Timestamp;
use kernel::identity::{Identities, Link, Session};
use kernel::port::{Account, Task};
use kernel::{AccountId, PartyId};
use uuid::Uuid;

impl Identities for SqliteStore {
    fn sessions_of(&self, account: AccountId, now: Timestamp) -> Task<'_, Vec<Session>> {
        Box::pin(async move { self.read(|db| sessions::of(db, account, now)) })
    }

    fn replace_session<'a>(&'a self, old: &'a str, new: Session) -> Task<'a, ()> {
        let old = old.to_owned();
        self.write(move |db| {
            sessions::end(db, &old)?;
            sessions::put(db, &new)
        })
    }

    fn end_session_of(&self, account: AccountId, id: Uuid) -> Task<'_, ()> {
        self.write(move |db| sessions::end_of(db, account, id))
    }

    fn end_sessions_of(&self, account: AccountId, keep: Option<Uuid>) -> Task<'_, ()> {
        self.write(move |db| sessions::end_all(db, account, keep))
    }

    fn end_sessions_from<'a>(&'a self, outside: &'a str) -> Task<'a, ()> {
        let outside = outside.to_owned();
        self.write(move |db| sessions::end_from(db, &outside))
    }

    fn sessions_used(&self, uses: Vec<(String, Timestamp)>, now: Timestamp) -> Task<'_, ()> {
        self.write(move |db| sessions::used(db, &uses, now))
    }

    fn put_account_anew(&self, account: Account, keep: Option<Uuid>) -> Task<'_, ()> {
        self.write(move |db| {
            sessions::end_all(db, account.id, keep)?;
            accounts::put(db, &account)
        })
    }

    fn link<'a>(&'a self, issuer: &'a str, subject: &'a str) -> Task<'a, Option<Link>> {
        Box::pin(async move { self.read(|db| links::of(db, issuer, subject)) })
    }

    fn put_linked(&self, account: Account, link: Link) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.writer.write(move |db| links::put(db, &account, &link));
            Ok(put.await? > 0)
        })
    }

    fn links_of(&self, account: AccountId) -> Task<'_, Vec<Link>> {
        Box::pin(async move { self.read(|db| links::all(db, account)) })
    }

    fn remove_link(&self, account: Account, link: Link, other_ways: bool) -> Task<'_, bool> {
        Box::pin(async move {
            let remove = self
                .writer
                .write(move |db| links::remove(db, &account, &link, other_ways));
            Ok(remove.await? > 0)
        })
    }

    fn party_of_number<'a>(&'a self, number: &'a str) -> Task<'a, Option<PartyId>> {
        Box::pin(async move { self.read(|db| links::party(db, number)) })
    }

    fn claim_number<'a>(&'a self, number: &'a str, party: PartyId) -> Task<'a, PartyId> {
        Box::pin(async move {
            let owned = number.to_owned();
            self.write(move |db| links::claim_number(db, &owned, party))
                .await?;
            let kept = self.read(|db| links::party(db, number))?;
            Ok(kept.unwrap_or(party))
        })
    }
}
