//! The people of what leaves: their accounts without anything to sign in with, and where they want to be reached.

use super::Leaving;
use crate::failure::Failure;
use crate::house::{accounts, contacts};
use kernel::PartyId;
use kernel::mailroom::Contact;
use kernel::port::{Account, StoreError};
use serde::{Deserialize, Serialize};

/// Where a party wants to be reached.
#[derive(Clone, Serialize, Deserialize)]
pub struct ContactLine {
    /// The addresses.
    pub contact: Contact,
    /// Mailboxes of desks whose messages it gets too.
    pub desks: Vec<String>,
}

impl Leaving<'_> {
    /// Accounts that acted on the records that leave, or looked at them; all of them where everything leaves. Without
    /// passwords.
    ///
    /// # Errors
    /// If the database cannot be read; or what `each` answers.
    pub fn accounts<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(Account) -> Result<(), E>,
    ) -> Result<(), E> {
        let columns = "account.id AS id, login, name, password, party, hats, seats, demo, closed";
        let sql = match self.which.services {
            None => format!("SELECT {columns} FROM account ORDER BY id"),
            Some(_) => format!(
                "SELECT {columns} FROM account JOIN
                   (SELECT actor AS id FROM event WHERE {} UNION SELECT account AS id FROM read_note WHERE {}
                    UNION SELECT owner AS id FROM attachment WHERE {}) AS acting
                 ON acting.id = account.id ORDER BY account.id",
                self.own("event.service", "event.record"),
                self.records("read_note.record"),
                self.records("attachment.record")
            ),
        };
        self.each(&sql, |row| {
            let mut account = accounts::account(row).map_err(StoreError::from)?;
            account.password = None;
            each(account)
        })
    }

    /// Where a party wants to be reached.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn contact(&self, party: PartyId) -> Result<Option<ContactLine>, StoreError> {
        let Some(mut contact) = contacts::of(&self.db, &self.keys, party)? else {
            return Ok(None);
        };
        // A number of this store's writings, which are sealed anew where they arrive.
        contact.revision = 0;
        let mut find = self
            .db
            .prepare_cached("SELECT mailbox FROM contact_desk WHERE party = ?1 ORDER BY mailbox")?;
        let desks = find.query_map([party.0.as_bytes().as_slice()], |row| row.get("mailbox"))?;
        Ok(Some(ContactLine {
            contact,
            desks: desks.collect::<Result<_, Failure>>()?,
        }))
    }
}
