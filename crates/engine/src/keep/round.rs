//! Proposing, deciding, giving back and withdrawing a round.

use super::list::{self, Listed};
use super::{MAX_ROUND, ROUND, SERVICE, deeds, holds, seats, told};
use crate::perform::{ActRequest, IdempotencyKey, in_the_name_of};
use crate::{Engine, Failure, RoundView};
use definition::model::{RecordType, Retention, Service};
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::keep::Deed;
use kernel::{Actor, Around, Fault, RecordId, Refusal, RefusalKind};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most years by which a record is kept longer at a time.
const MOST_YEARS: i16 = 30;

/// What somebody proposes.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// `dispose`, `extend`, `transfer`.
    pub deed: String,
    /// The records; all whose time is over, up to the most of a round, if there are none.
    pub records: Vec<RecordId>,
    /// Whether all whose time is over are meant.
    pub all: bool,
    /// Why.
    pub because: String,
    /// Until when they are kept, where they are kept longer.
    pub until: Option<Date>,
    /// To whom, where they are handed over.
    pub destination: String,
}

/// What is done to a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundDeed {
    /// 決定.
    Decide,
    /// 差戻し, with the reason.
    Decline(String),
    /// 引戻し, by whoever proposed it.
    Withdraw,
}

impl Engine {
    /// Proposes what becomes of records whose time is over (起案).
    ///
    /// # Errors
    /// 404 for whoever may not; a refusal that names every faulty field.
    pub async fn propose_round(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        proposal: &Proposal,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<RoundView, Failure> {
        let (service, rt) = self.kept_type(service, kind)?;
        let rule = rt.retention.as_ref().ok_or_else(Failure::not_found)?;
        let seat = seats(actor, &rule.by)
            .next()
            .ok_or_else(Failure::not_found)?;
        if let Some(answered) = self.answered(actor, idempotency.as_ref()).await? {
            return self.round(actor, answered.record).await;
        }
        let deed = Deed::read(&proposal.deed).filter(|deed| deeds(rule).contains(deed));
        let mut faults = self.faults(deed, proposal);
        let listed = self
            .chosen_for(actor, (&service, &rt, rule), proposal, &mut faults)
            .await?;
        if !faults.is_empty() {
            let title = "入力を確かめてください";
            return Err(Refusal::new(RefusalKind::Invalid, title, faults).into());
        }
        let deed = deed.ok_or_else(Failure::not_found)?;
        let name = format!("{}-{}-{}.csv", deed.title(), rt.title, self.today());
        let file = self.upload(actor, &name, list::write(&listed)?).await?;
        let extends = deed == Deed::Extend;
        let input = json!({
            "place": place(&service, &rt),
            "service_title": service.title, "type_title": rt.title,
            "deed": deed.name(), "count": listed.len(), "list": [file.id],
            "basis": told(rule),
            "because": Some(proposal.because.trim()).filter(|text| !text.is_empty())
                .unwrap_or("保存期間が満了したため"),
            "keep_until": proposal.until.filter(|_| extends),
            "destination": Some(proposal.destination.trim())
                .filter(|text| !text.is_empty() && deed == Deed::Transfer),
            "office_name": seat.office,
            "proposer": actor.account, "proposed_by": actor.name,
        });
        let order = in_the_name_of(actor, (SERVICE, ROUND), None, "propose", input);
        let done = self
            .perform(ActRequest {
                idempotency,
                ..order
            })
            .await?;
        self.round(actor, done.view.id).await
    }

    /// What does not depend on the records.
    fn faults(&self, deed: Option<Deed>, proposal: &Proposal) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |pointer: &str, code: &str, detail: &str| {
            faults.push(Fault::new(pointer, code, detail));
        };
        if deed.is_none() {
            wrong(
                "/deed",
                "option",
                "廃棄・移管・延長のうち、この記録にできるものを選んでください。",
            );
        }
        if deed == Some(Deed::Extend) {
            if proposal.because.trim().is_empty() {
                wrong("/because", "required", "延長する理由を書いてください。");
            }
            let most = self.today().saturating_add(MOST_YEARS.years());
            match proposal.until {
                None => wrong("/until", "required", "いつまで延長するかを書いてください。"),
                Some(until) if until <= self.today() => {
                    wrong("/until", "range", "今日より後の日を書いてください。");
                }
                Some(until) if until > most => {
                    wrong("/until", "range", "一度に延長できるのは30年までです。");
                }
                Some(_) => {}
            }
        }
        if deed == Some(Deed::Transfer) && proposal.destination.trim().is_empty() {
            wrong(
                "/destination",
                "required",
                "移管する先（公文書館など）を書いてください。",
            );
        }
        for (pointer, text) in [
            ("/because", &proposal.because),
            ("/destination", &proposal.destination),
        ] {
            if text.chars().count() > 1_000 {
                wrong(pointer, "too_long", "1000文字までで書いてください。");
            }
        }
        faults
    }

    /// The records that are meant, each looked at anew.
    async fn chosen_for(
        &self,
        actor: &Actor,
        (service, rt, rule): (&Arc<Service>, &Arc<RecordType>, &Retention),
        proposal: &Proposal,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Listed>, Failure> {
        let today = self.today();
        let waiting = self.waiting(service, rt).await?;
        let facts = self.empty_facts(Arc::clone(service));
        let snapshots = if proposal.all {
            let page = self.over(actor, service, rt, rule, today, None, MAX_ROUND);
            let mut found = page.await?.items;
            found.retain(|one| !waiting.contains_key(&one.id) && one.closed.is_none());
            found
        } else {
            if proposal.records.len() > MAX_ROUND {
                let detail = format!("1回に起案できるのは{MAX_ROUND}件までです。分けてください。");
                faults.push(Fault::new("/records", "range", detail));
                return Ok(Vec::new());
            }
            let once: BTreeSet<RecordId> = proposal.records.iter().copied().collect();
            self.store
                .snapshots(&once.into_iter().collect::<Vec<_>>())
                .await?
        };
        let mut listed = Vec::new();
        for snapshot in &snapshots {
            let governing = self.governing(snapshot).await?;
            let own = governing.types.get(&snapshot.record_type);
            let is_seen = snapshot.service == service.slug
                && snapshot.record_type == rt.name
                && own
                    .is_some_and(|own| kernel::may_see(&governing, own, actor, snapshot).is_some());
            let until = kernel::keep::until(rt, snapshot, Around::of(&facts));
            // A round is looked at by many: what is closed is opened before it is proposed.
            let is_over = until.is_some_and(|until| until < today) && snapshot.closed.is_none();
            match until.filter(|_| is_seen && is_over) {
                Some(until) if !waiting.contains_key(&snapshot.id) => listed.push(Listed {
                    title: rt.title.clone(),
                    number: snapshot.number.clone(),
                    ended_on: snapshot.state_since,
                    until,
                    record: snapshot.id,
                    version: snapshot.version,
                }),
                _ => {}
            }
        }
        if listed.len()
            < snapshots
                .len()
                .max(proposal.records.iter().collect::<BTreeSet<_>>().len())
        {
            let detail = "まだ保存期間の満了していない記録、ほかの起案に入っている記録、または見つからない記録があります。一覧を開き直して選んでください。";
            faults.push(Fault::new("/records", "not_over", detail));
        } else if listed.is_empty() {
            let detail = "記録を1件以上選んでください。";
            faults.push(Fault::new("/records", "required", detail));
        }
        Ok(listed)
    }

    /// Decides a round, gives it back, or withdraws it.
    ///
    /// # Errors
    /// 404 for whoever may not see it; 409 if it is not waiting, or whoever proposed it would decide it.
    pub async fn round_deed(
        &self,
        actor: &Actor,
        id: RecordId,
        deed: RoundDeed,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<RoundView, Failure> {
        let round = self.round(actor, id).await?;
        if self.answered(actor, idempotency.as_ref()).await?.is_some() {
            return Ok(round);
        }
        let refused = |title: &str| {
            let refusal = Refusal::new(RefusalKind::WrongState, title, Vec::new());
            Err(Failure::from(refusal))
        };
        if round.state != "proposed" {
            return refused("この起案は、もう決定されたか、取りやめられています。");
        }
        let may_decide = round.may_decide;
        let (action, input) = match &deed {
            RoundDeed::Withdraw if round.is_own => ("withdraw", json!({})),
            RoundDeed::Withdraw => return refused("引き戻せるのは、起案した人だけです。"),
            _ if round.is_own => {
                return refused("起案した本人は決定できません。ほかの方の決定を待ってください。");
            }
            _ if !may_decide => return Err(Failure::not_found()),
            RoundDeed::Decide => {
                let input = json!({"decider": actor.account, "decided_by": actor.name});
                ("decide", input)
            }
            RoundDeed::Decline(because) => {
                let because = Some(because.trim()).filter(|text| !text.is_empty());
                let Some(because) = because else {
                    let detail = "差し戻す理由を書いてください。";
                    return Err(Failure::invalid("/because", "required", detail));
                };
                let input = json!({"decider": actor.account, "decided_by": actor.name, "declined_because": because});
                ("decline", input)
            }
        };
        let order = in_the_name_of(actor, (SERVICE, ROUND), Some(id), action, input);
        let order = ActRequest {
            version: Some(round.version),
            idempotency,
            ..order
        };
        self.perform(order).await?;
        self.wake.notify_one();
        self.round(actor, id).await
    }

    /// Whether the actor may decide what concerns an office, under a rule.
    pub(crate) fn may_decide(actor: &Actor, rule: &Retention, office: Option<&str>) -> bool {
        seats(actor, &rule.decide).any(|seat| reaches(seat, office))
    }

    /// Whether the actor answers for what concerns an office, under a rule.
    pub(crate) fn answers(actor: &Actor, rule: &Retention, office: Option<&str>) -> bool {
        let roles: Vec<String> = rule.by.iter().chain(&rule.decide).cloned().collect();
        holds(actor, &roles) && seats(actor, &roles).any(|seat| reaches(seat, office))
    }
}

/// A seat without an office is for all; a round without one is of somebody who sees all.
fn reaches(seat: &kernel::Seat, office: Option<&str>) -> bool {
    match (seat.office.as_deref(), office) {
        (None, _) | (_, None) => true,
        (Some(own), Some(office)) => own == office,
    }
}

/// What the rounds of a type are found by.
pub(super) fn place(service: &Service, rt: &RecordType) -> String {
    format!("{}/{}", service.slug, rt.name)
}
