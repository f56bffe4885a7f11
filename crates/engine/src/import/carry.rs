//! Looking runs through and carrying them out, away from the threads that answer: row by row in the order of the file,
//! so that numbers are drawn as an official would. Where a run stands is written after each batch, with the rows that
//! were not taken; what was interrupted goes on there.

use super::row::{RowOutcome, Seen, rejected};
use super::{Importing, act_key, file};
use crate::{ActRequest, Engine, Failure};
use kernel::Actor;
use kernel::intake::Found;
use kernel::port::{Committed, Task};
use kernel::shelf::{ImportRun, RejectedRow, RunPhase};
use sheet::Row;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

/// Rows between two notes of where the run stands.
const BATCH: usize = 256;
/// Rows that are being written at a time.
const AHEAD: usize = 32;

impl Engine {
    /// Goes on with every run that was begun, from where it stopped. A run that cannot go on says why.
    ///
    /// # Errors
    /// If the store is not available; the runs then go on later.
    pub async fn carry_imports(&self) -> Result<(), Failure> {
        for mut run in self.store.shelf().runs_going().await? {
            match self.go_through(&mut run).await {
                Ok(()) if run.phase == RunPhase::Looking => run.phase = RunPhase::Preview,
                Ok(()) => self.ended(&mut run, RunPhase::Done),
                Err(Failure::Store(fault)) => return Err(fault.into()),
                Err(fault) => {
                    tracing::error!(run = %run.id, %fault, "import failed");
                    run.fault = Some(match fault {
                        Failure::Refused(mut refusal) => match refusal.faults.is_empty() {
                            true => refusal.title,
                            false => refusal.faults.swap_remove(0).detail,
                        },
                        _ => "プログラムの誤りで続けられません。運用の担当に知らせてください。"
                            .to_owned(),
                    });
                    self.ended(&mut run, RunPhase::Failed);
                }
            }
            self.store.shelf().put_run(run, Vec::new()).await?;
        }
        Ok(())
    }

    fn ended(&self, run: &mut ImportRun, phase: RunPhase) {
        run.phase = phase;
        run.ended_at = Some(self.now());
    }

    async fn go_through(&self, run: &mut ImportRun) -> Result<(), Failure> {
        let account = self.acting_account(run.account).await?;
        let account = account.ok_or_else(Failure::not_found)?;
        let actor = self.actor(&account, None)?;
        let what = self.importing(&actor, &run.service, &run.import)?;
        let table = file::read(self.content_of(run).await?).await?;
        let found = Found::new(&what.import, &table.heads);
        let mut seen = Seen::default();
        let passed = run.counts().rows;
        // Rows passed before an interruption are read again, so that keys that come twice are still seen.
        for row in table.rows.iter().take(passed) {
            drop(self.take(&what, &found, row, &mut seen));
        }
        // What a row decides by must not have been changed by a row that is still being written.
        let ahead = match what.record_type.lookups.is_empty() {
            true => AHEAD,
            false => 1,
        };
        for batch in table.rows.get(passed..).unwrap_or_default().chunks(BATCH) {
            let mut not_taken = Vec::new();
            let mut writing = VecDeque::with_capacity(ahead);
            for row in batch {
                let begun = match self.take(&what, &found, row, &mut seen) {
                    Ok(taken) => self.begin(&what, &actor, run, row, &taken).await?,
                    Err(reasons) => Begun::Over(RowOutcome::Rejected(reasons)),
                };
                writing.push_back((row.number, begun));
                while writing.len() >= ahead
                    && let Some((number, begun)) = writing.pop_front()
                {
                    note(run, &mut not_taken, number, self.end(begun).await?);
                }
                // Rows are looked at without waiting for anything: others must have their turn.
                tokio::task::yield_now().await;
            }
            for (number, begun) in writing {
                note(run, &mut not_taken, number, self.end(begun).await?);
            }
            self.wake.notify_one();
            self.store.shelf().put_run(run.clone(), not_taken).await?;
        }
        Ok(())
    }

    /// Looks at a row; where it changes something and the run is carried out, its act goes to the store. Acts reach the
    /// store in the order of the file, so that many share one fsync.
    async fn begin<'a>(
        &'a self,
        what: &Importing,
        actor: &Actor,
        run: &ImportRun,
        row: &Row,
        taken: &kernel::intake::Taken,
    ) -> Result<Begun<'a>, Failure> {
        let (outcome, decided) = self.would(what, actor, taken).await?;
        let changes = matches!(outcome, RowOutcome::New | RowOutcome::Changed);
        let decided = decided.filter(|_| changes && run.phase == RunPhase::Going);
        let Some(decided) = decided else {
            return Ok(Begun::Over(outcome));
        };
        let mut request = decided.request;
        request.idempotency = Some(act_key(run.id, row.number));
        let commit = self.prepared(&request, &decided.facts, &decided.act, decided.decision);
        let mut task = self.store.commit(commit);
        let first = poll_fn(|context| Poll::Ready(task.as_mut().poll(context))).await;
        let task = match first {
            Poll::Ready(done) => Err(done?),
            Poll::Pending => Ok(task),
        };
        Ok(Begun::Writing(Box::new(request), task, outcome))
    }

    /// Waits for a row's act. One that met a change under way is decided anew.
    async fn end(&self, begun: Begun<'_>) -> Result<RowOutcome, Failure> {
        let (request, task, outcome) = match begun {
            Begun::Over(outcome) => return Ok(outcome),
            Begun::Writing(request, task, outcome) => (request, task, outcome),
        };
        let committed = match task {
            Ok(task) => task.await?,
            Err(done) => done,
        };
        match committed {
            Committed::Done(_) | Committed::Repeated(_) => Ok(outcome),
            Committed::Moved(_) => match self.perform(*request).await {
                Ok(_) => Ok(outcome),
                Err(Failure::Refused(refusal)) => Ok(rejected(&refusal)),
                Err(other) => Err(other),
            },
            other => Ok(rejected(&self.refused(&request.actor, other).await?)),
        }
    }
}

/// A row that was begun.
enum Begun<'a> {
    /// What it came to.
    Over(RowOutcome),
    /// Its act, what the store says or is about to say, and what it comes to then.
    Writing(
        Box<ActRequest>,
        Result<Task<'a, Committed>, Committed>,
        RowOutcome,
    ),
}

fn note(run: &mut ImportRun, not_taken: &mut Vec<RejectedRow>, number: usize, outcome: RowOutcome) {
    let counts = run.counts_mut();
    counts.rows += 1;
    match outcome {
        RowOutcome::New => counts.new += 1,
        RowOutcome::Changed => counts.changed += 1,
        RowOutcome::Unchanged => counts.unchanged += 1,
        RowOutcome::Rejected(reasons) => {
            counts.rejected += 1;
            not_taken.push(RejectedRow { number, reasons });
        }
    }
}
