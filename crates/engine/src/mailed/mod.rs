//! Accounts by mail: making one, giving it another password, moving it to another address. Whoever asks hears the same
//! whatever the address is; what is true stands in the letter, which is made when it is sent. The link holds a proof that is
//! made of the slip's id and a secret of the installation, so it lies nowhere. Why so: `docs/decisions/0048-accounts-by-mail.md`.

mod courier;
mod letters;
mod token;

pub use kernel::slips::Purpose;

use crate::outreach::Channel;
use crate::secrets::MAIL_LINKS;
use crate::{Engine, Failure};
use jiff::{SignedDuration, Timestamp};
use kernel::mailroom::{Contact, Way};
use kernel::port::{Account, Party};
use kernel::slips::{Slip, SlipRow, Spending, Words};
use kernel::{AccountId, PartyId};

/// A link holds for so long after its letter was handed over. NIST SP 800-63B-4 allows 24 hours for codes by mail.
pub const LINK_MINUTES: i64 = 60;
/// A letter whose provider is away is tried for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(72);
/// The pause after the first letter to an address; it doubles.
const FIRST_PAUSE_SECONDS: i64 = 60;
/// The longest pause: well within the time for which a link holds. So however often somebody asks in another's name, that
/// other has a link that holds, or gets one.
const LONGEST_PAUSE_SECONDS: i64 = 30 * 60;
/// Longest name of a person or a business, in characters.
pub const LONGEST_NAME: usize = 100;

/// A link that holds. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailed {
    /// What it is for.
    pub purpose: Purpose,
    /// The address that whoever opened it holds.
    pub address: String,
    /// Where they wanted to go; empty where nowhere.
    pub next: String,
    id: uuid::Uuid,
    account: Option<AccountId>,
    language: String,
}

/// Who is registered.
pub struct Registered {
    /// Name of the person.
    pub name: String,
    /// Name of a business for which they act; empty where they act for none.
    pub business: String,
    /// Hash of the password.
    pub password: String,
}

impl Engine {
    /// Whether letters can be sent to addresses.
    #[must_use]
    pub fn mails(&self) -> bool {
        self.channels().contains(&Channel::Mail)
    }

    /// Asks for a letter to an address, for making or recovering an account. The same happens whatever the address is: who it
    /// belongs to is not looked up before the letter is sent.
    ///
    /// # Errors
    /// An address that cannot be one (`/input/mail`); if the store is not available.
    pub async fn ask_by_mail(
        &self,
        purpose: Purpose,
        given: &str,
        (language, next): (&str, &str),
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Result<(), Failure> {
        let address = self.account_address(given)?;
        self.secrets(MAIL_LINKS, random).await?;
        let slip = self.slip(purpose, &address, language);
        let slip = Slip {
            next: next.to_owned(),
            ..slip
        };
        self.send_paced(slip).await
    }

    /// Asks for a letter to the address to which an account wants to move; the address that it has is told.
    ///
    /// # Errors
    /// An address that cannot be one or is its own (`/input/mail`), too many asked for; if the store is not available.
    pub async fn ask_to_move(
        &self,
        account: &Account,
        given: &str,
        language: &str,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Result<(), Failure> {
        let address = self.account_address(given)?;
        if address == account.login {
            let detail = "いまと同じメールアドレスです。新しいメールアドレスを入れてください。";
            return Err(Failure::invalid("/input/mail", "same", detail));
        }
        self.count_letters(account.party).await?;
        self.secrets(MAIL_LINKS, random).await?;
        let slip = Slip {
            account: Some(account.id),
            ..self.slip(Purpose::Move, &address, language)
        };
        self.send_paced(slip).await?;
        self.tell_address(&account.login, letters::move_asked(language), language)
            .await
    }

    /// What a link is for, if it holds.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn mailed(&self, token: &str) -> Result<Option<Mailed>, Failure> {
        let secrets = self.known_secrets(MAIL_LINKS).await?;
        let Some(id) = token::read(&secrets, token) else {
            return Ok(None);
        };
        let row = self.store.slip(id, self.clock.now()).await?;
        let row = row.filter(|row| row.slip.words.is_none());
        Ok(row.map(|row| Mailed {
            purpose: row.slip.purpose,
            address: row.slip.address,
            next: row.slip.next,
            id,
            account: row.slip.account,
            language: row.slip.language,
        }))
    }

    /// Makes the account of an address, known by its password and no more surely. None where the link holds no longer, or
    /// the address has an account by now.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn register_by_mail(
        &self,
        link: &Mailed,
        who: Registered,
    ) -> Result<Option<Account>, Failure> {
        if link.purpose != Purpose::Register || !self.is_free(&link.address).await? {
            return Ok(None);
        }
        let now = self.clock.now();
        let hats = match who.business.as_str() {
            "" => Vec::new(),
            // Nobody has vouched for it: it has no number, so no other's records are reached by it.
            name => vec![Party {
                id: PartyId(self.ids.uuid(now)),
                kind: "corporation".into(),
                name: name.to_owned(),
                corporate_number: None,
                mandates: None,
            }],
        };
        let account = Account {
            id: AccountId(self.ids.uuid(now)),
            login: link.address.clone(),
            name: who.name,
            password: Some(who.password),
            party: PartyId(self.ids.uuid(now)),
            hats,
            seats: Vec::new(),
            passes: Vec::new(),
            demo: false,
            closed: None,
        };
        let mut contact = Contact::new(account.party);
        contact.language = letters::language(&link.language).to_owned();
        self.reached_at(&mut contact, None, &link.address);
        let spent = self.spend(link, account.clone(), Some(contact)).await?;
        Ok(spent.then_some(account))
    }

    /// Gives the account of an address another password: all its sessions end, its second factors stay. Its owner is told.
    /// None where the link holds no longer.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn recover_by_mail(
        &self,
        link: &Mailed,
        password: String,
    ) -> Result<Option<Account>, Failure> {
        let Some(mut account) = self.recoverable(link).await? else {
            return Ok(None);
        };
        account.password = Some(password);
        if !self.spend(link, account.clone(), None).await? {
            return Ok(None);
        }
        let told = self.tell_owner(&account, letters::recovered).await;
        warn_untold(told);
        Ok(Some(account))
    }

    /// The account that a link lets recover, as it is kept; none if it does not.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn recoverable(&self, link: &Mailed) -> Result<Option<Account>, Failure> {
        if link.purpose != Purpose::Recover {
            return Ok(None);
        }
        let account = self.store.account_by_login(&link.address).await?;
        let open = account.filter(|one| one.closed.is_none() && !one.demo);
        let Some(account) = open else {
            return Ok(None);
        };
        let official = !self.appointed(account.clone()).await?.seats.is_empty();
        Ok((!official).then_some(account))
    }

    /// Moves an account to the address that its owner has shown to hold: it signs in by it from then on, and what was sent to
    /// the old one is sent there. All its sessions end; both addresses are told. None where the link holds no longer, or the
    /// address has another account by now.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn move_by_mail(&self, link: &Mailed) -> Result<Option<Account>, Failure> {
        let known = match link.account.filter(|_| link.purpose == Purpose::Move) {
            Some(id) => self.store.account(id).await?,
            None => None,
        };
        let known = known.filter(|one| one.closed.is_none() && moves(one));
        let Some(mut account) = known else {
            return Ok(None);
        };
        if !self.is_free(&link.address).await? {
            return Ok(None);
        }
        let old = std::mem::replace(&mut account.login, link.address.clone());
        let contact = self.store.contact(account.party).await?;
        let mut contact = contact.unwrap_or_else(|| Contact::new(account.party));
        self.reached_at(&mut contact, Some(&old), &link.address);
        if !self.spend(link, account.clone(), Some(contact)).await? {
            return Ok(None);
        }
        // Who reads the old mailbox can do nothing there any more.
        self.store.forget_slips(&about(&old)).await?;
        let words = letters::moved_away(&link.language);
        warn_untold(self.tell_address(&old, words, &link.language).await);
        warn_untold(self.tell_owner(&account, letters::moved).await);
        Ok(Some(account))
    }

    /// Whether nobody has a sign-in name, nor is appointed under it: an official's seat never comes by a mailbox.
    async fn is_free(&self, address: &str) -> Result<bool, Failure> {
        if self.store.account_by_login(address).await?.is_some() {
            return Ok(false);
        }
        Ok(!self.is_official(address).await?)
    }

    async fn spend(
        &self,
        link: &Mailed,
        account: Account,
        contact: Option<Contact>,
    ) -> Result<bool, Failure> {
        let spending = Spending { account, contact };
        let spent = self.store.spend_slip(link.id, self.clock.now(), spending);
        let spent = spent.await;
        self.sessions.forget_all();
        let spent = spent?;
        if spent {
            self.store
                .guess_succeeded(&pace_key(link.purpose, &link.address))
                .await?;
        }
        Ok(spent)
    }

    /// A mail address as accounts have it: as the sender wants it, in small letters.
    fn account_address(&self, given: &str) -> Result<String, Failure> {
        let given = japanese::text::to_half(given.trim());
        Ok(self.mail_address(&given)?.to_lowercase())
    }

    fn slip(&self, purpose: Purpose, address: &str, language: &str) -> Slip {
        Slip {
            id: self.ids.uuid(self.clock.now()),
            purpose,
            address: address.to_owned(),
            language: letters::language(language).to_owned(),
            account: None,
            next: String::new(),
            words: None,
        }
    }

    /// Queues a letter, unless one went to the address a moment ago: the link in that one holds.
    async fn send_paced(&self, slip: Slip) -> Result<(), Failure> {
        let now = self.clock.now();
        let key = [pace_key(slip.purpose, &slip.address)];
        let known = self.store.guesses(&key).await?.pop().flatten();
        let waits = known.is_some_and(|sent| {
            let doubled = FIRST_PAUSE_SECONDS << sent.failures.saturating_sub(1).min(10);
            now.as_second() - sent.last.as_second() < doubled.min(LONGEST_PAUSE_SECONDS)
        });
        if waits {
            return Ok(());
        }
        // Only letters are counted, not tries: who keeps asking in another's name makes nobody wait longer.
        let hour_ago = now.checked_sub(SignedDuration::from_hours(1));
        self.guess_failed(&key, hour_ago.unwrap_or(now)).await?;
        self.queue_slip(slip).await
    }

    async fn queue_slip(&self, slip: Slip) -> Result<(), Failure> {
        let now = self.clock.now();
        let row = SlipRow {
            about: about(&slip.address),
            slip,
            tries: 0,
            next_try: Some(now),
            ends: now.checked_add(KEPT).unwrap_or(now),
        };
        self.store.put_slip(row, now).await?;
        self.outreach_wake.notify_waiters();
        Ok(())
    }

    /// Tells an address something, whoever it belongs to now.
    async fn tell_address(
        &self,
        address: &str,
        words: Words,
        language: &str,
    ) -> Result<(), Failure> {
        // Sign-in names of accounts that came otherwise are no addresses.
        let Ok(address) = self.mail_address(address) else {
            return Ok(());
        };
        let slip = Slip {
            words: Some(words),
            ..self.slip(Purpose::Tell, &address, language)
        };
        self.queue_slip(slip).await
    }

    /// Tells the owner of an account on My Page and by their open ways; by a letter of its own where its address is none.
    async fn tell_owner(&self, account: &Account, words: fn(&str) -> Words) -> Result<(), Failure> {
        let said = |language| {
            let Words { subject, body } = words(language);
            kernel::Said { subject, body }
        };
        let others = [("en".to_owned(), said("en"))].into();
        self.tell_account(account.id, said("ja"), others).await?;
        let contact = self.store.contact(account.party).await?;
        let reached = contact.as_ref().is_some_and(|contact| {
            let mut ways = contact.open_ways();
            ways.any(|way| way.channel == Channel::Mail && way.address == account.login)
        });
        if reached {
            return Ok(());
        }
        let language = contact.map_or_else(|| "ja".to_owned(), |contact| contact.language);
        self.tell_address(&account.login, words(&language), &language)
            .await
    }

    /// Messages go to an address that was just shown to be the reader's, in the place of another.
    fn reached_at(&self, contact: &mut Contact, old: Option<&str>, address: &str) {
        let now = self.clock.now();
        let gone = |way: &Way| {
            way.channel == Channel::Mail
                && (way.address == address || old.is_some_and(|old| way.address == old))
        };
        contact.ways.retain(|way| !gone(way));
        contact.ways.push(Way {
            id: self.ids.uuid(now),
            channel: Channel::Mail,
            address: address.to_owned(),
            on: true,
            confirmed: Some(now),
            awaited: None,
            fault: None,
        });
    }
}

/// Whether an account is one that signs in by a mail address.
#[must_use]
pub fn moves(account: &Account) -> bool {
    account.login.contains('@')
        && !account.login.contains(':')
        && account.password.is_some()
        && account.seats.is_empty()
        && !account.demo
}

/// What was done stands, also where it cannot be told.
fn warn_untold(told: Result<(), Failure>) {
    if let Err(failure) = told {
        tracing::warn!(%failure, "that an account changed could not be told");
    }
}

/// Digest of an address: what is of one address is found by it.
fn about(address: &str) -> String {
    crate::hash::sha256(format!("mail {address}").as_bytes())
}

fn pace_key(purpose: Purpose, address: &str) -> String {
    crate::hash::sha256(format!("mail {purpose:?} {address}").as_bytes())
}

/// Until when a link holds whose letter is handed over now.
fn link_ends(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_mins(LINK_MINUTES))
        .unwrap_or(now)
}
