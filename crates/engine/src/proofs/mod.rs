//! With what people prove who they are, beside a password: registering it, taking it, taking it away. Why so:
//! `docs/decisions/0038-passkeys-and-codes.md`.

mod answer;
mod cose;
#[cfg(test)]
mod fuzz;
mod notice;
mod totp;
mod webauthn;

pub use answer::PasskeyAnswer;
pub use cose::ALGORITHMS as PASSKEY_ALGORITHMS;
pub use totp::{address as app_address, base32, code as app_code};
pub use webauthn::{PasskeyLie, PasskeySite};

use crate::identity::hex_digest;
use crate::{Engine, Failure};
use jiff::{SignedDuration, Timestamp};
use kernel::AccountId;
use kernel::port::Account;
use kernel::proofs::{Authenticator, Change, Passkey, Proofs};
use uuid::Uuid;

/// A writing that others overtook is tried so often.
const MAX_TRIES: usize = 8;
/// Passkeys of an account at most, and apps.
pub const MOST_OF_A_KIND: usize = 10;
/// Recovery codes that are made at a time.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 120 bits, so that a plain digest keeps it (ASVS 5.0, 6.5.2 asks for 112).
const RECOVERY_BYTES: usize = 15;
/// Random bytes of an app's secret (RFC 4226, 4: 160 bits are recommended).
const SECRET_BYTES: usize = 20;
/// The registration of an app is open for so long.
const PENDING: SignedDuration = SignedDuration::from_mins(15);
/// A challenge that was answered is remembered for so long; by then its cookie has ended.
const SPENT: SignedDuration = SignedDuration::from_mins(15);
/// Changes that are kept.
const CHANGES: usize = 20;
/// Longest name that somebody gives what they registered, in characters.
const LONGEST_NAME: usize = 40;

/// Why something was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// A passkey's answer proves nothing.
    #[error("a passkey's answer proves nothing: {0}")]
    Passkey(#[from] PasskeyLie),
    /// It answers a challenge that was answered before.
    #[error("an answer came twice")]
    Twice,
    /// No account here has this passkey.
    #[error("no passkey of an account")]
    Unknown,
    /// The code is wrong, too old, or was taken before.
    #[error("a wrong code")]
    Code,
    /// It took too long.
    #[error("the registration has ended")]
    Late,
    /// There are too many of the kind.
    #[error("too many of the kind")]
    Full,
    /// It is the last way in.
    #[error("the last way in")]
    Last,
    /// It is registered already, or another change came first again and again.
    #[error("registered already")]
    Taken,
}

/// What somebody proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    /// A code of their app.
    App,
    /// A recovery code; so many are left.
    Recovery(usize),
}

/// An answer of ours, or why not; beside it, that the store is not available.
pub type Taken<T> = Result<Result<T, ProofFault>, Failure>;

/// How a challenge that was answered is remembered.
fn spend(proofs: &mut Proofs, challenge: &str, now: Timestamp) -> Result<(), ProofFault> {
    let name = hex_digest(challenge.as_bytes());
    if proofs.spent.iter().any(|(known, _)| *known == name) {
        return Err(ProofFault::Twice);
    }
    let until = now.checked_add(SPENT).unwrap_or(Timestamp::MAX);
    proofs.spent.push((name, until));
    Ok(())
}

fn named(name: &str, otherwise: &str) -> String {
    let plain = name.chars().filter(|c| !c.is_control());
    let name: String = plain.take(LONGEST_NAME).collect();
    match name.trim() {
        "" => otherwise.to_owned(),
        name => name.to_owned(),
    }
}

/// A recovery code as it was meant: without blanks and hyphens, in capitals.
fn plain_code(given: &str) -> String {
    let signs = given.chars().filter(char::is_ascii_alphanumeric);
    signs.map(|c| c.to_ascii_uppercase()).collect()
}

fn changed(proofs: &mut Proofs, at: Timestamp, what: &str, (added, name): (bool, &str)) {
    let change = Change {
        at,
        what: what.to_owned(),
        added,
        name: name.to_owned(),
    };
    proofs.changes.insert(0, change);
    proofs.changes.truncate(CHANGES);
}

impl Engine {
    /// Whether officials must have a second factor; set once, before serving.
    pub fn demand_second(&self, of_officials: bool) {
        // A second call would come of a wiring error; the first stands.
        let _ = self.second_of_officials.set(of_officials);
    }

    /// Whether an account must have a second factor.
    #[must_use]
    pub fn demands_second(&self, account: &Account) -> bool {
        !account.seats.is_empty() && self.second_of_officials.get().copied().unwrap_or(false)
    }

    /// Whether any account must.
    #[must_use]
    pub fn demands_any_second(&self) -> bool {
        self.second_of_officials.get().copied().unwrap_or(false)
    }

    /// Where passkeys hold; none where browsers make none for the portal's address.
    #[must_use]
    pub fn passkey_site(&self) -> Option<PasskeySite> {
        PasskeySite::of(self.base())
    }

    /// What an account has.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn proofs_of(&self, account: AccountId) -> Result<Proofs, Failure> {
        let known = self.store.proofs(account).await?;
        Ok(known.unwrap_or_else(|| Proofs::none(account)))
    }

    /// Reads, changes and writes; anew if another wrote between.
    async fn change_proofs<T: Send>(
        &self,
        account: AccountId,
        mut change: impl FnMut(&mut Proofs) -> Result<T, ProofFault> + Send,
    ) -> Taken<T> {
        for _ in 0..MAX_TRIES {
            let mut proofs = self.proofs_of(account).await?;
            let done = match change(&mut proofs) {
                Ok(done) => done,
                Err(fault) => return Ok(Err(fault)),
            };
            let now = self.clock.now();
            proofs.spent.retain(|(_, until)| *until > now);
            let credentials = proofs.passkeys.iter();
            let credentials = credentials.map(|one| hex_digest(&one.credential)).collect();
            if self.store.put_proofs(proofs, credentials).await? {
                return Ok(Ok(done));
            }
        }
        Ok(Err(ProofFault::Taken))
    }

    /// Registers a passkey that was made for a challenge.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn add_passkey(
        &self,
        account: &Account,
        (site, challenge): (&PasskeySite, &str),
        answer: &PasskeyAnswer,
        name: &str,
    ) -> Taken<()> {
        let made = webauthn::made(site, challenge, &answer.client_data, &answer.attestation);
        let made = match made {
            Ok(made) => made,
            Err(lie) => return Ok(Err(lie.into())),
        };
        let owner = hex_digest(&made.credential);
        if self.store.passkey_owner(&owner).await?.is_some() {
            return Ok(Err(ProofFault::Taken));
        }
        let (now, name) = (self.clock.now(), named(name, "パスキー"));
        let id = self.ids.uuid(now);
        let done = self.change_proofs(account.id, |proofs| {
            if proofs.passkeys.len() >= MOST_OF_A_KIND {
                return Err(ProofFault::Full);
            }
            spend(proofs, challenge, now)?;
            proofs.passkeys.push(Passkey {
                id,
                credential: made.credential.clone(),
                algorithm: made.algorithm,
                key: made.key.clone(),
                counter: made.counter,
                copied: made.copied,
                name: name.clone(),
                made: now,
                used: None,
            });
            changed(proofs, now, "passkey", (true, &name));
            Ok(())
        });
        let done = done.await?;
        if done.is_ok() {
            self.tell_of_proof(account, "passkey", (true, &name)).await;
        }
        Ok(done)
    }

    /// Whose passkey answers a challenge. Taken once. `only`: whose it must be; without it the answer itself says whose.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn prove_by_passkey(
        &self,
        (site, challenge): (&PasskeySite, &str),
        answer: &PasskeyAnswer,
        only: Option<AccountId>,
    ) -> Taken<Account> {
        let digest = hex_digest(&answer.credential);
        let owner = self.store.passkey_owner(&digest).await?;
        let Some(owner) = owner.filter(|owner| only.is_none_or(|only| only == *owner)) else {
            return Ok(Err(ProofFault::Unknown));
        };
        // 7.2, step 6: where nobody was named before, the answer names its owner, and the same.
        let named = match &answer.user {
            Some(user) => user == owner.0.as_bytes(),
            None => only.is_some(),
        };
        if !named {
            return Ok(Err(ProofFault::Unknown));
        }
        let Some(account) = self.open_account(owner).await? else {
            return Ok(Err(ProofFault::Unknown));
        };
        let now = self.clock.now();
        let said = (
            answer.client_data.as_slice(),
            answer.authenticator.as_slice(),
            answer.signature.as_slice(),
        );
        let done = self.change_proofs(owner, |proofs| {
            let mut passkeys = proofs.passkeys.iter_mut();
            let passkey = passkeys.find(|one| one.credential == answer.credential);
            let passkey = passkey.ok_or(ProofFault::Unknown)?;
            passkey.counter = webauthn::signed(site, challenge, passkey, said)?;
            passkey.used = Some(now);
            spend(proofs, challenge, now)
        });
        Ok(done.await?.map(|()| account))
    }

    /// Begins the registration of an app: its secret, which is shown to its owner.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn begin_app(
        &self,
        account: AccountId,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Taken<Vec<u8>> {
        let mut secret = vec![0; SECRET_BYTES];
        random(&mut secret);
        let until = self.clock.now().checked_add(PENDING);
        let until = until.unwrap_or(Timestamp::MAX);
        self.change_proofs(account, |proofs| {
            if proofs.apps.len() >= MOST_OF_A_KIND {
                return Err(ProofFault::Full);
            }
            proofs.pending = Some((secret.clone(), until));
            Ok(secret.clone())
        })
        .await
    }

    /// The secret of the registration that is open.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn begun_app(&self, account: AccountId) -> Result<Option<Vec<u8>>, Failure> {
        let (pending, now) = (self.proofs_of(account).await?.pending, self.clock.now());
        let open = pending.filter(|(_, until)| *until > now);
        Ok(open.map(|(secret, _)| secret))
    }

    /// Registers the app, once it shows the right code.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn add_app(&self, account: &Account, code: &str, name: &str) -> Taken<()> {
        let (now, name) = (self.clock.now(), named(name, "認証アプリ"));
        let id = self.ids.uuid(now);
        let done = self.change_proofs(account.id, |proofs| {
            let pending = proofs.pending.clone().filter(|(_, until)| *until > now);
            let (secret, _) = pending.ok_or(ProofFault::Late)?;
            let step = totp::step_of(&secret, code, 0, now.as_second());
            let step = step.ok_or(ProofFault::Code)?;
            proofs.pending = None;
            proofs.apps.push(Authenticator {
                id,
                secret,
                step,
                name: name.clone(),
                made: now,
                used: None,
            });
            changed(proofs, now, "app", (true, &name));
            Ok(())
        });
        let done = done.await?;
        if done.is_ok() {
            self.tell_of_proof(account, "app", (true, &name)).await;
        }
        Ok(done)
    }

    /// Takes a code of an app, or a recovery code: each once.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn prove_by_code(&self, account: AccountId, given: &str) -> Taken<Proved> {
        let now = self.clock.now();
        let digest = hex_digest(plain_code(given).as_bytes());
        self.change_proofs(account, |proofs| {
            for app in &mut proofs.apps {
                let step = totp::step_of(&app.secret, given, app.step, now.as_second());
                if let Some(step) = step {
                    (app.step, app.used) = (step, Some(now));
                    return Ok(Proved::App);
                }
            }
            let before = proofs.recovery.len();
            proofs.recovery.retain(|known| *known != digest);
            match before == proofs.recovery.len() {
                true => Err(ProofFault::Code),
                false => Ok(Proved::Recovery(before - 1)),
            }
        })
        .await
    }

    /// Makes recovery codes in the place of those that there were. They are shown this once.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn make_recovery(
        &self,
        account: &Account,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Taken<Vec<String>> {
        let fresh = || {
            let mut bytes = [0; RECOVERY_BYTES];
            random(&mut bytes);
            base32(&bytes)
        };
        let (codes, now): (Vec<String>, _) = (
            (0..RECOVERY_CODES).map(|_| fresh()).collect(),
            self.clock.now(),
        );
        let done = self.change_proofs(account.id, |proofs| {
            let digests = codes.iter().map(|code| hex_digest(code.as_bytes()));
            proofs.recovery = digests.collect();
            changed(proofs, now, "codes", (true, ""));
            Ok(())
        });
        let done = done.await?;
        if done.is_ok() {
            self.tell_of_proof(account, "codes", (true, "")).await;
        }
        Ok(done.map(|()| codes))
    }

    /// Takes a passkey or an app away; with the last of them the recovery codes go. Nothing if there is none of this id.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn remove_proof(&self, account: &Account, id: Uuid) -> Taken<()> {
        let now = self.clock.now();
        let other_way = self.has_other_way(account).await?;
        let done = self.change_proofs(account.id, |proofs| {
            let passkey = proofs.passkeys.iter().find(|one| one.id == id);
            let app = proofs.apps.iter().find(|one| one.id == id);
            let gone = passkey.map(|one| ("passkey", one.name.clone()));
            let gone = gone.or_else(|| app.map(|one| ("app", one.name.clone())));
            let Some((what, name)) = gone else {
                return Ok(None);
            };
            if what == "passkey" && proofs.passkeys.len() == 1 && !other_way {
                return Err(ProofFault::Last);
            }
            proofs.passkeys.retain(|one| one.id != id);
            proofs.apps.retain(|one| one.id != id);
            if !proofs.any() {
                proofs.recovery.clear();
            }
            changed(proofs, now, what, (false, &name));
            Ok(Some((what, name)))
        });
        let done = done.await?;
        if let Ok(Some((what, name))) = &done {
            self.tell_of_proof(account, what, (false, name)).await;
        }
        Ok(done.map(drop))
    }
}

#[cfg(test)]
mod tests;
