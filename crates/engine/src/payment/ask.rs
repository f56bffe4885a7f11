//! Delivers what an act asked of the gateway. A fault leaves the effect in the outbox, to be tried again.

use super::port::{Charge, Gateway, GatewayError, GiveBack, News, NewsKind, Reference};
use crate::{Engine, Failure, day_begins};
use jiff::ToSpan;
use kernel::{EffectOrder, OutboxEntry, RefusalKind};
use serde_json::{Map, json};

/// Why an effect was not delivered, as the operator's page tells it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDelivered {
    #[error(transparent)]
    Engine(#[from] Failure),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

impl Engine {
    /// Asks the gateway. Without one there is nothing to ask: the record stays payable at the counter.
    pub(crate) async fn ask_gateway(&self, entry: &OutboxEntry) -> Result<(), NotDelivered> {
        let Some(gateway) = self.gateway() else {
            return Ok(());
        };
        let gateway = gateway.as_ref();
        let (service, record_type, record) = entry.order.about();
        let reference = Reference {
            service: service.to_owned(),
            record_type: record_type.to_owned(),
            record,
        };
        match &entry.order {
            EffectOrder::Charge {
                amount_yen,
                title,
                until,
                ..
            } => {
                let ends = until.checked_add(1.day()).unwrap_or(*until);
                let charge = Charge {
                    key: entry.id,
                    return_path: format!("/pay/{reference}/return"),
                    reference,
                    amount_yen: *amount_yen,
                    title: title.clone(),
                    until: day_begins(ends),
                };
                self.charge(gateway, &charge).await
            }
            EffectOrder::Refund {
                amount_yen,
                payment,
                reason,
                ..
            } => {
                let refund = GiveBack {
                    key: entry.id,
                    reference,
                    payment: payment.clone(),
                    amount_yen: *amount_yen,
                    reason: reason.clone(),
                };
                self.give_back(gateway, &refund).await
            }
            EffectOrder::Recall { .. } => Ok(gateway.recall(&reference).await?),
            EffectOrder::Notify { .. }
            | EffectOrder::Issue { .. }
            | EffectOrder::Consent { .. } => Ok(()),
        }
    }

    /// Opens a session and tells the record. A record that has moved on meanwhile wants no session any more.
    async fn charge(&self, gateway: &dyn Gateway, charge: &Charge) -> Result<(), NotDelivered> {
        let reference = &charge.reference;
        let (_, rt, _) = self
            .find(&reference.service, &reference.record_type, reference.record)
            .await?;
        let Some(action) = rt.gateway.as_ref().and_then(|g| g.ready.as_ref()) else {
            return Ok(());
        };
        let session = gateway.open(charge).await?;
        let mut brought = Map::new();
        brought.insert("gateway_session".into(), json!(session.id));
        brought.insert("gateway_url".into(), json!(session.url));
        let mut request = self.by_gateway(
            &reference.service,
            &rt,
            action,
            &brought,
            &format!("gateway/{}/ready/{}", gateway.name(), charge.key),
        );
        request.record = Some(reference.record);
        match self.perform(request).await {
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::WrongState => {
                Ok(gateway.recall(reference).await?)
            }
            other => Ok(other.map(drop)?),
        }
    }

    async fn give_back(
        &self,
        gateway: &dyn Gateway,
        refund: &GiveBack,
    ) -> Result<(), NotDelivered> {
        match gateway.refund(refund).await {
            Err(GatewayError::Refused(reason)) => {
                let news = News {
                    kind: NewsKind::RefundRefused {
                        refund: refund.key.to_string(),
                        reason,
                    },
                    reference: refund.reference.to_string(),
                    session: None,
                    amount_yen: refund.amount_yen,
                    at: self.now(),
                };
                self.take_news(gateway.name(), &news).await?;
                Ok(())
            }
            other => Ok(other?),
        }
    }
}
