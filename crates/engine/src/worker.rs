//! Delivers effects and sees to timers. At least once, each under its own id; what fails is retried with back-off and
//! shown to an operator.

use crate::outreach::courier;
use crate::payment::lane;
use crate::perform::ActRequest;
use crate::{Engine, Failure, IdempotencyKey};
use jiff::{SignedDuration, Timestamp};
use kernel::port::{Commit, DueTimer, Lane, OutboxRow, Prepared};
use kernel::{Actor, EffectId, EffectOrder, Expect, MessageTo, OutboxEntry, RecordId};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Tries before an effect is given up and only shown to an operator: about three days.
const MAX_TRIES: u32 = 80;
/// Effects and timers taken in one round.
const BATCH: usize = 100;
/// How often the worker looks without being woken.
const IDLE: Duration = Duration::from_secs(5);
/// How often the worker looks whether an edition has fallen due.
const PUBLISHING: Duration = Duration::from_secs(60);
/// How often the worker writes which sessions were used.
const NOTING: Duration = Duration::from_secs(10);
/// How often the worker looks whether the log is to be signed.
const SIGNING: Duration = Duration::from_secs(5);
/// Uploads that no record has taken into use are kept this long.
const ORPHANS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Works off outbox and timers of one engine.
pub struct Worker(Arc<Engine>);

impl Worker {
    /// A worker for an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self(engine)
    }

    /// Works until `stop` is ready. Imports and open data take their time, so they go beside the rest.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let slow = slow(Arc::clone(&self.0));
        tokio::pin!(slow);
        let signing = signing(Arc::clone(&self.0));
        tokio::pin!(signing);
        let noting = noting(Arc::clone(&self.0));
        tokio::pin!(noting);
        let gateway = lane::run(Arc::clone(&self.0));
        tokio::pin!(gateway);
        let (ended, end) = watch::channel(false);
        let mut couriers = JoinSet::new();
        for sender in self.0.senders() {
            let (engine, sender) = (Arc::clone(&self.0), Arc::clone(sender));
            couriers.spawn(courier::run(engine, sender, end.clone()));
        }
        loop {
            if let Err(fault) = self.effects().await {
                tracing::error!(%fault, "worker round failed");
            }
            tokio::select! {
                () = &mut stop => {
                    ended.send_replace(true);
                    couriers.join_all().await;
                    if let Err(fault) = self.0.note_uses().await {
                        tracing::error!(%fault, "uses of sessions could not be written");
                    }
                    return;
                }
                () = &mut slow => {}
                () = &mut signing => {}
                () = &mut noting => {}
                () = &mut gateway => {}
                () = self.0.wake.notified() => self.0.gateway_wake.notify_one(),
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    /// One round: timers that are due, runs that have items left, then effects and deliveries whose time has come, until
    /// none is left; then the log is signed, if it is time.
    ///
    /// # Errors
    /// If the store is not available; the next round goes on where this one stopped.
    pub async fn tick(&self) -> Result<(), Failure> {
        self.effects().await?;
        self.0.note_uses().await?;
        self.0.tend_looks(true).await?;
        lane::until_idle(&self.0).await?;
        let mut couriers = JoinSet::new();
        for sender in self.0.senders() {
            let (engine, sender) = (Arc::clone(&self.0), Arc::clone(sender));
            couriers.spawn(courier::until_idle(engine, sender));
        }
        couriers
            .join_all()
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        self.0.sequence().await.map(drop)
    }

    async fn effects(&self) -> Result<(), Failure> {
        self.timers().await?;
        self.0.go_on_with_runs().await?;
        self.0.go_on_with_rounds().await?;
        self.0.unbox_reviews().await?;
        loop {
            let rows = self
                .0
                .store
                .outbox(Lane::Inside, self.0.clock.now(), BATCH)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                self.deliver(row).await?;
            }
        }
        if let Ok(before) = self.0.clock.now().checked_sub(ORPHANS_KEPT) {
            self.0.store.collect_orphans(before).await?;
        }
        self.0.tend_numbers().await?;
        // After the files: their keys go with those of the records.
        self.0.store.keeper().destroy().await?;
        Ok(())
    }

    async fn deliver(&self, row: OutboxRow) -> Result<(), Failure> {
        let engine = &self.0;
        let delivered = match &row.entry.order {
            EffectOrder::Notify { .. } => engine.show_message(&row.entry).await.map_err(Into::into),
            EffectOrder::Issue {
                record,
                service,
                record_type,
                letter,
                ..
            } => engine
                .issue(service, record_type, *record, *letter)
                .await
                .map_err(Into::into),
            EffectOrder::Consent { .. } => engine
                .keep_consent(&row.entry.order)
                .await
                .map_err(Into::into),
            _ => engine.ask_gateway(&row.entry).await,
        };
        match delivered {
            Ok(()) => engine.store.effect_done(row.entry.id).await?,
            Err(fault) => {
                let error = fault.to_string();
                let next = next_try(engine.clock.now(), row.tries + 1);
                tracing::warn!(effect = %row.entry.id, tries = row.tries + 1, "effect failed");
                engine
                    .store
                    .effect_failed(row.entry.id, &error, next)
                    .await?;
            }
        }
        Ok(())
    }

    async fn timers(&self) -> Result<(), Failure> {
        loop {
            let due = self.0.store.due_timers(self.0.today(), BATCH).await?;
            if due.is_empty() {
                return Ok(());
            }
            for timer in due {
                if let Err(fault) = self.fire(&timer).await {
                    // One record's fault must not hold up the others' deadlines; it is logged and its timer ends.
                    tracing::error!(record = %timer.record, clock = %timer.timer.clock, %fault, "timer failed");
                    if matches!(fault, Failure::Store(_)) {
                        return Err(fault);
                    }
                }
                self.0.store.timer_done(timer.record, &timer.timer).await?;
            }
        }
    }

    async fn fire(&self, due: &DueTimer) -> Result<(), Failure> {
        let engine = &self.0;
        let (service, rt, snapshot) = engine
            .find(&due.service, &due.record_type, due.record)
            .await?;
        let Some(clock) = rt.clocks.get(&due.timer.clock) else {
            return Ok(());
        };
        let version = snapshot.version;
        let facts = engine.facts(service, &rt, snapshot).await?;
        if let Some((to, message)) = &clock.remind {
            let orders = kernel::notify(&facts, to, message);
            engine.remind(due, version, orders).await?;
        }
        match &clock.on_due {
            Some(action) if due.timer.what == "due" => {
                engine.act_on_due(due, action, version).await
            }
            _ => Ok(()),
        }
    }
}

/// What takes its time, for ever: imports that were begun, editions that have fallen due.
async fn slow(engine: Arc<Engine>) {
    loop {
        if let Err(fault) = engine.carry_imports().await {
            tracing::error!(%fault, "importing failed");
        }
        if let Err(fault) = engine.scan_held().await {
            tracing::error!(%fault, "uploads that are held could not be asked about");
        }
        if let Err(fault) = engine.forget_words().await {
            tracing::error!(%fault, "the search does not forget");
        }
        if let Err(fault) = engine.forget_sessions().await {
            tracing::error!(%fault, "sessions that have ended stay");
        }
        if let Err(fault) = engine.publish_due().await {
            tracing::error!(%fault, "publishing failed");
        }
        tokio::select! {
            () = engine.import_wake.notified() => {}
            () = tokio::time::sleep(PUBLISHING) => {}
        }
    }
}

/// Writes which sessions were used, for ever.
async fn noting(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(NOTING).await;
        if let Err(fault) = engine.note_uses().await {
            tracing::error!(%fault, "uses of sessions could not be written");
        }
    }
}

/// Appends what is committed to the log and signs it, for ever.
async fn signing(engine: Arc<Engine>) {
    loop {
        if let Err(fault) = engine.sequence().await {
            tracing::error!(%fault, "the log could not be signed");
        }
        if let Err(fault) = engine.tend_looks(false).await {
            tracing::error!(%fault, "who looked could not be sorted");
        }
        tokio::time::sleep(SIGNING).await;
    }
}

/// Back-off: 1 s, 2 s, 4 s … up to an hour.
pub(crate) fn next_try(now: Timestamp, tries: u32) -> Option<Timestamp> {
    if tries >= MAX_TRIES {
        return None;
    }
    let seconds = 1_i64
        .checked_shl(tries.saturating_sub(1))
        .unwrap_or(3600)
        .clamp(1, 3600);
    now.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Back-off towards somebody who is away: they are asked again within minutes however long it lasts, and never given up.
pub(crate) fn next_try_of_absent(now: Timestamp, tries: u32) -> Option<Timestamp> {
    const LONGEST_SECONDS: i64 = 300;
    let seconds = 1_i64
        .checked_shl(tries.saturating_sub(1))
        .unwrap_or(LONGEST_SECONDS);
    now.checked_add(SignedDuration::from_secs(seconds.clamp(1, LONGEST_SECONDS)))
        .ok()
}

impl Engine {
    /// Puts reminders into the outbox. Their ids follow from the timer, so that a repeated firing reminds once.
    async fn remind(
        &self,
        due: &DueTimer,
        version: u64,
        orders: Vec<EffectOrder>,
    ) -> Result<(), Failure> {
        let effects = orders
            .into_iter()
            .enumerate()
            .map(|(i, order)| OutboxEntry {
                id: EffectId(timer_id(due, i)),
                order,
            })
            .collect();
        let commit = Commit {
            expects: vec![Expect {
                record: due.record,
                version,
            }],
            draws: Vec::new(),
            finish: Box::new(move |_| Prepared {
                events: Vec::new(),
                records: Vec::new(),
                postings: Vec::new(),
                effects,
                attachments: Vec::new(),
                idempotency: None,
            }),
        };
        // A record that moved meanwhile has new timers of its own, so the outcome needs no second look.
        self.store.commit(commit).await?;
        Ok(())
    }

    async fn act_on_due(&self, due: &DueTimer, action: &str, version: u64) -> Result<(), Failure> {
        let request = ActRequest {
            actor: Actor::system(),
            purpose: None,
            service: due.service.clone(),
            record_type: due.record_type.clone(),
            record: Some(due.record),
            action: action.to_owned(),
            input: serde_json::Map::new(),
            version: Some(version),
            dry_run: false,
            idempotency: Some(IdempotencyKey {
                key: timer_id(due, usize::MAX).to_string(),
                request: String::new(),
            }),
            run: None,
        };
        self.perform(request).await.map(drop)
    }
}

/// The mailbox that a message goes to.
pub(crate) fn mailbox(to: &MessageTo) -> String {
    match to {
        MessageTo::Party(party) => format!("party:{party}"),
        MessageTo::Account(account) => format!("account:{account}"),
        MessageTo::Desk { office, role } => {
            format!("desk:{office}:{}", role.as_deref().unwrap_or_default())
        }
    }
}

/// A name-based id for what a timer does, the same each time it fires.
fn timer_id(due: &DueTimer, part: usize) -> uuid::Uuid {
    let RecordId(record) = due.record;
    let text = format!(
        "{record}/{}/{}/{}/{part}",
        due.timer.clock, due.timer.what, due.timer.on
    );
    let digest = Sha256::digest(text.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
