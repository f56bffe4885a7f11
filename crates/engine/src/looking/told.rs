//! だれが見たか: what the people of a record are told of who looked at it.

use crate::registry::record_type;
use crate::{Engine, Failure, RecordView};
use definition::model::{Looked, RecordType, Service};
use jiff::Timestamp;
use kernel::looks::{Face, Look, LookQuery, Way};
use kernel::{AccountId, Actor, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines on a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: usize = 30;
const MAX_LIMIT: usize = 200;
/// Pages of notes gone through for one page of lines: most notes are one's own.
const MOST_PAGES: usize = 20;
/// Records of one's own whose readers are shown together.
const MOST_RECORDS: usize = 500;

/// One reading, as the person is told of it.
#[derive(Clone)]
pub struct LookLine {
    /// Number of the note.
    pub no: u64,
    /// When.
    pub at: Timestamp,
    /// In which way.
    pub way: Way,
    /// Through what.
    pub face: Face,
    /// Office of the reader; none for whoever holds no seat.
    pub office: Option<String>,
    /// Title of the reader's role; none for whoever holds no seat.
    pub role: Option<String>,
    /// Name, where the package lets it show.
    pub name: Option<String>,
    /// Purpose stated.
    pub purpose: Option<String>,
    /// The record: slug, type, id, how it is called.
    pub record: (String, String, RecordId, String),
}

/// A page of readings, newest first.
pub struct ToldPage {
    /// The lines.
    pub items: Vec<LookLine>,
    /// Number after which the next page goes on; none at the end.
    pub next: Option<u64>,
    /// On which grounds readings may be withheld from the person, whether there are any or not.
    pub grounds: Vec<String>,
    /// The record they are about; none where they are about all of one's own.
    pub record: Option<RecordView>,
}

/// What is known of a record whose readers are told.
struct About {
    service: Arc<Service>,
    rt: Arc<RecordType>,
    state: String,
    label: String,
}

impl Engine {
    /// Who looked at a record, for its own people.
    ///
    /// # Errors
    /// 404 for everybody else.
    pub async fn told_of_record(
        &self,
        actor: &Actor,
        (service, kind, id): (&str, &str, RecordId),
        before: Option<u64>,
        limit: Option<usize>,
    ) -> Result<ToldPage, Failure> {
        let (definition, rt, snapshot) = self.find(service, kind, id).await?;
        if !kernel::see::is_own(&rt, actor, &snapshot) {
            return Err(Failure::not_found());
        }
        drop(definition);
        let view = self.record(actor, None, service, kind, id, None).await?;
        let mut page = self.told_of(actor, &[&view], before, limit).await?;
        page.record = Some(view);
        Ok(page)
    }

    /// Who looked at any of the actor's own records.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn told_of_all(
        &self,
        actor: &Actor,
        before: Option<u64>,
        limit: Option<usize>,
    ) -> Result<ToldPage, Failure> {
        let mut records = self.my_items(actor).await?;
        // A guest was asked to help: whose record it is, is told who looked.
        records.retain(|record| !record.invitations.iter().any(|one| one.own));
        records.truncate(MOST_RECORDS);
        let records: Vec<&RecordView> = records.iter().collect();
        self.told_of(actor, &records, before, limit).await
    }

    async fn told_of(
        &self,
        actor: &Actor,
        records: &[&RecordView],
        before: Option<u64>,
        limit: Option<usize>,
    ) -> Result<ToldPage, Failure> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
        let abouts = self.abouts(records)?;
        let mut page = ToldPage {
            items: Vec::new(),
            next: None,
            grounds: grounds(abouts.values()),
            record: None,
        };
        if abouts.is_empty() {
            return Ok(page);
        }
        let mut names = BTreeMap::new();
        let mut query = LookQuery {
            records: abouts.keys().copied().collect(),
            before,
            limit,
            ..LookQuery::default()
        };
        for _ in 0..MOST_PAGES {
            let found = self.store.looks().looks(query.clone()).await?;
            for look in found.items {
                if page.items.len() == limit {
                    page.next = page.items.last().map(|line| line.no);
                    return Ok(page);
                }
                let line = self.line(actor, &abouts, &look, &mut names).await?;
                page.items.extend(line);
            }
            query.before = found.next;
            page.next = found.next;
            if found.next.is_none() {
                break;
            }
        }
        Ok(page)
    }

    /// Under today's definitions: what may be told is a rule of today.
    fn abouts(&self, records: &[&RecordView]) -> Result<BTreeMap<RecordId, About>, Failure> {
        let mut abouts = BTreeMap::new();
        for record in records {
            let service = self.service(&record.service.slug)?;
            let Ok(rt) = record_type(&service, &record.record_type.name) else {
                continue;
            };
            let label = record.label.clone().or_else(|| record.number.clone());
            let about = About {
                state: record.state.clone(),
                label: label.unwrap_or_else(|| rt.title.clone()),
                service,
                rt,
            };
            abouts.insert(record.id, about);
        }
        Ok(abouts)
    }

    /// What a note tells the person; nothing where law withholds it, or it was they who looked.
    async fn line(
        &self,
        actor: &Actor,
        abouts: &BTreeMap<RecordId, About>,
        look: &Look,
        names: &mut BTreeMap<AccountId, Option<String>>,
    ) -> Result<Option<LookLine>, Failure> {
        let note = &look.note;
        let told = note.records.iter().find_map(|id| {
            let about = abouts.get(id)?;
            let kept = about.rt.looked.keeps(note.role.as_deref(), &about.state);
            kept.is_none().then_some((*id, about))
        });
        let Some((id, about)) = told.filter(|_| note.account != actor.account) else {
            return Ok(None);
        };
        let name = match note.account.filter(|_| about.rt.looked.names) {
            None => None,
            Some(account) => match names.get(&account) {
                Some(known) => known.clone(),
                None => {
                    let found = self.store.account(account).await?.map(|one| one.name);
                    names.insert(account, found.clone());
                    found
                }
            },
        };
        let title = |role: &String| {
            let role_of = about.service.roles.get(role);
            role_of.map_or_else(|| role.clone(), |role| role.title.clone())
        };
        Ok(Some(LookLine {
            no: look.no,
            at: note.at,
            way: note.way,
            face: note.face,
            office: note.office.clone(),
            role: note.role.as_ref().map(title),
            name,
            purpose: note.purpose.clone(),
            record: (
                about.service.slug.clone(),
                about.rt.name.clone(),
                id,
                about.label.clone(),
            ),
        }))
    }
}

/// The grounds that the types name, each once.
fn grounds<'a>(abouts: impl Iterator<Item = &'a About>) -> Vec<String> {
    let rules = abouts.map(|about| &about.rt.looked);
    let all: BTreeSet<&String> = rules
        .flat_map(|looked: &Looked| looked.withheld.iter().map(|rule| &rule.basis))
        .collect();
    all.into_iter().cloned().collect()
}
