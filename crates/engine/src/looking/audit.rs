//! What auditors search: who read what, in which way, when; and the alerts that they work off.

use super::note::Read;
use super::unusual::{ALERT, LOOKS};
use crate::perform::{IdempotencyKey, in_the_name_of};
use crate::{Engine, Failure, ListRequest, ListView, Looking, RecordView};
use jiff::Timestamp;
use kernel::looks::{Look, LookQuery, Way};
use kernel::port::Account;
use kernel::{AccountId, Actor, RecordId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Notes on a page, and at most; notes in a file.
const LIMIT: (usize, usize) = (50, 200);
const FILE: usize = 10_000;
/// Records of a note that are named.
const NAMED: usize = 5;
/// The role that searches.
const AUDITOR: &str = "auditor";

/// What an auditor asks for. What is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct AuditRequest {
    /// Sign-in name or id of an account.
    pub reader: Option<String>,
    /// A record, by id.
    pub record: Option<RecordId>,
    /// From this instant on, and before this one.
    pub from: Option<Timestamp>,
    /// See there.
    pub until: Option<Timestamp>,
    /// In which way.
    pub way: Option<Way>,
    /// Where the last page ended.
    pub before: Option<u64>,
    /// Notes on a page.
    pub limit: Option<usize>,
}

/// A note as an auditor sees it: who and what, but nothing of what the records say.
pub struct AuditLine {
    /// The note.
    pub look: Look,
    /// Name of the reader.
    pub reader: Option<String>,
    /// Sign-in name of the reader.
    pub login: Option<String>,
    /// Title of the service and of the record type.
    pub titles: (String, String),
    /// The first records, with their official numbers; none for a number that there is not, or no more.
    pub records: Vec<(RecordId, Option<String>)>,
}

/// A page of notes, newest first.
pub struct AuditPage {
    /// The lines.
    pub items: Vec<AuditLine>,
    /// Where the next page goes on.
    pub next: Option<u64>,
}

impl Engine {
    /// Searches who looked. The search is itself written down for every record that it names.
    ///
    /// # Errors
    /// 404 for others than auditors; a refusal where there is no such reader.
    pub async fn audit_looks(
        &self,
        actor: &Actor,
        request: &AuditRequest,
    ) -> Result<AuditPage, Failure> {
        self.audited(actor, request, Way::Search).await
    }

    /// The same for a file, with more notes.
    ///
    /// # Errors
    /// As for [`Engine::audit_looks`].
    pub async fn audit_file(
        &self,
        actor: &Actor,
        request: &AuditRequest,
    ) -> Result<AuditPage, Failure> {
        let mut whole = AuditPage {
            items: Vec::new(),
            next: None,
        };
        let mut request = AuditRequest {
            limit: Some(LIMIT.1),
            ..request.clone()
        };
        loop {
            let page = self.audited(actor, &request, Way::Export).await?;
            whole.items.extend(page.items);
            whole.next = page.next;
            request.before = page.next;
            if page.next.is_none() || whole.items.len() >= FILE {
                return Ok(whole);
            }
        }
    }

    async fn audited(
        &self,
        actor: &Actor,
        request: &AuditRequest,
        way: Way,
    ) -> Result<AuditPage, Failure> {
        auditor(actor)?;
        let account = match &request.reader {
            None => None,
            Some(reader) => Some(self.reader(reader).await?),
        };
        let query = LookQuery {
            records: request.record.into_iter().collect(),
            account: account.as_ref().map(|one| one.id),
            from: request.from,
            until: request.until,
            way: request.way,
            before: request.before,
            limit: request.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1),
            ..LookQuery::default()
        };
        let page = self.store.looks().looks(query).await?;
        let next = page.next;
        let items = self.audit_lines(actor, page.items).await?;
        self.note_audit(actor, way, &items).await?;
        Ok(AuditPage { items, next })
    }

    /// Notes with the names of readers and the numbers of records.
    pub(crate) async fn audit_lines(
        &self,
        actor: &Actor,
        looks: Vec<Look>,
    ) -> Result<Vec<AuditLine>, Failure> {
        let ids: BTreeSet<RecordId> = looks
            .iter()
            .flat_map(|look| look.note.records.iter().take(NAMED).copied())
            .collect();
        let ids: Vec<RecordId> = ids.into_iter().collect();
        let mut numbers: BTreeMap<RecordId, String> = BTreeMap::new();
        for record in self.store.snapshots(&ids).await? {
            // The number of what is closed to the auditor is as if there were none.
            if !self.closed_to(actor, &record).await? {
                numbers.extend(record.number.map(|number| (record.id, number)));
            }
        }
        let mut readers: BTreeMap<AccountId, Option<Account>> = BTreeMap::new();
        let mut lines = Vec::with_capacity(looks.len());
        for look in looks {
            if let Some(id) = look.note.account
                && !readers.contains_key(&id)
            {
                readers.insert(id, self.store.account(id).await?);
            }
            let reader = look.note.account.and_then(|id| readers.get(&id)?.as_ref());
            let named = look.note.records.iter().take(NAMED);
            let records = named.map(|id| {
                let number = numbers.get(id).cloned();
                (*id, number)
            });
            lines.push(AuditLine {
                reader: reader.map(|one| one.name.clone()),
                login: reader.map(|one| one.login.clone()),
                titles: self.titles(&look.note.service, &look.note.record_type),
                records: records.collect(),
                look,
            });
        }
        Ok(lines)
    }

    pub(super) fn titles(&self, service: &str, kind: &str) -> (String, String) {
        let Ok(found) = self.service(service) else {
            return (service.to_owned(), kind.to_owned());
        };
        let rt = found.types.get(kind);
        let kind = rt.map_or_else(|| kind.to_owned(), |rt| rt.title.clone());
        (found.title.clone(), kind)
    }

    pub(super) async fn reader(&self, text: &str) -> Result<Account, Failure> {
        let found = match text.parse::<AccountId>() {
            Ok(id) => self.store.account(id).await?,
            Err(_) => self.store.account_by_login(text).await?,
        };
        found.ok_or_else(|| {
            let detail =
                "この利用者はいません。ログインに使う名前か、利用者のIDを確かめてください。";
            Failure::invalid("/query/reader", "unknown", detail)
        })
    }

    /// The auditor has learned of these records that they are there and who looked.
    async fn note_audit(
        &self,
        actor: &Actor,
        way: Way,
        lines: &[AuditLine],
    ) -> Result<(), Failure> {
        let mut kinds: BTreeMap<(&str, &str), Vec<RecordId>> = BTreeMap::new();
        for line in lines {
            let note = &line.look.note;
            let known = kinds.entry((&note.service, &note.record_type)).or_default();
            known.extend(line.records.iter().map(|(id, _)| *id));
        }
        for (kind, mut records) in kinds {
            records.sort_unstable();
            records.dedup();
            self.note_audited(actor, way, kind, records).await?;
        }
        Ok(())
    }

    /// A list that names the people of records went out.
    pub(super) async fn note_report(
        &self,
        actor: &Actor,
        kind: (&str, &str),
        records: Vec<RecordId>,
    ) -> Result<(), Failure> {
        self.note_audited(actor, Way::Report, kind, records).await
    }

    async fn note_audited(
        &self,
        actor: &Actor,
        way: Way,
        (slug, kind): (&str, &str),
        records: Vec<RecordId>,
    ) -> Result<(), Failure> {
        let Ok(service) = self.service(slug) else {
            return Ok(());
        };
        let Some(rt) = service.types.get(kind) else {
            return Ok(());
        };
        let seat = actor.seats.iter().find(|seat| seat.role == AUDITOR);
        let read = Read {
            service: slug,
            rt,
            seat,
            records,
            closed: false,
            glass: None,
        };
        let purpose = Looking::now().purpose;
        let purpose = purpose.as_deref().unwrap_or("閲覧の記録の監査");
        self.noted(actor, way, Some(purpose), read).await
    }

    /// Alerts that wait, or were confirmed, newest first.
    ///
    /// # Errors
    /// 404 for others than auditors.
    pub async fn alerts(
        &self,
        actor: &Actor,
        state: &str,
        after: Option<&str>,
    ) -> Result<ListView, Failure> {
        auditor(actor)?;
        let state = match state {
            "confirmed" => "confirmed",
            _ => "open",
        };
        let request = ListRequest {
            filter: Some(format!("state = \"{state}\"")),
            sort: Some("-created_at".into()),
            after: after.map(str::to_owned),
            ..ListRequest::default()
        };
        self.list(actor, LOOKS, ALERT, &request).await
    }

    /// An auditor says what became of an alert.
    ///
    /// # Errors
    /// 404 for others than auditors; a refusal that names each faulty field, or that it is their own reading.
    pub async fn confirm_alert(
        &self,
        actor: &Actor,
        alert: RecordId,
        outcome: &str,
        because: &str,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<RecordView, Failure> {
        auditor(actor)?;
        let view = self.record(actor, None, LOOKS, ALERT, alert, None).await?;
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let input = json!({
            "outcome": text(outcome), "because": text(because),
            "auditor_id": actor.account, "auditor": actor.name,
        });
        let order = in_the_name_of(actor, (LOOKS, ALERT), Some(alert), "confirm", input);
        let order = crate::ActRequest {
            version: Some(view.version),
            idempotency,
            ..order
        };
        Ok(self.perform(order).await?.view)
    }
}

/// Whether this is an auditor.
pub(crate) fn auditor(actor: &Actor) -> Result<(), Failure> {
    match actor.seats.iter().any(|seat| seat.role == AUDITOR) {
        true => Ok(()),
        false => Err(Failure::not_found()),
    }
}
