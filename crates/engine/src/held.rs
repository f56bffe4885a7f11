//! All that is held about one party (開示請求, 個人情報の保護に関する法律 76条): records, their history, and who looked. What of it
//! is disclosed a person judges (78条); nothing is left out here but marked.

use crate::registry::record_type;
use crate::sharing::own_keys;
use crate::{Engine, Failure};
use feel::Predicate;
use kernel::looks::LookQuery;
use kernel::{Actor, PartyId, RecordId, Snapshot};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Records of one type, children of one record, events and readings of one record: more of any is told as a fault, so
/// that nobody takes a part for the whole.
const MOST: usize = 5_000;

/// One record about the party. `Debug` is left out: it holds personal data.
pub struct Held {
    /// Slug of the service.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The record.
    pub id: RecordId,
    /// The record as the platform sees it, its history and its readings.
    pub body: Json,
}

impl Engine {
    /// Everything under which the party stands as its own, in all services, with what hangs on it.
    ///
    /// # Errors
    /// If there is more than can be told in one go, or the store is not available.
    pub async fn held_about(&self, party: PartyId) -> Result<Vec<Held>, Failure> {
        let catalogue = self.catalogue();
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for service in catalogue.services.values() {
            for rt in service.types.values() {
                let keys = own_keys(service, rt, party);
                if keys.is_empty() {
                    continue;
                }
                let found = self.keyed_page(service, rt, keys, Predicate::True, MOST);
                let mut wanted = whole(found.await?)?;
                while let Some(one) = wanted.pop() {
                    if seen.insert(one.id) {
                        wanted.extend(whole(self.store.children(one.id, MOST).await?)?);
                        all.push(self.held(one).await?);
                    }
                }
            }
        }
        Ok(all)
    }

    async fn held(&self, record: Snapshot) -> Result<Held, Failure> {
        let system = Actor::system();
        let (service, kind, id) = (&record.service, &record.record_type, record.id);
        let view = self.record(&system, None, service, kind, id, None).await?;
        let history = self.history(&system, service, kind, id, 0, MOST).await?;
        let events: Vec<Json> = history.items.iter().map(|one| one.to_json()).collect();
        let body = json!({
            "record": view.to_json(), "history": whole(events)?, "looks": self.looks_at(&record).await?,
            "closed": record.closed.is_some(),
        });
        Ok(Held {
            service: record.service,
            record_type: record.record_type,
            id,
            body,
        })
    }

    /// Who looked, with what today's definition withholds from the person marked by its ground.
    async fn looks_at(&self, record: &Snapshot) -> Result<Vec<Json>, Failure> {
        let service = self.service(&record.service)?;
        let rt = record_type(&service, &record.record_type)?;
        let query = LookQuery {
            records: vec![record.id],
            limit: MOST,
            ..LookQuery::default()
        };
        let found = self.store.looks().looks(query).await?.items;
        let lines = found.iter().map(|look| {
            let note = &look.note;
            let withheld = rt.looked.keeps(note.role.as_deref(), &record.state);
            json!({
                "at": crate::tokyo(note.at), "office": note.office, "role": note.role, "way": note.way.name(),
                "purpose": note.purpose, "withheld_on": withheld.map(|rule| &rule.basis),
            })
        });
        whole(lines.collect())
    }
}

/// All, or a fault where there may be more.
fn whole<T>(found: Vec<T>) -> Result<Vec<T>, Failure> {
    match found.len() < MOST {
        true => Ok(found),
        false => Err(Failure::Internal(format!(
            "more than {MOST} records, events or readings: it cannot be told in one go"
        ))),
    }
}
