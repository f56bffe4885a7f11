//! Imports: a file becomes acts, row by row. Each row is one act of the person who began the run, with all that an act
//! is: authority, checks, journal. The row's key finds the record again, so that the same file changes only what changed;
//! a run that was interrupted goes on where it stopped.

mod carry;
mod file;
mod rejects;
mod row;

use crate::{Engine, Failure, IdempotencyKey};
use definition::model::{Import, RecordType, Service, Who};
use kernel::intake::Found;
use kernel::shelf::{ImportRun, RejectedRow, RunCounts, RunPhase};
use kernel::{Actor, AttachmentId};
use sheet::Limits;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What a file may hold: the ledger of the whole metropolis, twice.
const LIMITS: Limits = Limits {
    bytes: 20 * 1024 * 1024,
    rows: 100_001,
    columns: 120,
};
/// Runs listed.
const LISTED: usize = 50;
/// Rows that were not taken are read from the store so many at a time.
const REJECTED: usize = 2_000;

/// An import that an actor may run.
pub struct Importing {
    /// Service.
    pub service: Arc<Service>,
    /// Record type.
    pub record_type: Arc<RecordType>,
    /// Import.
    pub import: Arc<Import>,
}

impl Engine {
    /// The imports that an actor may run, of all services.
    #[must_use]
    pub fn imports(&self, actor: &Actor) -> Vec<Importing> {
        let catalogue = self.catalogue();
        let mut all = Vec::new();
        for service in catalogue.services.values() {
            for import in service.imports.values() {
                let Some(rt) = service.types.get(&import.into) else {
                    continue;
                };
                if may_run(rt, import, actor) {
                    all.push(Importing {
                        service: Arc::clone(service),
                        record_type: Arc::clone(rt),
                        import: Arc::clone(import),
                    });
                }
            }
        }
        all
    }

    /// One import.
    ///
    /// # Errors
    /// 404 if there is none that the actor may run.
    pub fn importing(
        &self,
        actor: &Actor,
        service: &str,
        import: &str,
    ) -> Result<Importing, Failure> {
        let service = self.service(service)?;
        let import = service
            .imports
            .get(import)
            .cloned()
            .ok_or_else(Failure::not_found)?;
        let record_type = crate::registry::record_type(&service, &import.into)?;
        if !may_run(&record_type, &import, actor) {
            return Err(Failure::not_found());
        }
        Ok(Importing {
            service,
            record_type,
            import,
        })
    }

    /// Begins to look a file through: what would be new, changed, unchanged, and what is rejected. Nothing is changed.
    /// The worker does it; the run says how far it is.
    ///
    /// # Errors
    /// 404 if the actor may not; 422 if the file cannot be read or is not the one that the import takes.
    pub async fn preview_import(
        &self,
        actor: &Actor,
        service: &str,
        import: &str,
        upload: AttachmentId,
    ) -> Result<ImportRun, Failure> {
        let what = self.importing(actor, service, import)?;
        let account = actor.account.ok_or_else(Failure::not_found)?;
        let (meta, content) = self.attachment(actor, upload).await?;
        let outline = file::outline(content).await?;
        headings_fit(&what.import, &Found::new(&what.import, &outline.heads))?;
        let at = self.clock.now();
        let run = ImportRun {
            id: self.ids.uuid(at),
            service: what.service.slug.clone(),
            import: what.import.name.clone(),
            upload,
            file: meta.name,
            sniffed: outline.sniffed.to_string(),
            heads: outline.heads,
            total: outline.rows,
            account,
            name: actor.name.clone(),
            at,
            ended_at: None,
            phase: RunPhase::Looking,
            preview: RunCounts::default(),
            done: RunCounts::default(),
            fault: None,
        };
        self.store.shelf().put_run(run.clone(), Vec::new()).await?;
        self.import_wake.notify_one();
        Ok(run)
    }

    /// A run.
    ///
    /// # Errors
    /// 404 if there is none of an import that the actor may run.
    pub async fn import_run(&self, actor: &Actor, id: Uuid) -> Result<ImportRun, Failure> {
        let run = self
            .store
            .shelf()
            .run(id)
            .await?
            .ok_or_else(Failure::not_found)?;
        self.importing(actor, &run.service, &run.import)?;
        Ok(run)
    }

    /// Runs of an import, newest first.
    ///
    /// # Errors
    /// 404 if the actor may not run it.
    pub async fn import_runs(
        &self,
        actor: &Actor,
        service: &str,
        import: &str,
    ) -> Result<Vec<ImportRun>, Failure> {
        self.importing(actor, service, import)?;
        Ok(self.store.shelf().runs(service, import, LISTED).await?)
    }

    /// Begins to carry out a run that was looked through. The worker does it; the run says how far it is.
    ///
    /// # Errors
    /// 404 for another's run; 409 if it was begun before.
    pub async fn start_import(&self, actor: &Actor, id: Uuid) -> Result<ImportRun, Failure> {
        let mut run = self.import_run(actor, id).await?;
        if Some(run.account) != actor.account {
            return Err(Failure::not_found());
        }
        if run.phase != RunPhase::Preview {
            let title = match run.phase {
                RunPhase::Looking => {
                    "まだファイルを確かめています。終わってから取り込んでください。"
                }
                _ => "この取込みは、もう始まっています。",
            };
            return Err(
                kernel::Refusal::new(kernel::RefusalKind::WrongState, title, Vec::new()).into(),
            );
        }
        run.phase = RunPhase::Going;
        self.store.shelf().put_run(run.clone(), Vec::new()).await?;
        self.import_wake.notify_one();
        Ok(run)
    }

    /// The first rows of a run that were not taken, each with its cells; without them while the run is under way, or
    /// when the file is not kept any more.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn import_rejected(
        &self,
        run: &ImportRun,
        limit: usize,
    ) -> Result<Vec<(RejectedRow, Vec<String>)>, Failure> {
        let shelf = self.store.shelf();
        let rows = shelf
            .rejected(run.id, run.phase.changes(), 0, limit)
            .await?;
        let mut cells = BTreeMap::new();
        if !rows.is_empty()
            && !run.phase.under_way()
            && let Ok(content) = self.content_of(run).await
        {
            let numbers = rows.iter().map(|row| row.number).collect();
            cells = file::some(content, numbers).await?.1;
        }
        let with_cells = rows.into_iter().map(|row| {
            let cells = cells.remove(&row.number).unwrap_or_default();
            (row, cells)
        });
        Ok(with_cells.collect())
    }

    /// All rows that were not taken, as a file that can be mended and brought again: the same headings, and the reasons.
    ///
    /// # Errors
    /// 422 if the file that was imported is not kept any more.
    pub async fn rejected_file(&self, run: &ImportRun) -> Result<Vec<u8>, Failure> {
        let content = self.content_of(run).await?;
        let (shelf, going) = (self.store.shelf(), run.phase.changes());
        let mut rows: Vec<RejectedRow> = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row| row.number);
            let some = shelf.rejected(run.id, going, after, REJECTED).await?;
            if some.is_empty() {
                break;
            }
            rows.extend(some);
        }
        let numbers = rows.iter().map(|row| row.number).collect();
        let (heads, cells) = file::some(content, numbers).await?;
        tokio::task::spawn_blocking(move || rejects::file(&heads, &rows, &cells))
            .await
            .map_err(|error| Failure::Internal(error.to_string()))?
    }
}

/// A seat held for somebody who is away opens no records, so it runs no import either.
fn may_run(rt: &RecordType, import: &Import, actor: &Actor) -> bool {
    let by = rt.actions.get(&import.act).map(|action| &action.by);
    let mut own = actor.seats.iter().filter(|seat| seat.substitute.is_none());
    own.any(|seat| {
        let sits = |who: &Who| matches!(who, Who::Desk(role) if *role == seat.role);
        by.is_some_and(|by| by.iter().any(sits))
    })
}

/// The file must have the column by which rows are known again; what else is missing leaves its fields empty.
fn headings_fit(import: &Import, found: &Found) -> Result<(), Failure> {
    let key = import.fields.iter().find(|set| set.field == import.key);
    let needed = key
        .into_iter()
        .flat_map(|set| set.value.reads())
        .filter_map(|path| path.first());
    let missing: Vec<String> = needed
        .filter(|name| found.columns.get(*name) == Some(&None))
        .filter_map(|name| Some(format!("「{}」", import.headings.get(name)?.first()?)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "このファイルには見出し{}がありません。1行目が見出しになっているか、取込みの種類が合っているかを確かめてください。",
        missing.join("")
    );
    Err(Failure::invalid("/input/upload", "headings", detail))
}

/// Stable for a row of a run, so that a row done twice after an interruption is one act.
fn act_key(run: Uuid, row: usize) -> IdempotencyKey {
    IdempotencyKey {
        key: format!("import-{run}-{row}"),
        request: String::new(),
    }
}
