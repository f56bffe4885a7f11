//! What a form acts on, and the act itself: what the screens of applying, acting and confirming share.

use super::error::PageError;
use super::form::{Posted, read};
use super::layout::see;
use super::level;
use super::naming;
use super::show;
use super::visitor::Visitor;
use axum::http::StatusCode;
use axum::response::Response;
use definition::model::{Action, Field, FieldKind, Form, RecordType, Service, Tone};
use engine::{ActRequest, Failure, IdempotencyKey, Outcome, RecordView, Sketch};
use kernel::assured::short_of_opening;
use kernel::{Actor, Assurance, Fault, RecordId, Refusal, RefusalKind};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a form acts on.
pub(super) struct Target {
    pub(super) service: Arc<Service>,
    pub(super) rt: Arc<RecordType>,
    /// None while nothing is opened.
    pub(super) record: Option<RecordView>,
    pub(super) action: Action,
    /// Somebody at the counter without an account, for whom it is keyed in: kind and name.
    pub(super) counter: Option<(String, String)>,
    /// The action that keeps a draft, where there is one for this actor now.
    pub(super) save: Option<Action>,
}

/// How a form is shown again.
#[derive(Default)]
pub(super) struct Again {
    pub(super) faults: Vec<Fault>,
    /// Faults by path, of files and postal codes.
    pub(super) said: Vec<(String, String)>,
    pub(super) refused: Option<Refusal>,
    pub(super) saved: bool,
    /// Whether empty fields are filled with what named records bring along.
    pub(super) fill: bool,
    /// The version that the person had seen.
    pub(super) base: Option<u64>,
}

impl Target {
    /// An action on a record, which this actor may take now.
    pub(super) async fn of(
        visitor: &Visitor,
        slug: &str,
        kind: &str,
        id: &str,
        action: &str,
    ) -> Result<Self, PageError> {
        let id: RecordId = id.parse().map_err(|_| PageError::not_found())?;
        let record = visitor
            .app
            .engine
            .record(&visitor.signed.actor, None, slug, kind, id, None)
            .await?;
        let record = visitor.translated(record);
        let rt = Arc::clone(&record.record_type);
        let found = kernel::route::resolve(&record.service, &rt, action, None)
            .map(|resolved| resolved.action.into_owned())
            .ok_or_else(PageError::not_found)?;
        let now = |one: &Action| record.actions.iter().any(|view| view.name == one.name);
        let save = rt
            .actions
            .values()
            .find(|one| one.form == Form::Any && one.name != action && now(one))
            .cloned();
        Ok(Self {
            service: Arc::clone(&record.service),
            save,
            action: found,
            rt,
            record: Some(record),
            counter: None,
        })
    }

    /// Whether the actor may take the action in the record's state.
    pub(super) fn possible(&self) -> bool {
        self.record.as_ref().is_none_or(|record| {
            record
                .actions
                .iter()
                .any(|view| view.name == self.action.name)
        })
    }

    /// What the action demands of the visitor, who is known less surely; none where they are known surely enough.
    pub(super) fn short(&self, visitor: &Visitor) -> Result<Option<Assurance>, PageError> {
        let Some(record) = &self.record else {
            let actor = self.actor(visitor)?;
            return Ok(short_of_opening(&self.rt, &self.action, &actor));
        };
        let mut actions = record.actions.iter();
        let here = actions.find(|view| view.name == self.action.name);
        Ok(here.and_then(|view| view.short))
    }

    /// Leads whoever is known less surely than the action demands to prove more, before they type anything. Where a draft
    /// can be kept they may write first: they are led from the last look.
    pub(super) fn held(&self, visitor: &Visitor) -> Result<(), PageError> {
        match &self.save {
            Some(_) => Ok(()),
            None => level::held(self.short(visitor)?, &visitor.path),
        }
    }

    /// The fields that the form asks for.
    pub(super) fn asked(&self) -> Vec<&Field> {
        kernel::form_fields(&self.rt, &self.action)
    }

    fn id(&self) -> Option<RecordId> {
        self.record.as_ref().map(|record| record.id)
    }

    /// Where the record is shown.
    pub(super) fn href(&self) -> String {
        match &self.record {
            Some(record) => naming::href(&self.service.slug, &self.rt.name, record.id),
            None => format!("/services/{}", self.service.slug),
        }
    }

    /// What the record holds of the form, and what was drafted for it; remarks begin empty, since they are written
    /// anew each time, and so does the reason of a correction.
    pub(super) fn kept(&self) -> Map<String, Json> {
        let Some(record) = &self.record else {
            return Map::new();
        };
        let asked = self.asked();
        let corrects = &self.action.corrects;
        let old = asked
            .iter()
            .filter(|field| !matches!(field.kind, FieldKind::Remarks))
            .filter(|field| corrects.is_empty() || corrects.contains(&field.name));
        let mut kept: Map<String, Json> = old
            .filter_map(|field| Some((field.name.clone(), record.fields.get(&field.name)?.clone())))
            .collect();
        kept.extend(self.drafted());
        kept
    }

    /// The input that was drafted (起案) for the decision that this form is about.
    fn drafted(&self) -> Map<String, Json> {
        let route = self
            .record
            .as_ref()
            .and_then(|record| record.route.as_ref());
        let own = route.filter(|state| {
            let name = self.action.name.as_str();
            name == state.action || name.strip_suffix("_draft") == Some(&state.action)
        });
        own.map(|state| state.input.clone().into_iter().collect())
            .unwrap_or_default()
    }

    /// What the form would change: fields left as they were are not part of the act, so that it is stale only where
    /// it should be.
    fn changed(&self, input: &Map<String, Json>) -> Map<String, Json> {
        let kept = self.kept();
        let same = |name: &str, value: &Json| match kept.get(name) {
            Some(old) => old == value,
            None => show::blank(value) || *value == Json::Bool(false),
        };
        input
            .iter()
            .filter(|(name, value)| !same(name, value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Whether the form holds something else than the record.
    pub(super) fn changes(&self, input: &Map<String, Json>) -> bool {
        !self.changed(input).is_empty()
    }

    /// What the action would do with the record as it stands; leaves nothing.
    pub(super) async fn tried(&self, visitor: &Visitor) -> Result<Outcome, Failure> {
        let nothing = (&Map::new(), &Posted::default());
        self.perform(visitor, &self.action, nothing.0, nothing.1, true)
            .await
    }

    /// Performs an action of this target with what the form changed.
    pub(super) async fn perform(
        &self,
        visitor: &Visitor,
        action: &Action,
        input: &Map<String, Json>,
        posted: &Posted,
        dry_run: bool,
    ) -> Result<Outcome, Failure> {
        let input = self.changed(input);
        let version = posted
            .get("_version")
            .and_then(|text| text.parse().ok())
            .or(self.record.as_ref().map(|record| record.version));
        let once = posted.get("_once").unwrap_or_default();
        let body = serde_json::to_string(&input).unwrap_or_default();
        let request = crate::auth::digest(&[
            action.name.as_bytes(),
            visitor.path.as_bytes(),
            body.as_bytes(),
        ]);
        let key = crate::auth::digest(&[once.as_bytes(), request.as_bytes()]);
        let idempotency = (!once.is_empty() && !dry_run).then_some(IdempotencyKey { key, request });
        let asked = ActRequest {
            actor: self.actor(visitor)?,
            purpose: None,
            service: self.service.slug.clone(),
            record_type: self.rt.name.clone(),
            record: self.id(),
            action: action.name.clone(),
            input,
            version,
            dry_run,
            idempotency,
            run: None,
        };
        visitor.app.engine.perform(asked).await
    }

    /// Who acts: the visitor, or the visitor in the place of somebody at the counter.
    pub(super) fn actor(&self, visitor: &Visitor) -> Result<Actor, Failure> {
        let own = &visitor.signed.actor;
        match &self.counter {
            Some((kind, name)) => {
                let engine = &visitor.app.engine;
                engine.at_the_counter(own, &self.rt, kind, name)
            }
            None => Ok(own.clone()),
        }
    }

    /// What an address gives to begin with: `field=value`, and `rows.0.field=value` for a first row. Names that the
    /// form does not have are passed over; whatever is wrong with a value is said when the form is sent.
    pub(super) fn given(&self, pairs: &BTreeMap<String, String>) -> Map<String, Json> {
        let fields: Vec<(String, String)> = self
            .asked()
            .iter()
            .map(|field| ("_has".to_owned(), field.name.clone()))
            .collect();
        let rows = pairs.keys().filter_map(|path| {
            let (rows, rest) = path.split_once('.')?;
            let (at, _) = rest.split_once('.')?;
            Some((format!("{rows}._row"), at.to_owned()))
        });
        let rows: BTreeSet<(String, String)> = rows.collect();
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        let posted = Posted::of(fields.into_iter().chain(rows).chain(pairs).collect());
        self.read(&posted)
            .into_iter()
            .filter(|(_, value)| !show::blank(value) && *value != Json::Bool(false))
            .filter(|(name, _)| !self.is_individual(name))
            .collect()
    }

    /// Whether a field takes an individual number, which no address gives.
    pub(super) fn is_individual(&self, name: &str) -> bool {
        let field = self.rt.fields.get(name);
        field.is_some_and(|field| field.kind.individual_rule().is_some())
    }

    /// What the posted form holds.
    pub(super) fn read(&self, posted: &Posted) -> Map<String, Json> {
        read(&self.asked(), posted)
    }

    pub(super) async fn sketch(
        &self,
        visitor: &Visitor,
        input: &Map<String, Json>,
    ) -> Result<Sketch, PageError> {
        Ok(visitor
            .app
            .engine
            .sketch(
                &self.actor(visitor)?,
                &self.service.slug,
                &self.rt.name,
                self.id(),
                input,
            )
            .await?)
    }
}

pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Primary => "primary",
        Tone::Secondary => "",
        Tone::Danger => "danger",
    }
}

/// How a failed act is shown on its form; faults of the platform are not shown there.
pub(super) fn again(failure: Failure) -> Result<(StatusCode, Again), PageError> {
    let Failure::Refused(refusal) = failure else {
        return Err(failure.into());
    };
    let status = match refusal.kind {
        RefusalKind::Invalid | RefusalKind::Malformed => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Unassured => StatusCode::FORBIDDEN,
        RefusalKind::Stale | RefusalKind::WrongState | RefusalKind::VersionMissing => {
            StatusCode::CONFLICT
        }
        RefusalKind::NotFound | RefusalKind::Gone => return Err(Failure::Refused(refusal).into()),
        RefusalKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let faults = if refusal.kind == RefusalKind::Invalid {
        refusal.faults.clone()
    } else {
        Vec::new()
    };
    let refused = (refusal.kind != RefusalKind::Invalid).then_some(refusal);
    Ok((
        status,
        Again {
            faults,
            refused,
            ..Again::default()
        },
    ))
}

/// The next page after an act; where the act closed the record to whoever took it, the inbox, which says so.
pub(super) fn went(outcome: &Outcome, next: &str) -> Response {
    let closed = outcome.hidden && !outcome.opened;
    see(if closed { "/desk?closed=1" } else { next })
}
