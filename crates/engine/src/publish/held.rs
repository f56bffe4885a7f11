//! What staff must decide: lines that were held back since they would show a person's name.

use super::Published;
use crate::looking::Read;
use crate::{Engine, Failure};
use definition::model::{Form, RecordType};
use feel::Typed;
use kernel::looks::Way;
use kernel::publish::{Line, line};
use kernel::{Actor, Around, RecordId, RecordScope};
use std::sync::Arc;

/// A record that waits for a decision. Personal: it does not print.
pub struct HeldBack {
    /// Record.
    pub id: RecordId,
    /// The line that names it.
    pub label: Option<String>,
    /// Official number.
    pub number: Option<String>,
    /// Office.
    pub office: Option<String>,
}

impl Published {
    /// Titles of the actions by which staff decide: those that ask for a field on which the release rests.
    ///
    /// # Errors
    /// If the record type is not there.
    pub fn decided_by(&self) -> Result<Vec<String>, Failure> {
        let rt = self.published_type()?;
        let rests = [&self.publication.release, &self.publication.keep];
        let reads: Vec<&str> = rests
            .into_iter()
            .flatten()
            .flat_map(Typed::reads)
            .filter_map(|path| path.first().map(AsRef::as_ref))
            .collect();
        let asks = |form: &Form| match form {
            Form::Fields(fields) => fields.iter().any(|field| reads.contains(&field.as_str())),
            Form::None | Form::Any => false,
        };
        let deciding = rt.actions.values().filter(|action| asks(&action.form));
        Ok(deciding.map(|action| action.title.clone()).collect())
    }

    fn published_type(&self) -> Result<Arc<RecordType>, Failure> {
        crate::registry::record_type(&self.service, &self.publication.of)
    }
}

impl Engine {
    /// The first records of the newest edition that still wait for a decision, of those that the actor sees.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn held_back(
        &self,
        actor: &Actor,
        of: &Published,
        limit: usize,
    ) -> Result<Vec<HeldBack>, Failure> {
        let rt = of.published_type()?;
        let held = of.edition.iter().flat_map(|edition| &edition.held);
        let ids: Vec<RecordId> = held.take(limit).copied().collect();
        let found = self.store.snapshots(&ids).await?;
        let facts = self.empty_facts(Arc::clone(&of.service));
        let around = Around::of(&facts);
        let mut waiting = Vec::new();
        for snapshot in found {
            let undecided = matches!(
                line(around, &rt, &of.publication, &snapshot, 1),
                Ok(Line::Held)
            );
            if undecided && kernel::may_see(&of.service, &rt, actor, &snapshot).is_some() {
                let scope = RecordScope::new(around, &rt, &snapshot, None);
                waiting.push(HeldBack {
                    id: snapshot.id,
                    label: kernel::scope::label(&scope),
                    number: snapshot.number.clone(),
                    office: snapshot.office.clone(),
                });
            }
        }
        let read = Read {
            service: &of.service.slug,
            rt: &rt,
            seat: actor.seats.first(),
            records: waiting.iter().map(|one: &HeldBack| one.id).collect(),
            closed: false,
            glass: None,
        };
        self.noted(actor, Way::List, None, read).await?;
        Ok(waiting)
    }
}
