//! Takes deliveries to their provider: each channel by itself, so many a second, no lock held while waiting. At least
//! once: between the provider's yes and our note of it the machine may stop, and the letter goes again under the same
//! id. SMS and LINE take an id once; a mail carries it as its Message-ID, a push as its topic.

use super::{Letter, SendFault, Sender, quiet, text};
use crate::pace::Seen;
use crate::worker::next_try;
use crate::{Engine, Failure};
use jiff::SignedDuration;
use kernel::PartyId;
use kernel::mailroom::{Channel, DeliveryRow, Tried, Way};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A provider's limit is counted over this time.
const SECOND: Duration = Duration::from_secs(1);
/// How often a courier looks without being woken.
const IDLE: Duration = Duration::from_secs(5);

/// Works for one channel until told to stop; a letter under way is waited for.
pub(crate) async fn run(
    engine: Arc<Engine>,
    sender: Arc<dyn Sender>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let pause = match round(&engine, &sender).await {
            Ok(0) => IDLE,
            Ok(_) => SECOND,
            Err(fault) => {
                tracing::error!(%fault, channel = sender.channel().name(), "courier's round failed");
                IDLE
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = engine.outreach_wake.notified(), if pause == IDLE => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Until nothing is due: for tests and for tools, which tick by themselves.
pub(crate) async fn until_idle(
    engine: Arc<Engine>,
    sender: Arc<dyn Sender>,
) -> Result<(), Failure> {
    loop {
        let many = round(&engine, &sender).await?;
        if many == 0 {
            return Ok(());
        }
        if many >= sender.per_second() {
            tokio::time::sleep(SECOND).await;
        }
    }
}

/// As many as the provider takes in a second; answers how many were due.
async fn round(engine: &Arc<Engine>, sender: &Arc<dyn Sender>) -> Result<usize, Failure> {
    let now = engine.clock.now();
    let pace = engine.pace(sender.channel());
    let limit = pace.room(now);
    if limit == 0 {
        return Ok(0);
    }
    let rows = engine
        .store
        .deliveries(sender.channel(), now, limit)
        .await?;
    // Links that somebody waits for go first.
    let (letters, mut seen) = match sender.channel() {
        Channel::Mail => engine.send_slips(sender.as_ref(), limit).await?,
        _ => (0, Seen::default()),
    };
    let many = rows.len() + letters;
    let mut tries = JoinSet::new();
    for row in rows {
        let (engine, sender) = (Arc::clone(engine), Arc::clone(sender));
        tries.spawn(async move { engine.try_delivery(sender.as_ref(), &row).await });
    }
    let mut outcome = Ok(many);
    while let Some(ended) = tries.join_next().await {
        match ended {
            Ok(Ok(one)) => {
                seen.answered |= one.answered;
                seen.silent |= one.silent;
            }
            Ok(Err(fault)) => outcome = Err(fault),
            Err(error) => {
                outcome = Err(Failure::Internal(format!("a courier broke down: {error}")))
            }
        }
    }
    let now = engine.clock.now();
    if pace.learn(seen, now) {
        tracing::info!(
            channel = sender.channel().name(),
            "the provider answers again; what waited for it follows"
        );
        engine.store.hurry_deliveries(sender.channel(), now).await?;
        if sender.channel() == Channel::Mail {
            engine.store.hurry_slips(now).await?;
        }
    }
    outcome
}

impl Engine {
    async fn try_delivery(&self, sender: &dyn Sender, row: &DeliveryRow) -> Result<Seen, Failure> {
        let tried = self.outcome_of(sender, row).await?;
        let seen = Seen {
            answered: matches!(tried, Tried::Sent(_) | Tried::Never(_)),
            silent: matches!(tried, Tried::Failed(..)),
        };
        if let Tried::Failed(error, _) | Tried::Never(error) = &tried {
            tracing::warn!(delivery = %row.delivery.id, channel = row.delivery.channel.name(), tries = row.tries + 1, error, "not delivered");
        }
        self.store.delivery_tried(row.delivery.id, tried).await?;
        Ok(seen)
    }

    async fn outcome_of(&self, sender: &dyn Sender, row: &DeliveryRow) -> Result<Tried, Failure> {
        let delivery = &row.delivery;
        let now = self.clock.now();
        let contact = self.store.contact(delivery.party).await?;
        let message = self
            .store
            .message(&delivery.mailbox, delivery.message)
            .await?;
        let (Some(contact), Some(message)) = (contact, message) else {
            return Ok(Tried::Withdrawn);
        };
        let Some(way) = contact.open_ways().find(|way| way.id == delivery.way) else {
            return Ok(Tried::Withdrawn);
        };
        if let Some(morning) = quiet::ends(contact.quiet, now).filter(|_| !message.reach.urgent) {
            return Ok(Tried::Later(morning));
        }
        if !self.may_still_go_out(&message).await? {
            return Ok(Tried::Withdrawn);
        }
        let language = contact.language.as_str();
        let base = self.base();
        let Some(letter) = text::letter(delivery.id, &way.address, &message, language, base) else {
            return Ok(Tried::Withdrawn);
        };
        Ok(match sender.send(&letter).await {
            Ok(()) => Tried::Sent(self.clock.now()),
            Err(fault) => self.after_fault(row, way, &letter, fault).await?,
        })
    }

    async fn after_fault(
        &self,
        row: &DeliveryRow,
        way: &Way,
        letter: &Letter,
        fault: SendFault,
    ) -> Result<Tried, Failure> {
        let now = self.clock.now();
        // A provider's sentence may hold the address; what is kept may not.
        let why = fault.to_string().replace(&letter.to, "…");
        Ok(match fault {
            SendFault::Limited(pause) => {
                let pause = SignedDuration::try_from(pause.max(SECOND))
                    .unwrap_or(SignedDuration::from_secs(60));
                Tried::Later(now.checked_add(pause).unwrap_or(now))
            }
            SendFault::Later(_) => match next_try(now, row.tries + 1) {
                Some(next) => Tried::Failed(why, next),
                None => Tried::Never(why),
            },
            SendFault::Never(_) | SendFault::Gone(_) => {
                let gone = matches!(fault, SendFault::Gone(_));
                self.mark(row.delivery.party, way.id, &why, gone).await?;
                Tried::Never(why)
            }
        })
    }

    /// Tells the reader on My Page what went wrong at an address; one that is gone is switched off.
    async fn mark(&self, party: PartyId, way: Uuid, why: &str, gone: bool) -> Result<(), Failure> {
        let now = self.clock.now();
        self.change_contact(party, |contact| {
            for way in contact.ways.iter_mut().filter(|one| one.id == way) {
                way.on &= !gone;
                way.fault = Some((now, why.to_owned()));
            }
            Ok(())
        })
        .await
    }
}
