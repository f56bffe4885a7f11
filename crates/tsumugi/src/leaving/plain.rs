//! A record as anybody may read it in twenty years: titles and words beside the stable ids and values.

use anyhow::Result;
use definition::model::{RecordType, Service};
use kernel::Snapshot;
use kernel::convert::outward;
use kernel::render::field_text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;
use store::leaving::{FoundLine, Leaving, RecordRow};

/// Definitions by hash, opened as they are first needed.
#[derive(Default)]
pub(super) struct Definitions {
    current: HashMap<String, String>,
    opened: HashMap<String, Option<Arc<Service>>>,
}

impl Definitions {
    /// A definition is in force for a service.
    pub(super) fn now(&mut self, slug: &str, hash: &str) {
        self.current.insert(slug.to_owned(), hash.to_owned());
    }

    /// The definition in force.
    pub(super) fn current(
        &mut self,
        leaving: &Leaving<'_>,
        slug: &str,
    ) -> Result<Option<Arc<Service>>> {
        match self.current.get(slug).cloned() {
            Some(hash) => self.open(leaving, &hash),
            None => Ok(None),
        }
    }

    /// The definition that knows a record's type: that in force, else that under which it began.
    pub(super) fn of(
        &mut self,
        leaving: &Leaving<'_>,
        snapshot: &Snapshot,
    ) -> Result<Option<Arc<Service>>> {
        let knows = |service: &Arc<Service>| service.types.contains_key(&snapshot.record_type);
        let current = self.current(leaving, &snapshot.service)?.filter(knows);
        match current {
            Some(service) => Ok(Some(service)),
            None => Ok(self.open(leaving, &snapshot.definition)?.filter(knows)),
        }
    }

    fn open(&mut self, leaving: &Leaving<'_>, hash: &str) -> Result<Option<Arc<Service>>> {
        if let Some(opened) = self.opened.get(hash) {
            return Ok(opened.clone());
        }
        // What the program cannot read any more leaves as it is: the ids and values say what there is.
        let files = leaving.package(hash)?;
        let service = files.and_then(|files| definition::load_package(&files).ok());
        let service = service.map(Arc::new);
        self.opened.insert(hash.to_owned(), service.clone());
        Ok(service)
    }
}

/// What an import reads of a record's line: the rest says the same in words.
#[derive(Deserialize)]
pub(super) struct RecordLine {
    pub(super) order: i64,
    pub(super) snapshot: Snapshot,
    pub(super) found: FoundLine,
}

/// A line of a record.
#[derive(Serialize)]
pub(super) struct Plain<'r> {
    order: i64,
    #[serde(flatten)]
    words: Map<String, Json>,
    snapshot: &'r Snapshot,
    found: &'r FoundLine,
}

impl<'r> Plain<'r> {
    pub(super) fn of(row: &'r RecordRow, service: Option<&Service>) -> Self {
        Self {
            order: row.order,
            words: words(&row.snapshot, service),
            snapshot: &row.snapshot,
            found: &row.found,
        }
    }
}

fn words(snapshot: &Snapshot, service: Option<&Service>) -> Map<String, Json> {
    let rt = service.and_then(|service| service.types.get(&snapshot.record_type));
    let state = rt.and_then(|rt| rt.states.get(&snapshot.state));
    let members = [
        ("id", json!(snapshot.id)),
        ("service", json!(snapshot.service)),
        (
            "service_title",
            json!(service.map(|service| &service.title)),
        ),
        ("record_type", json!(snapshot.record_type)),
        ("record_type_title", json!(rt.map(|rt| &rt.title))),
        ("number", json!(snapshot.number)),
        ("state", json!(snapshot.state)),
        ("state_title", json!(state.map(|state| &state.title))),
        ("version", json!(snapshot.version)),
        ("arrived_on", json!(snapshot.arrived_on)),
        ("created_at", json!(snapshot.created_at)),
        ("updated_at", json!(snapshot.updated_at)),
        ("parties", parties(snapshot, rt.map(AsRef::as_ref))),
        ("fields", fields(snapshot, service, rt.map(AsRef::as_ref))),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn parties(snapshot: &Snapshot, rt: Option<&RecordType>) -> Json {
    let one = |party: &kernel::snapshot::PartyRef| {
        let rule = rt.and_then(|rt| rt.parties.get(&party.role));
        json!({
            "role": party.role,
            "role_title": rule.map(|rule| &rule.title),
            "kind": party.kind,
            "name": party.name,
            "id": party.id,
        })
    };
    snapshot.parties.iter().map(one).collect()
}

/// The fields in the order of the form; those that the definition does not know any more behind them.
fn fields(snapshot: &Snapshot, service: Option<&Service>, rt: Option<&RecordType>) -> Json {
    let day = kernel::about::day_of(snapshot.updated_at);
    let mut said = Vec::new();
    let known = rt.into_iter().flat_map(|rt| rt.fields.values());
    for field in known.clone() {
        let (Some(value), Some(service)) = (snapshot.fields.get(&field.id), service) else {
            continue;
        };
        said.push(json!({
            "id": field.id,
            "name": field.name,
            "title": field.title,
            "value": outward(&field.kind, value),
            "text": field_text(service, field, value, day),
        }));
    }
    let unknown = snapshot
        .fields
        .iter()
        .filter(|(id, _)| !known.clone().any(|field| field.id == **id));
    said.extend(unknown.map(|(id, value)| json!({ "id": id, "value": value })));
    said.into()
}
