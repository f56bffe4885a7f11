//! Rounds as people see them.

use super::list::{self, Listed};
use super::round::place;
use super::{ROUND, SERVICE};
use crate::registry::record_type;
use crate::{Engine, Failure};
use definition::model::{RecordType, Service};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::keep::Deed;
use kernel::{AccountId, Actor, AttachmentId, RecordId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rounds of a type that are shown.
const SHOWN: usize = 50;
/// Rounds of all types that wait or are carried out at a time.
const OPEN: usize = 200;

/// A round, for those who answer for its type.
#[derive(Clone, Debug)]
pub struct RoundView {
    /// The record.
    pub id: RecordId,
    /// Its version.
    pub version: u64,
    /// `proposed`, `decided`, `declined`, `withdrawn`, `done`.
    pub state: String,
    /// Title of the state.
    pub state_title: String,
    /// Slug of the service whose records it is about.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// Title of the service.
    pub service_title: String,
    /// Title of the type.
    pub type_title: String,
    /// What is proposed.
    pub deed: Deed,
    /// How many records.
    pub count: u64,
    /// How many of them have been seen to so far.
    pub done: u64,
    /// How many could not be, since they had changed.
    pub skipped: u64,
    /// Why.
    pub because: String,
    /// The rule.
    pub basis: String,
    /// Until when they are kept.
    pub until: Option<Date>,
    /// To whom they are handed over.
    pub destination: Option<String>,
    /// The office.
    pub office: Option<String>,
    /// Who proposed it, on which day.
    pub proposed: (String, Option<Date>),
    /// Who decided it or gave it back, on which day.
    pub decided: Option<(String, Option<Date>)>,
    /// Why it was given back.
    pub declined_because: Option<String>,
    /// Whether the reader proposed it.
    pub is_own: bool,
    /// Whether the reader may decide it.
    pub may_decide: bool,
}

impl Engine {
    /// A round.
    ///
    /// # Errors
    /// 404 for whoever does not answer for its type and office.
    pub async fn round(&self, actor: &Actor, id: RecordId) -> Result<RoundView, Failure> {
        let (_, rt, snapshot) = self.find(SERVICE, ROUND, id).await?;
        self.round_view(actor, &rt, &snapshot)
            .await?
            .ok_or_else(Failure::not_found)
    }

    /// The list of a round: what was proposed.
    ///
    /// # Errors
    /// As for [`Engine::round`].
    pub async fn round_list(&self, actor: &Actor, id: RecordId) -> Result<Vec<Listed>, Failure> {
        self.round(actor, id).await?;
        let (_, rt, snapshot) = self.find(SERVICE, ROUND, id).await?;
        self.list_of_round(&rt, &snapshot).await
    }

    /// The list of a round as a file (廃棄簿): CSV, the same bytes for ever.
    ///
    /// # Errors
    /// As for [`Engine::round`].
    pub async fn round_file(&self, actor: &Actor, id: RecordId) -> Result<Vec<u8>, Failure> {
        list::write(&self.round_list(actor, id).await?)
    }

    /// Rounds that wait for the actor's decision, over all types.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn rounds_to_decide(&self, actor: &Actor) -> Result<Vec<RoundView>, Failure> {
        let mut waiting = Vec::new();
        for one in self.rounds_in("proposed").await? {
            let rt = self.round_type()?.1;
            let view = self.round_view(actor, &rt, &one).await?;
            waiting.extend(view.filter(|view| view.may_decide && !view.is_own));
        }
        Ok(waiting)
    }

    /// The newest rounds of a type that the actor may see.
    pub(super) async fn rounds_of(
        &self,
        actor: &Actor,
        service: &Service,
        of: &RecordType,
    ) -> Result<Vec<RoundView>, Failure> {
        let Ok((register, rt)) = self.round_type() else {
            return Ok(Vec::new());
        };
        let wanted = equals("place", &place(service, of));
        let mut found = self.platform_page(&register, &rt, wanted, SHOWN).await?;
        found.sort_by_key(|one| std::cmp::Reverse(one.created_at));
        let mut views = Vec::new();
        for one in &found {
            views.extend(self.round_view(actor, &rt, one).await?);
        }
        Ok(views)
    }

    /// Rounds of all types in a state.
    pub(super) async fn rounds_in(&self, state: &str) -> Result<Vec<Snapshot>, Failure> {
        let Ok((register, rt)) = self.round_type() else {
            return Ok(Vec::new());
        };
        self.platform_page(&register, &rt, equals("state", state), OPEN)
            .await
    }

    /// Records of a type that wait in a round, and in which.
    pub(super) async fn waiting(
        &self,
        service: &Service,
        of: &RecordType,
    ) -> Result<BTreeMap<RecordId, RecordId>, Failure> {
        let mut waiting = BTreeMap::new();
        for state in ["proposed", "decided"] {
            for round in self.rounds_in(state).await? {
                let rt = self.round_type()?.1;
                if text(&rt, &round, "place").as_deref() != Some(&place(service, of)) {
                    continue;
                }
                let listed = self.list_of_round(&rt, &round).await?;
                waiting.extend(listed.into_iter().map(|one| (one.record, round.id)));
            }
        }
        Ok(waiting)
    }

    pub(super) fn round_type(&self) -> Result<(Arc<Service>, Arc<RecordType>), Failure> {
        let service = self.service(SERVICE)?;
        let rt = record_type(&service, ROUND)?;
        Ok((service, rt))
    }

    /// The records of a round, as they were proposed.
    pub(super) async fn list_of_round(
        &self,
        rt: &RecordType,
        round: &Snapshot,
    ) -> Result<Vec<Listed>, Failure> {
        let damaged =
            || Failure::Internal(format!("the list of round {} cannot be read", round.id));
        let file = rt.fields.get("list").and_then(|field| {
            let files = round.fields.get(&field.id)?;
            files.get(0)?.as_str()?.parse().ok().map(AttachmentId)
        });
        let content = self
            .store
            .attachment_content(file.ok_or_else(damaged)?)
            .await?;
        list::read(&content.ok_or_else(damaged)?).ok_or_else(damaged)
    }

    /// A round as the actor may see it; none if they do not answer for it.
    async fn round_view(
        &self,
        actor: &Actor,
        rt: &RecordType,
        round: &Snapshot,
    ) -> Result<Option<RoundView>, Failure> {
        let said = |name: &str| text(rt, round, name);
        let place = said("place").unwrap_or_default();
        let (service, kind) = place.split_once('/').unwrap_or_default();
        let Ok((_, of)) = self.kept_type(service, kind) else {
            return Ok(None);
        };
        let Some(rule) = of.retention.as_ref() else {
            return Ok(None);
        };
        let office = said("office_name");
        if !Self::answers(actor, rule, office.as_deref()) {
            return Ok(None);
        }
        let deed = said("deed").and_then(|deed| Deed::read(&deed));
        let Some(deed) = deed else { return Ok(None) };
        let proposer = said("proposer").and_then(|id| id.parse().ok().map(AccountId));
        let is_own = proposer.is_some() && proposer == actor.account;
        let (count, skipped) = (number(rt, round, "count"), number(rt, round, "skipped"));
        let done = match (round.state.as_str(), deed) {
            ("done", _) => number(rt, round, "carried"),
            (_, Deed::Extend) => 0,
            _ => self.store.keeper().disposed_by(round.id).await?,
        };
        let day = |name: &str| said(name).and_then(|day| day.parse().ok());
        Ok(Some(RoundView {
            id: round.id,
            version: round.version,
            state_title: rt
                .states
                .get(&round.state)
                .map_or_else(|| round.state.clone(), |state| state.title.clone()),
            state: round.state.clone(),
            service: service.to_owned(),
            record_type: kind.to_owned(),
            service_title: said("service_title").unwrap_or_default(),
            type_title: said("type_title").unwrap_or_default(),
            deed,
            count,
            done,
            skipped,
            because: said("because").unwrap_or_default(),
            basis: said("basis").unwrap_or_default(),
            until: day("keep_until"),
            destination: said("destination"),
            proposed: (said("proposed_by").unwrap_or_default(), day("proposed_on")),
            decided: said("decided_by").map(|name| (name, day("decided_on"))),
            declined_because: said("declined_because"),
            is_own,
            may_decide: round.state == "proposed"
                && !is_own
                && Self::may_decide(actor, rule, office.as_deref()),
            office,
        }))
    }

    /// Which of some records are still there.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn still_there(&self, records: &[RecordId]) -> Result<BTreeSet<RecordId>, Failure> {
        let found = self.store.snapshots(records).await?;
        Ok(found.into_iter().map(|one| one.id).collect())
    }
}

pub(super) fn equals(field: &str, value: &str) -> Predicate {
    Predicate::compare(field, Op::Eq, Value::text(value))
}

/// A field of a round as text.
pub(super) fn text(rt: &RecordType, round: &Snapshot, name: &str) -> Option<String> {
    round.text(rt, name).map(str::to_owned)
}

fn number(rt: &RecordType, round: &Snapshot, name: &str) -> u64 {
    let field = rt.fields.get(name).map(|field| &field.id);
    let value = field.and_then(|id| round.fields.get(id));
    value
        .and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()))
        .unwrap_or(0)
}
