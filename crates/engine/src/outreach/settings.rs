//! 連絡先と受け取り方: what a reader sets on My Page, for the party that they act for.

use super::{Channel, LANGUAGES, SendFault, codes, text};
use crate::{Engine, Failure};
use jiff::civil::Time;
use kernel::mailroom::{Contact, Way};
use kernel::{Actor, PartyId, Refusal, RefusalKind};
use uuid::Uuid;

/// Addresses that one reader may have.
const MAX_WAYS: usize = 12;
/// How often a change is made anew because another came between.
const MAX_TRIES: usize = 8;

/// What a reader chooses beside addresses.
pub struct Preferences {
    /// Tag of a language of [`LANGUAGES`].
    pub language: String,
    /// Quiet hours.
    pub quiet: Option<(Time, Time)>,
    /// The ways that are switched on.
    pub on: Vec<Uuid>,
    /// An official: the messages of the desks too.
    pub desks: bool,
}

impl Engine {
    /// How the actor's party wants to be reached.
    ///
    /// # Errors
    /// 404 for who is nobody.
    pub async fn contact(&self, actor: &Actor) -> Result<Contact, Failure> {
        let party = party(actor)?;
        let known = self.store.contact(party).await?;
        Ok(known.unwrap_or_else(|| Contact::new(party)))
    }

    /// Writes what the reader chose.
    ///
    /// # Errors
    /// A language that there is not.
    pub async fn set_preferences(&self, actor: &Actor, chosen: Preferences) -> Result<(), Failure> {
        if !LANGUAGES.iter().any(|(tag, _)| *tag == chosen.language) {
            let detail = "お知らせの言葉を一覧から選んでください。";
            return Err(Failure::invalid("/input/language", "option", detail));
        }
        let desks = if chosen.desks && !actor.seats.is_empty() {
            crate::desk::desk_mailboxes(&actor.seats)
        } else {
            Vec::new()
        };
        let change = |contact: &mut Contact| {
            contact.language.clone_from(&chosen.language);
            contact.quiet = chosen.quiet;
            contact.desks = !desks.is_empty();
            for way in &mut contact.ways {
                way.on = chosen.on.contains(&way.id) && way.confirmed.is_some();
            }
            Ok(())
        };
        self.change_with(party(actor)?, Some(&desks), change).await
    }

    /// Adds an address and sends it a code; answers the way's id. `code` is random and short enough to be typed.
    ///
    /// # Errors
    /// An address that cannot be one, too many codes, or a provider that does not take the letter now.
    pub async fn add_way(
        &self,
        actor: &Actor,
        channel: Channel,
        given: &str,
        code: &str,
    ) -> Result<Uuid, Failure> {
        let sender = self.sender(channel)?;
        let address = sender
            .address(given)
            .map_err(|detail| Failure::invalid("/input/address", "format", detail))?;
        let (now, party) = (self.clock.now(), party(actor)?);
        let fresh = self.ids.uuid(now);
        let mut id = fresh;
        let mut language = String::new();
        self.change_contact(party, |contact| {
            codes::count(contact, now)?;
            let same = |way: &&mut Way| way.channel == channel && way.address == address;
            if let Some(way) = contact.ways.iter_mut().find(same) {
                id = way.id;
                way.awaited = Some(codes::awaited(way.id, code, now));
            } else {
                id = fresh;
                push_way(contact, fresh, channel, &address, |way| {
                    way.awaited = Some(codes::awaited(fresh, code, now));
                })?;
            }
            language.clone_from(&contact.language);
            Ok(())
        })
        .await?;
        let letter = text::code_letter(self.ids.uuid(now), &address, code, &language);
        match sender.send(&letter).await {
            Ok(()) => Ok(id),
            Err(fault) => Err(self.not_sent(party, id, fault).await?),
        }
    }

    /// The code did not go out: the way is not kept, and the reader hears why.
    async fn not_sent(
        &self,
        party: PartyId,
        id: Uuid,
        fault: SendFault,
    ) -> Result<Failure, Failure> {
        self.change_contact(party, |contact| {
            contact
                .ways
                .retain(|way| way.id != id || way.confirmed.is_some());
            Ok(())
        })
        .await?;
        let detail = match fault {
            SendFault::Never(_) | SendFault::Gone(_) => {
                "この宛先には送れませんでした。書きまちがいがないか確かめてください。"
            }
            SendFault::Later(_) | SendFault::Limited(_) => {
                "いま確認番号を送れませんでした。少し待ってからもう一度お試しください。"
            }
        };
        Ok(Failure::invalid("/input/address", "not_sent", detail))
    }

    /// Takes a code: from then on messages go to the address.
    ///
    /// # Errors
    /// A wrong code, or one whose time is over.
    pub async fn confirm_way(&self, actor: &Actor, id: Uuid, code: &str) -> Result<(), Failure> {
        let now = self.clock.now();
        let code = japanese::text::to_half(code.trim());
        let mut given = None;
        self.change_contact(party(actor)?, |contact| {
            let way = contact.ways.iter_mut().find(|way| way.id == id);
            given = way.map(|way| codes::give(way, &code, now));
            Ok(())
        })
        .await?;
        let detail = match given.ok_or_else(Failure::not_found)? {
            codes::Given::Right => return Ok(()),
            codes::Given::Wrong(0) | codes::Given::Over => {
                "この確認番号はもう使えません。「確認番号をもう一度送る」を押してください。"
                    .to_owned()
            }
            codes::Given::Wrong(left) => {
                format!("確認番号がちがいます。届いた6けたの数字を入れてください（あと{left}回）。")
            }
        };
        Err(Failure::invalid("/input/code", "wrong", detail))
    }

    /// Adds an address whose holder has it in hand: a browser's subscription.
    ///
    /// # Errors
    /// A subscription that the provider would not take.
    pub async fn add_held(
        &self,
        actor: &Actor,
        channel: Channel,
        given: &str,
    ) -> Result<(), Failure> {
        let address = self
            .sender(channel)?
            .address(given)
            .map_err(|detail| Failure::invalid("/input/address", "format", detail))?;
        self.open_way(party(actor)?, channel, &address).await
    }

    async fn open_way(
        &self,
        party: PartyId,
        channel: Channel,
        address: &str,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let id = self.ids.uuid(now);
        self.change_contact(party, |contact| {
            contact
                .ways
                .retain(|way| way.channel != channel || way.address != address);
            push_way(contact, id, channel, address, |way| {
                way.on = true;
                way.confirmed = Some(now);
            })
        })
        .await
    }

    /// Forgets an address.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn remove_way(&self, actor: &Actor, id: Uuid) -> Result<(), Failure> {
        self.change_contact(party(actor)?, |contact| {
            contact.ways.retain(|way| way.id != id);
            Ok(())
        })
        .await
    }

    /// Keeps a code that the reader will write to us by a channel, which thus tells their address there.
    ///
    /// # Errors
    /// If the channel is not wired in, or too many codes were asked for.
    pub async fn await_code(
        &self,
        actor: &Actor,
        channel: Channel,
        code: &str,
    ) -> Result<(), Failure> {
        self.sender(channel)?;
        let (party, now) = (party(actor)?, self.clock.now());
        self.change_contact(party, |contact| codes::count(contact, now))
            .await?;
        let hash = codes::hash(channel.name(), code);
        Ok(self.store.put_code(&hash, party, codes::until(now)).await?)
    }

    /// Takes a provider's call: whoever wrote a code that is awaited has their address there connected. Answers how
    /// many were; none if the signature is not the provider's.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn incoming(
        &self,
        channel: Channel,
        body: &[u8],
        signature: &str,
    ) -> Result<Option<usize>, Failure> {
        let Some(heard) = self.sender(channel)?.incoming(body, signature) else {
            return Ok(None);
        };
        let mut connected = 0;
        for one in heard {
            let code = japanese::text::to_half(one.text.trim());
            let hash = codes::hash(channel.name(), &code);
            if let Some(party) = self.store.take_code(&hash, self.clock.now()).await? {
                self.open_way(party, channel, &one.from).await?;
                connected += 1;
            }
        }
        Ok(Some(connected))
    }

    pub(super) async fn change_contact(
        &self,
        party: PartyId,
        change: impl FnMut(&mut Contact) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.change_with(party, None, change).await
    }

    /// Reads, changes and writes; anew if another wrote between. `desks` none: as they were.
    async fn change_with(
        &self,
        party: PartyId,
        desks: Option<&[String]>,
        mut change: impl FnMut(&mut Contact) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for _ in 0..MAX_TRIES {
            let known = self.store.contact(party).await?;
            let mut contact = known.unwrap_or_else(|| Contact::new(party));
            change(&mut contact)?;
            let desks = desks.map(<[String]>::to_vec);
            if self.store.put_contact(contact, desks).await? {
                return Ok(());
            }
        }
        let title = "同時に変更されました。画面を開き直して、もう一度お試しください。";
        Err(Refusal::new(RefusalKind::Busy, title, Vec::new()).into())
    }
}

fn push_way(
    contact: &mut Contact,
    id: Uuid,
    channel: Channel,
    address: &str,
    finish: impl FnOnce(&mut Way),
) -> Result<(), Failure> {
    if contact.ways.len() >= MAX_WAYS {
        let detail = "登録できる宛先は12までです。使わないものを消してから足してください。";
        return Err(Failure::invalid("/input/address", "too_many", detail));
    }
    let mut way = Way {
        id,
        channel,
        address: address.to_owned(),
        on: false,
        confirmed: None,
        awaited: None,
        fault: None,
    };
    finish(&mut way);
    contact.ways.push(way);
    Ok(())
}

fn party(actor: &Actor) -> Result<PartyId, Failure> {
    actor.whole_party().ok_or_else(Failure::not_found)
}
