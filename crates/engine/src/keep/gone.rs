//! What is said of a record that was disposed of: that it was, to those who answer for its kind; nothing to others.

use crate::{Engine, Failure};
use jiff::civil::Date;
use kernel::keep::{Deed, Gone};
use kernel::{Actor, RecordId, Refusal, RefusalKind, Snapshot};
use std::collections::BTreeMap;

/// A record that another refers to, and that was disposed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneView {
    /// How it is referred to: the name of a link, or of a field.
    pub name: String,
    /// What that is called.
    pub title: String,
    /// The record.
    pub id: RecordId,
    /// Its number.
    pub number: Option<String>,
    /// What became of it.
    pub deed: Deed,
    /// On which day.
    pub on: Date,
}

impl Engine {
    /// What is answered instead of 404: that it was disposed of, to those who answer for its kind and office.
    pub(crate) async fn or_gone(
        &self,
        actor: &Actor,
        service: &str,
        kind: &str,
        id: RecordId,
        failure: Failure,
    ) -> Failure {
        let is_missing =
            matches!(&failure, Failure::Refused(refusal) if refusal.kind == RefusalKind::NotFound);
        if !is_missing || actor.seats.is_empty() {
            return failure;
        }
        let gone = match self.store.keeper().disposed(&[id]).await {
            Ok(gone) => gone.into_iter().next(),
            Err(fault) => return fault.into(),
        };
        let gone = gone.filter(|gone| gone.service == service && gone.record_type == kind);
        match gone {
            Some(gone) if !gone.was_unsent() && self.may_know(actor, &gone) => told(&gone).into(),
            _ => failure,
        }
    }

    fn may_know(&self, actor: &Actor, gone: &Gone) -> bool {
        let Ok(service) = self.service(&gone.service) else {
            return false;
        };
        let rt = service.types.get(&gone.record_type);
        // A part is answered for by whoever answers for a type that has it.
        let rules = rt
            .into_iter()
            .chain(service.types.values().filter(|of| {
                kernel::keep::parts(&service.types, &of.name).contains(&gone.record_type)
            }))
            .filter_map(|rt| rt.retention.as_ref());
        rules
            .into_iter()
            .any(|rule| Self::answers(actor, rule, gone.office.as_deref()))
    }

    /// What a record refers to and was disposed of. `shown` says which fields the reader sees.
    pub(crate) async fn gone_beside(
        &self,
        of: &Snapshot,
        rt: &definition::model::RecordType,
        shown: impl Fn(&str) -> bool,
        is_there: impl Fn(RecordId) -> bool,
    ) -> Result<Vec<GoneView>, Failure> {
        let mut named: BTreeMap<RecordId, (String, String)> = BTreeMap::new();
        if let Some(parent) = &of.parent {
            named.insert(parent.id, ("parent".into(), "もとの記録".into()));
        }
        for (name, ids) in &of.links {
            let title = rt.links.get(name).cloned().unwrap_or_else(|| name.clone());
            for id in ids {
                named.insert(*id, (name.clone(), title.clone()));
            }
        }
        let fields = rt.fields.values().filter(|field| shown(&field.name));
        for field in fields.filter(|field| field.kind.record_link().is_some()) {
            if let Some(json) = of.fields.get(&field.id) {
                for id in kernel::scope::ids_in(json) {
                    named.insert(id, (field.name.clone(), field.title.clone()));
                }
            }
        }
        named.retain(|id, _| !is_there(*id));
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<RecordId> = named.keys().copied().collect();
        let gone = self.store.keeper().disposed(&ids).await?;
        let titled = |gone: &Gone, title: String| {
            let service = self.service(&gone.service).ok();
            let known = service.and_then(|service| {
                let rt = service.types.get(&gone.record_type)?;
                Some(rt.title.clone())
            });
            known.unwrap_or(title)
        };
        Ok(gone
            .into_iter()
            .filter_map(|one| {
                let (name, title) = named.get(&one.record)?.clone();
                Some(GoneView {
                    title: titled(&one, title),
                    name,
                    id: one.record,
                    number: one.number.clone(),
                    deed: one.deed,
                    on: crate::tokyo_day(one.at),
                })
            })
            .collect())
    }
}

/// When and how it went.
fn told(gone: &Gone) -> Refusal {
    let day = crate::tokyo_day(gone.at);
    let number = gone.number.as_deref().unwrap_or("この記録");
    let what = match gone.deed {
        Deed::Transfer => "公文書館などへ移管しました。ここには内容が残っていません。",
        _ => "保存期間が満了し、廃棄しました。内容は残っていません。",
    };
    Refusal {
        title: format!(
            "{number}は、{}年{}月{}日に{what}",
            day.year(),
            day.month(),
            day.day()
        ),
        ..Refusal::gone()
    }
}
