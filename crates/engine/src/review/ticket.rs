//! One-time tickets. A ticket carries service, procedure, office, channel and month, and a mark that makes it one; we
//! know our own by an HMAC and keep none that we hand out.

use crate::{Engine, Failure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Actor, RecordId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The setting that holds the key.
const SETTING: &str = "review_key";

/// What a ticket says. It holds nothing of a person or a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Slug of the service.
    pub service: String,
    /// Name of the procedure.
    pub procedure: String,
    /// Name of the office.
    pub office: String,
    /// `online` or `counter`.
    pub channel: String,
    /// `2026-11`.
    pub month: String,
    /// What makes it one ticket; empty on a counter's poster, which is no ticket yet.
    pub mark: String,
}

impl Engine {
    /// Makes ready to hand out tickets: takes the key of this installation, or `fresh` (random) if it has none.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn prepare_reviews(&self, fresh: &str) -> Result<(), Failure> {
        if self.store.setting(SETTING).await?.is_none() {
            self.store.put_setting(SETTING, fresh).await?;
        }
        if let Some(key) = self.store.setting(SETTING).await? {
            // Asked twice, the key is the same.
            let _ = self.review_key.set(key);
        }
        Ok(())
    }

    /// The ticket for the end of a case: for the party whose case it is, once it has ended, where the service asks.
    /// The same case gives the same ticket, so that one case is answered for once.
    ///
    /// # Errors
    /// 404 for others, and where nothing is asked.
    pub async fn review_ticket(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        id: RecordId,
    ) -> Result<String, Failure> {
        let view = self.record(actor, None, service, kind, id, None).await?;
        if !self.asks_review(actor, &view) {
            return Err(Failure::not_found());
        }
        let mark = self.case_mark(id)?;
        self.written(Ticket {
            service: service.to_owned(),
            procedure: view.record_type.title.clone(),
            office: view
                .office
                .clone()
                .unwrap_or_else(|| view.service.owner.clone()),
            channel: "online".into(),
            month: self.this_month(),
            mark,
        })
    }

    /// Whether this actor can still give the review of a case.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn review_open(
        &self,
        actor: &Actor,
        view: &crate::RecordView,
    ) -> Result<bool, Failure> {
        if !self.asks_review(actor, view) {
            return Ok(false);
        }
        let spent = self.spent(&self.case_mark(view.id)?)?;
        Ok(!self.store.review_spent(&spent).await?)
    }

    /// What stands for a case in its ticket: nobody without the key finds the case from it.
    fn case_mark(&self, case: RecordId) -> Result<String, Failure> {
        self.sign(&format!("case {case}"))
    }

    /// What is kept of a ticket that was used.
    pub(super) fn spent(&self, mark: &str) -> Result<String, Failure> {
        self.sign(&format!("spent {mark}"))
    }

    /// Whether the end of this case asks this actor for a review.
    fn asks_review(&self, actor: &Actor, view: &crate::RecordView) -> bool {
        let rt = &view.record_type;
        let ended = rt.states.get(&view.state).is_some_and(|state| state.ended);
        let arrived = rt.arrives_at.is_none() || view.arrived_on.is_some();
        let own = actor.party_in(rt).is_some_and(|party| {
            let owner = |role: &str| rt.parties.get(role).is_some_and(|rule| rule.owner);
            view.parties
                .iter()
                .any(|one| one.id == party && owner(&one.role))
        });
        ended && arrived && own && view.service.review.contains(&rt.name)
    }

    /// What a counter's poster leads to. It is no ticket: each visit makes one of it.
    ///
    /// # Errors
    /// 404 if there is no such service.
    pub fn review_poster(&self, service: &str, office: &str) -> Result<String, Failure> {
        let service = self.service(service)?;
        self.written(Ticket {
            service: service.slug.clone(),
            procedure: service.title.clone(),
            office: office.to_owned(),
            channel: "counter".into(),
            month: String::new(),
            mark: String::new(),
        })
    }

    /// A ticket for who read a poster's code; `random` makes it one.
    ///
    /// # Errors
    /// 404 if the poster is none of ours.
    pub fn counter_ticket(&self, poster: &str, random: &str) -> Result<String, Failure> {
        let poster = self.read_ticket(poster)?;
        if !poster.mark.is_empty() {
            return Err(Failure::not_found());
        }
        self.written(Ticket {
            month: self.this_month(),
            mark: self.sign(&format!("counter {random}"))?,
            ..poster
        })
    }

    /// What a ticket or a poster says.
    ///
    /// # Errors
    /// 404 if it is none of ours.
    pub fn read_ticket(&self, text: &str) -> Result<Ticket, Failure> {
        let (said, signature) = text.split_once('.').ok_or_else(Failure::not_found)?;
        let mut mac = self.mac()?;
        mac.update(said.as_bytes());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        mac.verify_slice(&signature)
            .map_err(|_| Failure::not_found())?;
        let json = URL_SAFE_NO_PAD.decode(said).unwrap_or_default();
        serde_json::from_slice(&json).map_err(|_| Failure::not_found())
    }

    fn written(&self, ticket: Ticket) -> Result<String, Failure> {
        let json = serde_json::to_vec(&ticket);
        let json = json.map_err(|error| Failure::Internal(error.to_string()))?;
        let said = URL_SAFE_NO_PAD.encode(json);
        let signature = self.sign(&said)?;
        Ok(format!("{said}.{signature}"))
    }

    pub(super) fn sign(&self, text: &str) -> Result<String, Failure> {
        let mut mac = self.mac()?;
        mac.update(text.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn mac(&self) -> Result<Hmac<Sha256>, Failure> {
        let key = self.review_key.get().ok_or_else(Failure::not_found)?;
        Hmac::new_from_slice(key.as_bytes()).map_err(|error| Failure::Internal(error.to_string()))
    }

    fn this_month(&self) -> String {
        self.today().strftime("%Y-%m").to_string()
    }
}
