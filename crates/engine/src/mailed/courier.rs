//! Hands letters of slips over, beside the deliveries of the same channel. At least once, under one id.

use super::{Mailed, Purpose, letters, link_ends, token};
use crate::outreach::{Letter, SendFault, Sender};
use crate::pace::Seen;
use crate::secrets::MAIL_LINKS;
use crate::worker::next_try_of_absent;
use crate::{Engine, Failure};
use jiff::SignedDuration;
use kernel::slips::{Slip, SlipRow, Words};

/// A copy of the program that took a letter and stopped holds it for so long.
const CLAIMED: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Sends what is due, at most `limit`; answers how many were due and what was seen of the provider.
    pub(crate) async fn send_slips(
        &self,
        sender: &dyn Sender,
        limit: usize,
    ) -> Result<(usize, Seen), Failure> {
        let now = self.clock.now();
        let rows = self.store.slips_due(now, limit).await?;
        let (many, mut seen) = (rows.len(), Seen::default());
        for row in rows {
            let until = now.checked_add(CLAIMED).unwrap_or(now);
            let was = row.next_try.unwrap_or(now);
            if self.store.claim_slip(row.slip.id, was, until).await? {
                // One that cannot be made keeps no other waiting; it is tried again when its claim is over.
                if let Err(fault) = self.send_slip(sender, &row, &mut seen).await {
                    tracing::error!(%fault, letter = %row.slip.id, "a letter to an address could not be made");
                }
            }
        }
        Ok((many, seen))
    }

    async fn send_slip(
        &self,
        sender: &dyn Sender,
        row: &SlipRow,
        seen: &mut Seen,
    ) -> Result<(), Failure> {
        let (words, link) = self.words_of(&row.slip).await?;
        let links = link.is_some();
        let letter = Letter {
            id: row.slip.id,
            to: row.slip.address.clone(),
            subject: words.subject,
            body: words.body,
            link,
            language: letters::language(&row.slip.language),
            urgent: true,
        };
        let sent = sender.send(&letter).await;
        let now = self.clock.now();
        seen.answered |= !matches!(sent, Err(SendFault::Later(_)));
        seen.silent |= matches!(sent, Err(SendFault::Later(_)));
        let (next, ends) = match &sent {
            Ok(()) if links => (None, link_ends(now)),
            Ok(()) | Err(SendFault::Never(_) | SendFault::Gone(_)) => (None, now),
            Err(SendFault::Limited(pause)) => {
                let pause = SignedDuration::try_from(*pause).unwrap_or(CLAIMED);
                (now.checked_add(pause).ok(), row.ends)
            }
            Err(SendFault::Later(_)) => (next_try_of_absent(now, row.tries + 1), row.ends),
        };
        if let Err(fault) = &sent {
            // The sentence of a provider may hold the address.
            let never = next.is_none();
            tracing::warn!(letter = %row.slip.id, tries = row.tries + 1, never, fault = kind(fault), "a letter to an address was not taken");
        }
        Ok(self.store.slip_tried(row.slip.id, next, ends).await?)
    }

    /// What the letter says, as things are now, and the link in it.
    async fn words_of(&self, slip: &Slip) -> Result<(Words, Option<String>), Failure> {
        let language = slip.language.as_str();
        if let Some(words) = &slip.words {
            return Ok((words.clone(), None));
        }
        let linked = match slip.purpose {
            Purpose::Register | Purpose::Move => self.is_free(&slip.address).await?,
            Purpose::Recover => self.recoverable(&Mailed::of(slip)).await?.is_some(),
            Purpose::Tell => false,
        };
        let base = self.base();
        if linked {
            let secrets = self.known_secrets(MAIL_LINKS).await?;
            let secret = secrets.first().ok_or_else(|| {
                Failure::Internal("a link has no secret of which to be made".into())
            })?;
            let link = format!("{base}/mail/{}", token::make(secret, slip.id));
            return Ok((letters::linked(slip.purpose, language), Some(link)));
        }
        let known = self.account_by_login(&slip.address).await?;
        let official = match &known {
            Some(account) => !account.seats.is_empty(),
            None => self.is_official(&slip.address).await?,
        };
        Ok(match known {
            _ if official => (letters::official(language), None),
            Some(account) if account.closed.is_some() => (letters::closed(language), None),
            Some(_) if slip.purpose == Purpose::Move => (letters::taken(language), None),
            Some(_) => {
                let link = format!("{base}/sign-in");
                (letters::registered(language), Some(link))
            }
            None => {
                let link = format!("{base}/register");
                (letters::unknown(language), Some(link))
            }
        })
    }
}

impl Mailed {
    fn of(slip: &Slip) -> Self {
        Self {
            purpose: slip.purpose,
            address: slip.address.clone(),
            next: slip.next.clone(),
            id: slip.id,
            account: slip.account,
            language: slip.language.clone(),
        }
    }
}

fn kind(fault: &SendFault) -> &'static str {
    match fault {
        SendFault::Later(_) => "later",
        SendFault::Limited(_) => "limited",
        SendFault::Never(_) => "never",
        SendFault::Gone(_) => "gone",
    }
}
