//! What a payer sees before going to the gateway and after coming back.

use super::port::Reference;
use crate::looking::Read;
use crate::view::RecordView;
use crate::{Engine, Failure};
use definition::model::{GATEWAY_URL, RecordType};
use jiff::civil::Date;
use kernel::looks::Way;
use kernel::{Actor, EffectOrder, RecordId, Snapshot};

/// A payment as its payer sees it.
pub struct PayPage {
    /// The record.
    pub view: RecordView,
    /// The gateway's page; none when there is nothing to pay there now.
    pub url: Option<String>,
    /// How much, in yen; none if the record charges nothing.
    pub amount_yen: Option<u64>,
    /// What for.
    pub title: Option<String>,
    /// The last day.
    pub until: Option<Date>,
    /// What is said before paying.
    pub terms: Option<String>,
}

impl Engine {
    /// The payment that a record asks of its owner.
    ///
    /// # Errors
    /// 404 if there is no such record for this actor, or it takes no electronic payment.
    pub async fn pay_page(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        id: RecordId,
    ) -> Result<PayPage, Failure> {
        let (definition, rt, snapshot) = self.find(service, record_type, id).await?;
        let gateway = rt.gateway.clone().ok_or_else(Failure::not_found)?;
        kernel::may_see(&definition, &rt, actor, &snapshot).ok_or_else(Failure::not_found)?;
        let read = Read::one(&rt, actor, &snapshot);
        self.noted(actor, Way::Record, None, read).await?;
        let url = pay_url(&rt, &snapshot, actor).map(str::to_owned);
        let facts = self.facts(definition, &rt, snapshot).await?;
        let (amount_yen, title, until) = match kernel::charged(&facts) {
            Some(EffectOrder::Charge {
                amount_yen,
                title,
                until,
                ..
            }) => (Some(amount_yen), Some(title), Some(until)),
            _ => (None, None, None),
        };
        Ok(PayPage {
            view: self.view(&facts, actor)?,
            url,
            amount_yen,
            title,
            until,
            terms: gateway.terms,
        })
    }

    /// Asks the gateway what has become of a record's session, and takes it in: the payer may be back before the news.
    /// A gateway that does not answer is no fault of the payer's; the news will come.
    ///
    /// # Errors
    /// 404 as [`Engine::pay_page`]; a fault of the store.
    pub async fn ask_after(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        id: RecordId,
    ) -> Result<PayPage, Failure> {
        let (definition, rt, snapshot) = self.find(service, record_type, id).await?;
        kernel::may_see(&definition, &rt, actor, &snapshot).ok_or_else(Failure::not_found)?;
        let session = snapshot.text(&rt, "gateway_session");
        if let (Some(gateway), Some(session)) = (self.gateway(), session) {
            match gateway.query(session).await {
                Ok(news) => {
                    for one in &news {
                        self.take_news(gateway.name(), one).await?;
                    }
                }
                Err(fault) => tracing::warn!(%fault, "gateway does not answer"),
            }
        }
        self.pay_page(actor, service, record_type, id).await
    }
}

/// The gateway's page, if the actor is the owner of a record that can be paid now.
fn pay_url<'s>(rt: &RecordType, snapshot: &'s Snapshot, actor: &Actor) -> Option<&'s str> {
    let gateway = rt.gateway.as_ref()?;
    let url = snapshot.text(rt, GATEWAY_URL)?;
    let acting = actor.party_in(rt)?;
    let owner = snapshot.parties.iter().any(|party| {
        party.id == acting && rt.parties.get(&party.role).is_some_and(|rule| rule.owner)
    });
    (owner && gateway.pay_in.contains(&snapshot.state)).then_some(url)
}

/// Path of the page on which the actor can pay, if they can now.
pub(crate) fn pay_path(rt: &RecordType, snapshot: &Snapshot, actor: &Actor) -> Option<String> {
    pay_url(rt, snapshot, actor)?;
    let reference = Reference {
        service: snapshot.service.clone(),
        record_type: snapshot.record_type.clone(),
        record: snapshot.id,
    };
    Some(format!("/pay/{reference}"))
}
