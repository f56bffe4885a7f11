//! Personal links and PINs: how somebody without an account follows what they brought to the counter.

use crate::view::RecordView;
use crate::{Engine, Failure};
use jiff::SignedDuration;
use kernel::port::{Account, Session};
use kernel::{AccountId, Actor, PartyId};

/// How long a link opens.
const LINK_DAYS: i64 = 400;
/// Kind of session that a link is.
const LINK: &str = "link";

impl Engine {
    /// Gives the party that was keyed in at the counter a way to its record: a link, and a PIN (as its hash) to the
    /// record's number. Both belong to an account with no address and nothing else.
    ///
    /// # Errors
    /// 404 where the record has no such party, or the actor may not stand in for it.
    pub async fn open_link(
        &self,
        actor: &Actor,
        record: &RecordView,
        number: &str,
        pin: String,
        token: &str,
    ) -> Result<(), Failure> {
        let party = record.parties.iter().find(|party| party.counter);
        let party = party
            .filter(|_| kernel::counter::sits(&record.record_type, actor))
            .ok_or_else(Failure::not_found)?;
        let known = self.store.account_by_login(number).await?;
        let id = match known {
            Some(account) if account.party == party.id => account.id,
            Some(_) => return Err(Failure::not_found()),
            None => AccountId(self.ids.uuid(self.clock.now())),
        };
        let account = Account {
            id,
            login: number.to_owned(),
            name: party.name.clone(),
            password: Some(pin),
            party: PartyId(party.id.0),
            hats: Vec::new(),
            seats: Vec::new(),
            passes: Vec::new(),
            demo: false,
            closed: None,
        };
        self.store.put_account(account).await?;
        let until = self
            .clock
            .now()
            .checked_add(SignedDuration::from_hours(24 * LINK_DAYS))
            .unwrap_or(jiff::Timestamp::MAX);
        self.open_session(token, id, LINK, until).await
    }

    /// The account behind a link that still opens.
    ///
    /// # Errors
    /// 404 for any other token: a browser's session is no link.
    pub async fn linked(&self, token: &str) -> Result<Account, Failure> {
        let session: Option<Session> = self.link_session(token).await?;
        let account = session
            .filter(|session| session.kind == LINK && session.until > self.clock.now())
            .map(|session| session.account)
            .ok_or_else(Failure::not_found)?;
        self.store
            .account(account)
            .await?
            .ok_or_else(Failure::not_found)
    }
}
