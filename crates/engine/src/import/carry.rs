//! Carrying runs out: many rows at once, so that the store commits them in groups, and where the run stands is written
//! after each batch.

use super::{Importing, LIMITS, act_key, ended, note, row};
use crate::{Engine, Failure};
use kernel::Actor;
use kernel::intake::Found;
use kernel::shelf::{ImportRun, RunPhase};
use row::{RowOutcome, Seen, rejected};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Rows under way at once: as many as the store likes in a group.
const AT_ONCE: usize = 64;
/// Rows between two notes of where the run stands.
const BATCH: usize = 512;

impl Engine {
    /// Carries out every run that was begun, from where it stopped. A run that cannot go on says why.
    ///
    /// # Errors
    /// If the store is not available; the runs then go on later.
    pub async fn carry_imports(self: &Arc<Self>) -> Result<(), Failure> {
        for run in self.store.shelf().runs_going().await? {
            let mut now = run.clone();
            match self.carry(&mut now).await {
                Ok(()) => ended(&mut now, RunPhase::Done, self.now()),
                Err(Failure::Store(fault)) => return Err(fault.into()),
                Err(fault) => {
                    tracing::error!(run = %now.id, %fault, "import failed");
                    now.fault = Some(match fault {
                        Failure::Refused(refusal) => refusal.title,
                        _ => "プログラムの誤りで続けられません。運用の担当に知らせてください。"
                            .to_owned(),
                    });
                    ended(&mut now, RunPhase::Failed, self.now());
                }
            }
            self.store.shelf().put_run(now).await?;
        }
        Ok(())
    }

    async fn carry(self: &Arc<Self>, run: &mut ImportRun) -> Result<(), Failure> {
        let account = self
            .store
            .account(run.account)
            .await?
            .ok_or_else(Failure::not_found)?;
        let actor = self.actor(&account, None)?;
        let what = Arc::new(self.importing(&actor, &run.service, &run.import)?);
        let content = self.store.attachment_content(run.upload).await?;
        let Some(content) = content else {
            let detail = "ファイルの保存の期間が過ぎました。もう一度ファイルを選んでください。";
            return Err(Failure::invalid("/input/upload", "gone", detail));
        };
        let table = sheet::read(&content, &LIMITS)
            .map_err(|fault| Failure::invalid("/input/upload", "file", fault.to_string()))?;
        let found = Found::new(&what.import, &table.heads);
        let mut seen = Seen::default();
        // Rows done before an interruption are read again, so that keys that come twice are still seen.
        let done = run.done.rows;
        for row in table.rows.iter().take(done) {
            drop(self.take(&what, &found, row, &mut seen));
        }
        for batch in table.rows.get(done..).unwrap_or_default().chunks(BATCH) {
            let outcomes = self
                .batch(&what, &actor, &found, batch, run, &mut seen)
                .await?;
            for (row, outcome) in batch.iter().zip(&outcomes) {
                note(&mut run.done, &mut run.rejected, row, outcome);
            }
            self.store.shelf().put_run(run.clone()).await?;
        }
        Ok(())
    }

    async fn batch(
        self: &Arc<Self>,
        what: &Arc<Importing>,
        actor: &Actor,
        found: &Found,
        rows: &[sheet::Row],
        run: &ImportRun,
        seen: &mut Seen,
    ) -> Result<Vec<RowOutcome>, Failure> {
        let mut outcomes: Vec<Option<RowOutcome>> = vec![None; rows.len()];
        let mut under_way = JoinSet::new();
        for (at, row) in rows.iter().enumerate() {
            let taken = match self.take(what, found, row, seen) {
                Ok(taken) => taken,
                Err(reasons) => {
                    if let Some(place) = outcomes.get_mut(at) {
                        *place = Some(RowOutcome::Rejected(reasons));
                    }
                    continue;
                }
            };
            if under_way.len() >= AT_ONCE {
                settle(&mut under_way, &mut outcomes).await?;
            }
            let (engine, what, actor) = (Arc::clone(self), Arc::clone(what), actor.clone());
            let key = act_key(run.id, row.number);
            under_way.spawn(async move {
                let (mut request, outcome) = engine.would(&what, &actor, &taken).await?;
                if matches!(outcome, RowOutcome::Unchanged | RowOutcome::Rejected(_)) {
                    return Ok((at, outcome));
                }
                request.idempotency = Some(key);
                match engine.perform(request).await {
                    Ok(_) => Ok((at, outcome)),
                    Err(Failure::Refused(refusal)) => Ok((at, rejected(&refusal))),
                    Err(other) => Err(other),
                }
            });
        }
        while !under_way.is_empty() {
            settle(&mut under_way, &mut outcomes).await?;
        }
        Ok(outcomes.into_iter().flatten().collect())
    }
}

async fn settle(
    under_way: &mut JoinSet<Result<(usize, RowOutcome), Failure>>,
    outcomes: &mut [Option<RowOutcome>],
) -> Result<(), Failure> {
    let Some(joined) = under_way.join_next().await else {
        return Ok(());
    };
    let (at, outcome) = joined.map_err(|error| Failure::Internal(error.to_string()))??;
    if let Some(place) = outcomes.get_mut(at) {
        *place = Some(outcome);
    }
    Ok(())
}
