//! What officials read of other services about the people of a record, under a law or a consent (利用及び提供の制限), and
//! the consents that people give when they apply. Whether it may be read is asked anew each time, and each reading is
//! noted with its ground before anything of it is answered.

use crate::looking::Read;
use crate::perform::ActRequest;
use crate::read::Opened;
use crate::registry::record_type;
use crate::{Engine, Failure, IdempotencyKey};
use definition::model::{FieldSet, RecordType, ScopeKind, Service, Use, Who};
use feel::{Op, Predicate, Value};
use jiff::ToSpan as _;
use kernel::looks::Way;
use kernel::sharing::{Consent, GIVEN, Terms};
use kernel::{ActId, Actor, Around, EffectOrder, Facts, PartyId, RecordId, Sight, Snapshot};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The package whose records consents are.
pub const CONSENTS: &str = "consents";
/// Its record type.
pub const CONSENT: &str = "consent";
/// The action by which one is given.
const GIVE: &str = "give";

/// The most records of another service that are shown: the newest.
const MOST: usize = 50;

/// What a record's page offers to read of another service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseOffer {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// What for, and what allows it.
    pub ground: String,
}

/// What was read of another service. `Debug` is left out: it holds personal data.
pub struct UseView {
    /// Title of the use.
    pub title: String,
    /// What for, and what allows it.
    pub ground: String,
    /// Whose service it is, with its record type.
    pub holder: Arc<Service>,
    /// The record type read.
    pub record_type: Arc<RecordType>,
    /// Whether it needs a consent that is not there; then nothing was read.
    pub unconsented: bool,
    /// What was read, newest first, by field.
    pub items: Vec<BTreeMap<String, Json>>,
}

/// What a use leads to, by the definitions of today.
struct Reached {
    holder: Arc<Service>,
    kind: Arc<RecordType>,
    terms: Option<Terms>,
}

impl Engine {
    /// What the actor may read of other services beside a record that they see: nothing is read by asking.
    ///
    /// # Errors
    /// 404 for whoever does not see the record.
    pub async fn use_offers(
        &self,
        actor: &Actor,
        place: (&str, &str, RecordId),
    ) -> Result<Vec<UseOffer>, Failure> {
        let (service, rt, record) = self.find(place.0, place.1, place.2).await?;
        kernel::may_see(&service, &rt, actor, &record).ok_or_else(Failure::not_found)?;
        let reads = |wanted: &&Use| kernel::sharing::reader(&rt, wanted, actor, &record).is_some();
        let offered = rt.uses.values().filter(reads).map(|wanted| UseOffer {
            name: wanted.name.clone(),
            title: wanted.title.clone(),
            ground: wanted.ground.words(),
        });
        Ok(offered.collect())
    }

    /// Reads records of another service about the people of a record, as far as law or their consent allows it now.
    ///
    /// # Errors
    /// 404 for whoever does not see the record, is no reader of the use, or where its holder does not give it.
    pub async fn used(
        &self,
        actor: &Actor,
        place: (&str, &str, RecordId),
        name: &str,
    ) -> Result<UseView, Failure> {
        let (service, rt, record) = self.find(place.0, place.1, place.2).await?;
        let wanted = rt.uses.get(name).ok_or_else(Failure::not_found)?;
        kernel::sharing::reader(&rt, wanted, actor, &record).ok_or_else(Failure::not_found)?;
        let way = self.way(&service, &rt, wanted)?;
        let ground = wanted.ground.words();
        // That there is nothing to read is told too: so the note stands on this record in any case.
        let opened = self.open_record(actor, Some(&ground), place.0, place.1, place.2);
        let Opened { record, .. } = opened.await?;
        let mut view = UseView {
            title: wanted.title.clone(),
            ground,
            holder: Arc::clone(&way.holder),
            record_type: Arc::clone(&way.kind),
            unconsented: false,
            items: Vec::new(),
        };
        let mut found = Vec::new();
        let parties = record
            .parties
            .iter()
            .filter(|party| party.role == wanted.of);
        for party in parties {
            match self.may_use(&way, party.id, record.id).await? {
                true => found.extend(self.of_party(&way, wanted, party.id).await?),
                false => view.unconsented = true,
            }
        }
        let read = Read {
            service: &way.holder.slug,
            rt: &way.kind,
            seat: kernel::sharing::reader(&rt, wanted, actor, &record),
            records: found.iter().map(|one| one.id).collect(),
            // What crosses is answered only once its note is kept.
            closed: true,
            glass: None,
        };
        self.noted(actor, Way::Record, Some(&view.ground), read)
            .await?;
        let sight = Sight {
            fields: FieldSet::Only(wanted.fields.clone()),
            names: false,
        };
        let facts = self.empty_facts(Arc::clone(&way.holder));
        let fields =
            |one: &Snapshot| kernel::visible_fields(&way.kind, one, &sight, Around::of(&facts));
        view.items = found.iter().map(fields).collect();
        Ok(view)
    }

    fn way(&self, service: &Service, rt: &RecordType, wanted: &Use) -> Result<Reached, Failure> {
        let holder = self.service(&wanted.service)?;
        let kind = record_type(&holder, &wanted.record_type)?;
        if !kernel::sharing::is_given(wanted, &service.slug, &kind) {
            return Err(Failure::not_found());
        }
        let terms = Terms::of((service, rt), wanted, (&holder, &kind));
        // A consent that nobody could have given allows nothing.
        if wanted.ground.consent().is_some() && terms.is_none() {
            return Err(Failure::not_found());
        }
        Ok(Reached {
            holder,
            kind,
            terms,
        })
    }

    /// Whether law or a consent that is in force now allows a reading about a party.
    async fn may_use(
        &self,
        way: &Reached,
        party: PartyId,
        record: RecordId,
    ) -> Result<bool, Failure> {
        let Some(terms) = &way.terms else {
            return Ok(true);
        };
        let consents = self.service(CONSENTS)?;
        let rt = record_type(&consents, CONSENT)?;
        let wanted = Predicate::And(vec![
            Predicate::compare("state", Op::Eq, Value::text(GIVEN)),
            Predicate::compare("for_record", Op::Eq, Value::text(&record.to_string())),
        ]);
        let keys = own_keys(&consents, &rt, party);
        let found = self.keyed_page(&consents, &rt, keys, wanted, MOST).await?;
        let today = self.today();
        let mut found = found.iter().filter_map(|one| Consent::read(&rt, one));
        Ok(found.any(|one| one.allows(terms, party, record, today)))
    }

    /// The newest records that a party sees as its own, without what is closed beyond role.
    async fn of_party(
        &self,
        way: &Reached,
        wanted: &Use,
        party: PartyId,
    ) -> Result<Vec<Snapshot>, Failure> {
        let keys = own_keys(&way.holder, &way.kind, party);
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let all = self.keyed_page(&way.holder, &way.kind, keys, Predicate::True, MOST);
        let mut found = all.await?;
        let in_state = |one: &Snapshot| {
            let states = wanted.states.as_ref();
            states.is_none_or(|states| states.contains(&one.state))
        };
        found.retain(|one| one.closed.is_none() && in_state(one));
        Ok(found)
    }

    /// The consents that a person gives with an act upon their record: from its arrival on, one for each use. They are effects
    /// of its own commit, so that none is lost.
    pub(crate) fn consents_given(
        &self,
        request: &ActRequest,
        before: &Facts,
        after: &[Snapshot],
        (act, id): (ActId, RecordId),
    ) -> Vec<EffectOrder> {
        let actor = &request.actor;
        let record = after.iter().find(|one| one.id == id);
        let rt = before.service.types.get(&request.record_type);
        let (Some(record), Some(rt), Some(account)) = (record, rt, actor.account) else {
            return Vec::new();
        };
        if actor.system || actor.counter {
            return Vec::new();
        }
        let said = |wanted: &&Use| newly_said(rt, wanted, before.record.as_ref(), record);
        let given = rt.uses.values().filter(said).filter_map(|wanted| {
            let input = self.consented(actor, (&before.service, rt), wanted, record);
            Some(EffectOrder::Consent {
                record: id,
                service: before.service.slug.clone(),
                record_type: rt.name.clone(),
                using: wanted.name.clone(),
                act,
                account,
                on_behalf_of: actor.on_behalf_of,
                input: input?,
            })
        });
        given.collect()
    }

    /// What the register of consents is told of a use: the words that were shown, and until when. None where the actor is
    /// not the one who consents.
    fn consented(
        &self,
        actor: &Actor,
        (service, rt): (&Service, &RecordType),
        wanted: &Use,
        record: &Snapshot,
    ) -> Option<Map<String, Json>> {
        let register = self.service(CONSENTS).ok()?;
        let consent = record_type(&register, CONSENT).ok()?;
        let party = actor.party_in(&consent);
        let own = |one: &kernel::PartyRef| one.role == wanted.of && Some(one.id) == party;
        let way = self.way(service, rt, wanted).ok()?;
        let (terms, rule) = (way.terms.as_ref()?, wanted.ground.consent()?);
        if !record.parties.iter().any(own) {
            return None;
        }
        let days = i64::from(rule.days.max(1)) - 1;
        let last = self.today().saturating_add(days.days());
        let mut input: Map<String, Json> = terms
            .values()
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect();
        input.insert("for_record".into(), record.id.to_string().into());
        input.insert("last_day".into(), last.to_string().into());
        Some(input)
    }

    /// Keeps consents at once, so that they hold for the next reading; what fails is tried again as the effect that it is.
    pub(crate) async fn keep_consents(&self, given: &[EffectOrder]) {
        for order in given {
            if let Err(fault) = self.keep_consent(order).await {
                tracing::warn!(%fault, "a consent is kept later");
            }
        }
    }

    /// Gives a consent by the act of its giver, once. In a box, since it is an act that an act brings along.
    pub(crate) fn keep_consent<'a>(
        &'a self,
        order: &'a EffectOrder,
    ) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>> {
        Box::pin(async move {
            let EffectOrder::Consent {
                record,
                using,
                act,
                account,
                on_behalf_of,
                input,
                ..
            } = order
            else {
                return Ok(());
            };
            // Whoever is no longer there consents to nothing.
            let Some(account) = self.acting_account(*account).await? else {
                return Ok(());
            };
            let actor = Actor {
                // Asked when the act was taken with which it was given.
                assurance: kernel::Assurance::HIGHEST,
                ..self.actor(&account, *on_behalf_of)?
            };
            self.perform(ActRequest {
                actor,
                purpose: None,
                service: CONSENTS.to_owned(),
                record_type: CONSENT.to_owned(),
                record: None,
                action: GIVE.to_owned(),
                input: input.clone(),
                version: None,
                dry_run: false,
                idempotency: Some(IdempotencyKey {
                    key: format!("consent:{record}:{using}:{act}"),
                    request: act.to_string(),
                }),
                run: None,
            })
            .await
            .map(drop)
        })
    }
}

/// Whether the declaration of a use was ticked, or arrived ticked, by what turned one record into the other.
fn newly_said(rt: &RecordType, wanted: &Use, before: Option<&Snapshot>, after: &Snapshot) -> bool {
    let Some(field) = wanted
        .ground
        .consent()
        .and_then(|rule| rt.fields.get(&rule.field))
    else {
        return false;
    };
    let arrived = |one: &Snapshot| rt.arrives_at.is_none() || one.arrived_on.is_some();
    let said = |one: &Snapshot| {
        arrived(one)
            && one
                .fields
                .get(&field.id)
                .is_some_and(|value| *value == Json::Bool(true))
    };
    said(after) && !before.is_some_and(said)
}

/// The keys under which what a party sees as its own stands.
pub(crate) fn own_keys(service: &Service, rt: &RecordType, party: PartyId) -> Vec<String> {
    let own = Actor {
        party: Some(party),
        ..Actor::public()
    };
    kernel::scope_keys_where(service, rt, &own, |rule| {
        rule.scope == ScopeKind::Own && matches!(rule.who, Who::Party(_))
    })
}
