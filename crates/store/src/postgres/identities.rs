//! The part of the port that knows sessions and outside identities, on PostgreSQL.

use super::PostgresStore;
use crate::house::{accounts, links, sessions};
use jiff::Timestamp;
use kernel::identity::{Identities, Link, Session};
use kernel::port::{Account, Task};
use kernel::{AccountId, PartyId};
use uuid::Uuid;

impl Identities for PostgresStore {
    fn sessions_of(&self, account: AccountId, now: Timestamp) -> Task<'_, Vec<Session>> {
        self.read(move |db| sessions::of(db, account, now))
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
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.read(move |db| links::of(db, &issuer, &subject))
    }

    fn put_linked(&self, account: Account, link: Link) -> Task<'_, bool> {
        Box::pin(async move {
            let put = self.counted(move |db| links::put(db, &account, &link));
            Ok(put.await? > 0)
        })
    }

    fn links_of(&self, account: AccountId) -> Task<'_, Vec<Link>> {
        self.read(move |db| links::all(db, account))
    }

    fn remove_link(&self, account: Account, link: Link, other_ways: bool) -> Task<'_, bool> {
        Box::pin(async move {
            let remove = self.counted(move |db| links::remove(db, &account, &link, other_ways));
            Ok(remove.await? > 0)
        })
    }

    fn party_of_number<'a>(&'a self, number: &'a str) -> Task<'a, Option<PartyId>> {
        let number = number.to_owned();
        self.read(move |db| links::party(db, &number))
    }

    fn claim_number<'a>(&'a self, number: &'a str, party: PartyId) -> Task<'a, PartyId> {
        Box::pin(async move {
            let owned = number.to_owned();
            self.write(move |db| links::claim_number(db, &owned, party))
                .await?;
            Ok(self.party_of_number(number).await?.unwrap_or(party))
        })
    }
}
