//! Takes news of a gateway into the records. Money is never refused: what fits no record, or what the record's own
//! action will not take, is kept as a record of its own.

use super::port::{News, NewsKind, Reference};
use crate::perform::ActRequest;
use crate::{Engine, Failure, IdempotencyKey};
use definition::model::{Form, Gateway, RecordType, Status};
use kernel::{Actor, RecordId, RefusalKind};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Whose idempotency keys the platform's own acts have.
pub(super) const SYSTEM: &str = "system";

/// What became of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The record has taken it, now or when it was first told.
    Done(RecordId),
    /// Money that belongs to no record, kept as one of its own.
    Stray(RecordId),
    /// It no longer matters: the record has moved on.
    Late,
}

/// A type with a `gateway` whose action is meant.
pub(crate) struct Keeper {
    pub(crate) service: String,
    pub(crate) rt: Arc<RecordType>,
    pub(super) action: String,
}

impl Engine {
    /// Takes news in. When it answers, what was told is durable; told again, nothing changes.
    ///
    /// # Errors
    /// If it could not be made durable now: the gateway must tell it again.
    pub async fn take_news(&self, gateway: &str, news: &News) -> Result<Taken, Failure> {
        // Most of what comes twice ends here, without reading the record.
        if let Some(known) = self.store.idempotency(SYSTEM, &key(gateway, news)).await? {
            let reference = news.reference.parse::<Reference>();
            return Ok(match reference {
                Ok(reference) if reference.record == known.record => Taken::Done(known.record),
                _ => Taken::Stray(known.record),
            });
        }
        match self.for_record(gateway, news).await {
            Ok(Some(taken)) => Ok(taken),
            Ok(None) => {
                self.keep(gateway, news, "申請や納付の記録が見つかりません。")
                    .await
            }
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::Busy => {
                Err(refusal.into())
            }
            Err(Failure::Refused(refusal)) if brings_money(news) => {
                let faults = refusal.faults.iter().map(|fault| fault.detail.as_str());
                let told: Vec<&str> = std::iter::once(refusal.title.as_str())
                    .chain(faults)
                    .collect();
                tracing::error!(reference = %news.reference, "money that its record did not take is kept as stray");
                self.keep(gateway, news, &told.join(" ")).await
            }
            Err(Failure::Refused(refusal)) => {
                tracing::info!(reference = %news.reference, kind = ?refusal.kind, "news of a gateway that no longer matter");
                Ok(Taken::Late)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn for_record(&self, gateway: &str, news: &News) -> Result<Option<Taken>, Failure> {
        let Ok(reference) = news.reference.parse::<Reference>() else {
            return Ok(None);
        };
        let found = self
            .find(&reference.service, &reference.record_type, reference.record)
            .await;
        let rt = match found {
            Ok((_, rt, _)) => rt,
            Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => {
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let Some(action) = rt.gateway.as_ref().and_then(|g| action_for(g, &news.kind)) else {
            return Ok(None);
        };
        let request = self.told(gateway, news, &reference, &rt, action);
        self.perform(request).await?;
        Ok(Some(Taken::Done(reference.record)))
    }

    fn told(
        &self,
        gateway: &str,
        news: &News,
        reference: &Reference,
        rt: &RecordType,
        action: &str,
    ) -> ActRequest {
        ActRequest {
            record: Some(reference.record),
            ..self.by_gateway(
                &reference.service,
                rt,
                action,
                &brought(news),
                &key(gateway, news),
            )
        }
    }

    /// Keeps money that belongs to no record. News without money need no keeping.
    async fn keep(&self, gateway: &str, news: &News, why: &str) -> Result<Taken, Failure> {
        if !brings_money(news) {
            tracing::warn!(reference = %news.reference, "news of a gateway about no record of ours");
            return Ok(Taken::Late);
        }
        let Some(keeper) = self.keeper(|g| g.stray.as_ref()) else {
            return Err(Failure::Internal(
                "no record type keeps stray money (gateway: stray)".into(),
            ));
        };
        let mut brought = brought(news);
        brought.insert(
            "gateway_note".into(),
            json!(format!("{why}（{}）", news.reference)),
        );
        let request = self.by_gateway(
            &keeper.service,
            &keeper.rt,
            &keeper.action,
            &brought,
            &key(gateway, news),
        );
        let outcome = self.perform(request).await?;
        Ok(Taken::Stray(outcome.view.id))
    }

    /// The first running type whose gateway has an action of a kind.
    pub(crate) fn keeper(&self, action: impl Fn(&Gateway) -> Option<&String>) -> Option<Keeper> {
        let catalogue = self.catalogue();
        let running = catalogue
            .services
            .iter()
            .filter(|(_, service)| service.status == Status::Running);
        for (slug, service) in running {
            for rt in service.types.values() {
                if let Some(action) = rt.gateway.as_ref().and_then(&action) {
                    return Some(Keeper {
                        service: slug.clone(),
                        rt: Arc::clone(rt),
                        action: action.clone(),
                    });
                }
            }
        }
        None
    }

    /// A request of the platform itself: of what was brought, it enters what the action's form takes.
    pub(super) fn by_gateway(
        &self,
        service: &str,
        rt: &RecordType,
        action: &str,
        brought: &Map<String, Json>,
        key: &str,
    ) -> ActRequest {
        let form = match rt.actions.get(action).map(|action| &action.form) {
            Some(Form::Fields(fields)) => fields.as_slice(),
            _ => &[],
        };
        let wanted = |(name, _): &(&String, &Json)| form.contains(name);
        ActRequest {
            actor: Actor::system(),
            purpose: None,
            service: service.to_owned(),
            record_type: rt.name.clone(),
            record: None,
            action: action.to_owned(),
            input: brought
                .iter()
                .filter(wanted)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            version: None,
            dry_run: false,
            run: None,
            idempotency: Some(IdempotencyKey {
                key: key.to_owned(),
                request: String::new(),
            }),
        }
    }
}

fn brings_money(news: &News) -> bool {
    matches!(news.kind, NewsKind::Paid { .. })
}

fn action_for<'g>(gateway: &'g Gateway, kind: &NewsKind) -> Option<&'g String> {
    match kind {
        NewsKind::Paid { .. } => gateway.paid.as_ref(),
        NewsKind::Expired => gateway.expired.as_ref(),
        NewsKind::Refunded { .. } => gateway.refunded.as_ref(),
        NewsKind::RefundRefused { .. } => gateway.refused.as_ref(),
    }
}

/// What names the news once for ever: the gateway's own number, not the letter in which it was told.
fn key(gateway: &str, news: &News) -> String {
    match &news.kind {
        NewsKind::Paid { payment, .. } => format!("gateway/{gateway}/paid/{payment}"),
        NewsKind::Expired => format!(
            "gateway/{gateway}/expired/{}",
            news.session.as_deref().unwrap_or(&news.reference)
        ),
        NewsKind::Refunded { refund } => format!("gateway/{gateway}/refunded/{refund}"),
        NewsKind::RefundRefused { refund, .. } => format!("gateway/{gateway}/refused/{refund}"),
    }
}

/// The news as fields ([`definition::model::GATEWAY_FIELDS`]).
fn brought(news: &News) -> Map<String, Json> {
    let day = crate::tokyo_day(news.at).to_string();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Json| drop(fields.insert(name.to_owned(), value));
    if let Some(session) = &news.session {
        let name = match news.kind {
            NewsKind::Expired => "ended_session",
            _ => "gateway_session",
        };
        put(name, json!(session));
    }
    match &news.kind {
        NewsKind::Paid { payment, method } => {
            put("gateway_payment", json!(payment));
            put("received_amount", json!(news.amount_yen));
            put("received_on", json!(day));
            put("paid_by", json!(method));
        }
        NewsKind::Expired => {}
        NewsKind::Refunded { refund } => {
            put("gateway_refund", json!(refund));
            put("refunded_on", json!(day));
        }
        NewsKind::RefundRefused { refund, reason } => {
            put("gateway_refund", json!(refund));
            put("refused_reason", json!(reason));
        }
    }
    fields
}
