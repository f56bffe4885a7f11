//! A link to go on with a record, sent by mail to somebody who has no account yet. The code that it needs is not in it:
//! the owner hands that over by another way.

use super::{Channel, SendFault, codes, text};
use crate::{Engine, Failure};
use kernel::{Actor, PartyId};

impl Engine {
    /// A mail address as the provider wants it.
    ///
    /// # Errors
    /// A sentence at the field, or that no mail is sent here.
    pub(crate) fn mail_address(&self, given: &str) -> Result<String, Failure> {
        let fault = |code: &str, detail: String| Failure::invalid("/input/mail", code, detail);
        let sender = self.sender(Channel::Mail).map_err(|_| {
            let detail = "ここからはメールを送れません。リンクを直接渡してください。";
            fault("not_sent", detail.to_owned())
        })?;
        sender
            .address(given)
            .map_err(|detail| fault("format", detail))
    }

    /// Counts a mail to somebody who did not ask for it, so that nobody is flooded in another's name.
    ///
    /// # Errors
    /// Too many within an hour.
    pub(crate) async fn count_mail(&self, actor: &Actor) -> Result<(), Failure> {
        let party = actor.acting_party().ok_or_else(Failure::not_found)?;
        self.count_letters(party).await
    }

    /// Counts a letter that a party has us send to an address that is not known to be theirs.
    ///
    /// # Errors
    /// Too many within an hour.
    pub(crate) async fn count_letters(&self, party: PartyId) -> Result<(), Failure> {
        let now = self.clock.now();
        let counted = self.change_contact(party, |contact| codes::count(contact, now));
        counted.await.map_err(|failure| match failure {
            Failure::Refused(_) => Failure::invalid(
                "/input/mail",
                "too_many",
                "続けてメールを送ったため、いまは送れません。1時間ほど待ってから、もう一度お試しください。",
            ),
            other => other,
        })
    }

    /// Sends the link. Answers whether the provider took it: the invitation stands either way.
    pub(crate) async fn mail_link(&self, address: &str, path: &str, what: &str, by: &str) -> bool {
        let Ok(sender) = self.sender(Channel::Mail) else {
            return false;
        };
        let link = format!("{}{path}", self.base());
        let id = self.ids.uuid(self.clock.now());
        let letter = text::handover_letter(id, address, &link, what, by);
        match sender.send(&letter).await {
            Ok(()) => true,
            Err(fault) => {
                let gone = matches!(fault, SendFault::Never(_) | SendFault::Gone(_));
                tracing::warn!(letter = %id, gone, "an invitation's mail was not taken");
                false
            }
        }
    }
}
