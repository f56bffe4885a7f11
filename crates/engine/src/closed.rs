//! What is closed beyond role (閲覧制限), where more is read than one record: mailboxes, what goes out, refusals that
//! another record causes. See `docs/decisions/0041-closed-records.md`.

use crate::facts::MAX_RELATED;
use crate::perform::refusal_of;
use crate::registry::record_type;
use crate::{Engine, Failure};
use kernel::closed::{closable, hides_from};
use kernel::port::{Committed, MessageRow, OutboxRow};
use kernel::{
    AccountId, Actor, Decision, Facts, Fault, MessageTo, PartyId, RecordId, Refusal, RefusalKind,
    Snapshot,
};
use std::collections::BTreeSet;

impl Engine {
    /// Whether a record is closed to an actor: what they may not see although it is there.
    ///
    /// # Errors
    /// If its definition cannot be read.
    pub(crate) async fn closed_to(
        &self,
        actor: &Actor,
        record: &Snapshot,
    ) -> Result<bool, Failure> {
        Ok(record.closed.is_some() && !self.sees(actor, record).await?)
    }

    /// Whether an actor sees a record at all.
    ///
    /// # Errors
    /// If its definition cannot be read.
    pub(crate) async fn sees(&self, actor: &Actor, record: &Snapshot) -> Result<bool, Failure> {
        let definition = self.governing(record).await?;
        let rt = record_type(&definition, &record.record_type)?;
        Ok(kernel::may_see(&definition, &rt, actor, record).is_some())
    }

    /// Messages without those about records that are closed to their reader. Costs nothing where no type can be closed.
    pub(crate) async fn without_closed(
        &self,
        actor: &Actor,
        mut rows: Vec<MessageRow>,
    ) -> Result<Vec<MessageRow>, Failure> {
        let about = rows
            .iter()
            .filter(|row| self.may_be_closed(&row.service, &row.record_type));
        let about: BTreeSet<RecordId> = about.map(|row| row.record).collect();
        let hidden = self.hidden_among(actor, about).await?;
        rows.retain(|row| !hidden.contains(&row.record));
        Ok(rows)
    }

    /// Decides; where that closes or opens records below the record's children, again with those.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn decided<T>(
        &self,
        facts: &mut Facts,
        mut decide: impl FnMut(&Facts) -> Result<T, Refusal>,
        decision: impl Fn(&T) -> &Decision,
    ) -> Result<Result<T, Refusal>, Failure> {
        let mut read = BTreeSet::new();
        loop {
            let decided = match decide(facts) {
                Ok(decided) => decided,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let mut unread = kernel::closed::unread_below(facts, decision(&decided));
            unread.retain(|id| read.insert(*id));
            if unread.is_empty() {
                return Ok(Ok(decided));
            }
            for id in unread {
                for child in self.store.children(id, MAX_RELATED).await? {
                    facts.related.insert(child.id, child);
                }
            }
        }
    }

    /// Of the records that effects are about, those that are closed to an actor.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn closed_among(
        &self,
        actor: &Actor,
        rows: &[OutboxRow],
    ) -> Result<BTreeSet<RecordId>, Failure> {
        let about = rows.iter().map(|row| row.entry.order.about());
        let about = about.filter(|(service, kind, _)| self.may_be_closed(service, kind));
        let about = about.map(|(_, _, record)| record).collect();
        self.hidden_among(actor, about).await
    }

    /// Of records that may be closed, those that are, to an actor.
    async fn hidden_among(
        &self,
        actor: &Actor,
        records: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, Failure> {
        let mut hidden = BTreeSet::new();
        if records.is_empty() {
            return Ok(hidden);
        }
        let records: Vec<RecordId> = records.into_iter().collect();
        for record in self.store.snapshots(&records).await? {
            if self.closed_to(actor, &record).await? {
                hidden.insert(record.id);
            }
        }
        Ok(hidden)
    }

    /// Whether records of a type can be closed at all.
    pub(crate) fn may_be_closed(&self, service: &str, record_type: &str) -> bool {
        let Ok(service) = self.service(service) else {
            return false;
        };
        let rt = service.types.get(record_type);
        rt.is_some_and(|rt| closable(&service, rt))
    }

    /// Whether a message about a record may leave the platform: of what is closed nothing goes out to officials, whose
    /// mail others read too, nor to a party from whom it is hidden.
    pub(crate) fn may_go_out(record: &Snapshot, to: &MessageTo) -> bool {
        match to {
            MessageTo::Party(party) => !hides_from(record, *party),
            MessageTo::Account(_) | MessageTo::Desk { .. } => record.closed.is_none(),
        }
    }

    /// The same for one that waits to be sent, by the mailbox that it stands in.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn may_still_go_out(&self, message: &MessageRow) -> Result<bool, Failure> {
        if !self.may_be_closed(&message.service, &message.record_type) {
            return Ok(true);
        }
        let Some(record) = self.store.snapshots(&[message.record]).await?.pop() else {
            return Ok(true);
        };
        let party = message.mailbox.strip_prefix("party:");
        let to = match party.and_then(|id| id.parse().ok()) {
            Some(id) => MessageTo::Party(PartyId(id)),
            // Whichever official it is: nothing of what is closed goes out to any.
            None => MessageTo::Account(AccountId(uuid::Uuid::nil())),
        };
        Ok(Self::may_go_out(&record, &to))
    }

    /// The refusal of a commit. Where a unique value is taken by a record that may be closed and that the actor does not
    /// see, the same is said whether it is closed or another office's, and nothing of why.
    ///
    /// # Errors
    /// If the store is not available.
    pub(crate) async fn refused(
        &self,
        actor: &Actor,
        committed: Committed,
    ) -> Result<Refusal, Failure> {
        let Committed::Taken { by, .. } = &committed else {
            return Ok(refusal_of(committed));
        };
        let Some(holder) = self.store.snapshots(&[*by]).await?.pop() else {
            return Ok(refusal_of(committed));
        };
        if !self.may_be_closed(&holder.service, &holder.record_type) {
            return Ok(refusal_of(committed));
        }
        if self.sees(actor, &holder).await? {
            return Ok(refusal_of(committed));
        }
        let detail = "この内容では受け付けられません。入れた内容を確かめ、わからないときは窓口にお尋ねください。";
        let fault = Fault::new("/input", "not_accepted", detail);
        let title = "入力を確かめてください";
        Ok(Refusal::new(RefusalKind::Invalid, title, vec![fault]))
    }
}
