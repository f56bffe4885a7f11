//! What the gateway is asked goes a way of its own: hours without it hold up no message and no letter, and when it is
//! back it is asked no more than so much a second.

use super::ask::NotDelivered;
use crate::pace::{Pace, Seen};
use crate::worker::{next_try, next_try_of_absent};
use crate::{Engine, Failure, GatewayError};
use kernel::port::{Lane, OutboxRow};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Asked of the gateway in a round, of which there is one a second.
const A_ROUND: usize = 20;
const ROUND: Duration = Duration::from_secs(1);
/// How often the worker looks without being woken.
const IDLE: Duration = Duration::from_secs(5);

/// The pace of a fresh process.
pub(crate) fn pace() -> Pace {
    Pace::new(A_ROUND)
}

/// Works for ever.
pub(crate) async fn run(engine: Arc<Engine>) {
    loop {
        let pause = match round(&engine).await {
            Ok(0) => IDLE,
            Ok(_) => ROUND,
            Err(fault) => {
                tracing::error!(%fault, "asking the gateway failed");
                IDLE
            }
        };
        if let Err(fault) = engine.compare_days().await {
            tracing::error!(%fault, "comparing with the gateway failed");
        }
        tokio::select! {
            () = engine.gateway_wake.notified(), if pause == IDLE => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Until nothing is due, or the gateway is away: for tests and for tools, which tick by themselves.
pub(crate) async fn until_idle(engine: &Arc<Engine>) -> Result<(), Failure> {
    while round(engine).await? > 0 {}
    engine.compare_days().await
}

/// As much as the gateway may be asked now; answers how much was due.
async fn round(engine: &Arc<Engine>) -> Result<usize, Failure> {
    let now = engine.clock.now();
    let room = engine.gateway_pace.room(now);
    if room == 0 {
        return Ok(0);
    }
    let rows = engine.store.outbox(Lane::Gateway, now, room).await?;
    let many = rows.len();
    let mut tries = JoinSet::new();
    for row in rows {
        let engine = Arc::clone(engine);
        tries.spawn(async move { engine.ask_for(row).await });
    }
    let (mut seen, mut outcome) = (Seen::default(), Ok(many));
    while let Some(ended) = tries.join_next().await {
        match ended {
            Ok(Ok(answered)) => {
                seen.answered |= answered;
                seen.silent |= !answered;
            }
            Ok(Err(fault)) => outcome = Err(fault),
            Err(error) => outcome = Err(Failure::Internal(format!("asking broke down: {error}"))),
        }
    }
    if engine.gateway_pace.learn(seen, engine.clock.now()) {
        tracing::info!("the gateway answers again; what waited for it follows");
        engine
            .store
            .hurry_effects(Lane::Gateway, engine.clock.now())
            .await?;
    }
    outcome
}

impl Engine {
    /// Answers whether the gateway did.
    async fn ask_for(&self, row: OutboxRow) -> Result<bool, Failure> {
        let Err(fault) = self.ask_gateway(&row.entry).await else {
            self.store.effect_done(row.entry.id).await?;
            return Ok(true);
        };
        let away = matches!(fault, NotDelivered::Gateway(GatewayError::Unavailable(_)));
        let (now, tries) = (self.clock.now(), row.tries + 1);
        let next = if away {
            next_try_of_absent(now, tries)
        } else {
            next_try(now, tries)
        };
        tracing::warn!(effect = %row.entry.id, kind = row.entry.order.kind(), tries, away, "effect failed");
        self.store
            .effect_failed(row.entry.id, &fault.to_string(), next)
            .await?;
        Ok(!away)
    }
}
