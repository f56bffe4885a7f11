//! Looking runs through and carrying them out, away from the threads that answer: row by row in the order of the file,
//! so that numbers are drawn as an official would. Where a run stands is written after each batch, with the rows that
//! were not taken; what was interrupted goes on there.

use super::row::{RowOutcome, Seen, rejected};
use super::{Importing, LIMITS, act_key};
use crate::{Engine, Failure};
use kernel::Actor;
use kernel::intake::Found;
use kernel::shelf::{ImportRun, RejectedRow, RunPhase};
use sheet::{Row, Table};

/// Rows between two notes of where the run stands.
const BATCH: usize = 256;

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
                        Failure::Refused(refusal) => refusal.title,
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
        let account = self
            .store
            .account(run.account)
            .await?
            .ok_or_else(Failure::not_found)?;
        let actor = self.actor(&account, None)?;
        let what = self.importing(&actor, &run.service, &run.import)?;
        let table = self.file_of(run).await?;
        let found = Found::new(&what.import, &table.heads);
        let mut seen = Seen::default();
        let passed = run.counts().rows;
        // Rows passed before an interruption are read again, so that keys that come twice are still seen.
        for row in table.rows.iter().take(passed) {
            drop(self.take(&what, &found, row, &mut seen));
        }
        for batch in table.rows.get(passed..).unwrap_or_default().chunks(BATCH) {
            let mut not_taken = Vec::new();
            for row in batch {
                let outcome = match self.take(&what, &found, row, &mut seen) {
                    Ok(taken) => self.row_outcome(&what, &actor, run, row, &taken).await?,
                    Err(reasons) => RowOutcome::Rejected(reasons),
                };
                note(run, &mut not_taken, row, outcome);
                // Rows are looked at without waiting for anything: others must have their turn.
                tokio::task::yield_now().await;
            }
            self.store.shelf().put_run(run.clone(), not_taken).await?;
        }
        Ok(())
    }

    async fn row_outcome(
        &self,
        what: &Importing,
        actor: &Actor,
        run: &ImportRun,
        row: &Row,
        taken: &kernel::intake::Taken,
    ) -> Result<RowOutcome, Failure> {
        let (mut request, outcome) = self.would(what, actor, taken).await?;
        let changes = matches!(outcome, RowOutcome::New | RowOutcome::Changed);
        if run.phase == RunPhase::Looking || !changes {
            return Ok(outcome);
        }
        request.idempotency = Some(act_key(run.id, row.number));
        match self.perform(request).await {
            Ok(_) => Ok(outcome),
            Err(Failure::Refused(refusal)) => Ok(rejected(&refusal)),
            Err(other) => Err(other),
        }
    }

    /// The rows of a run's file.
    pub(super) async fn file_of(&self, run: &ImportRun) -> Result<Table, Failure> {
        let content = self.store.attachment_content(run.upload).await?;
        let Some(content) = content else {
            let detail = "ファイルの保存の期間が過ぎました。もう一度ファイルを選んでください。";
            return Err(Failure::invalid("/input/upload", "gone", detail));
        };
        read(content).await
    }
}

/// Reads a file where it keeps nobody waiting.
pub(super) async fn read(content: Vec<u8>) -> Result<Table, Failure> {
    tokio::task::spawn_blocking(move || sheet::read(&content, &LIMITS))
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?
        .map_err(|fault| Failure::invalid("/input/upload", "file", fault.to_string()))
}

fn note(run: &mut ImportRun, not_taken: &mut Vec<RejectedRow>, row: &Row, outcome: RowOutcome) {
    let counts = run.counts_mut();
    counts.rows += 1;
    match outcome {
        RowOutcome::New => counts.new += 1,
        RowOutcome::Changed => counts.changed += 1,
        RowOutcome::Unchanged => counts.unchanged += 1,
        RowOutcome::Rejected(reasons) => {
            counts.rejected += 1;
            let number = row.number;
            not_taken.push(RejectedRow { number, reasons });
        }
    }
}
