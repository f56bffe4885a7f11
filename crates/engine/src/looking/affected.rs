//! Whom a breach touched: everybody whose records were read by an account, in a session, in a span of time.

use super::audit::auditor;
use crate::{Engine, Failure};
use jiff::Timestamp;
use kernel::looks::{LookQuery, Way};
use kernel::{Actor, RecordId, Snapshot};
use sheet::{Cell, Encoding, Format, Writer};
use std::collections::{BTreeMap, BTreeSet};

/// Notes read at a time.
const PIECE: usize = 1_000;
/// Records read at a time.
const RECORDS: usize = 500;

/// Which reading is looked into.
#[derive(Clone, Debug, Default)]
pub struct Breach {
    /// Sign-in name or id of the account.
    pub by: Option<String>,
    /// The digest of a session or token, as the search of the audit shows it.
    pub session: Option<String>,
    /// One record: who read it is then beside the point, and its people are those touched.
    pub record: Option<RecordId>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// What was read of one record.
struct Touched {
    service: String,
    kind: String,
    first: Timestamp,
    last: Timestamp,
    times: u64,
    ways: BTreeSet<Way>,
    readers: BTreeSet<kernel::AccountId>,
}

impl Engine {
    /// Whom a breach touched, as a CSV file (UTF-8 with a mark), one line a party of a record; answers also how many
    /// records there are. For auditors, and for the command.
    ///
    /// # Errors
    /// 404 for others; a refusal where there is no such reader, or nothing narrows.
    pub async fn affected(
        &self,
        actor: &Actor,
        breach: &Breach,
    ) -> Result<(Vec<u8>, usize), Failure> {
        if !actor.system {
            auditor(actor)?;
        }
        if breach.by.is_none() && breach.session.is_none() && breach.record.is_none() {
            let detail = "だれの閲覧か（利用者、ログインの印）か、どの記録かを指定してください。";
            return Err(Failure::invalid("/query/by", "required", detail));
        }
        let touched = self.touched(breach).await?;
        let count = touched.len();
        let bytes = self.lines(touched).await?;
        if !actor.system {
            self.note_affected(actor, breach).await?;
        }
        Ok((bytes, count))
    }

    async fn touched(&self, breach: &Breach) -> Result<BTreeMap<RecordId, Touched>, Failure> {
        let account = match &breach.by {
            None => None,
            Some(by) => Some(self.reader(by).await?.id),
        };
        let mut query = LookQuery {
            records: breach.record.into_iter().collect(),
            account,
            session: breach.session.clone(),
            from: breach.from,
            until: breach.until,
            limit: PIECE,
            ..LookQuery::default()
        };
        let mut touched: BTreeMap<RecordId, Touched> = BTreeMap::new();
        loop {
            let page = self.store.looks().looks(query.clone()).await?;
            for look in page.items {
                let note = look.note;
                for id in &note.records {
                    let one = touched.entry(*id).or_insert_with(|| Touched {
                        service: note.service.clone(),
                        kind: note.record_type.clone(),
                        first: note.at,
                        last: note.at,
                        times: 0,
                        ways: BTreeSet::new(),
                        readers: BTreeSet::new(),
                    });
                    one.first = one.first.min(note.at);
                    one.last = one.last.max(note.at);
                    one.times += 1;
                    one.ways.insert(note.way);
                    one.readers.extend(note.account);
                }
            }
            query.before = page.next;
            if page.next.is_none() {
                return Ok(touched);
            }
        }
    }

    async fn lines(&self, touched: BTreeMap<RecordId, Touched>) -> Result<Vec<u8>, Failure> {
        let fault = |fault: sheet::WriteFault| Failure::Internal(fault.to_string());
        let csv = Format::Csv(Encoding::Utf8Bom);
        let mut writer = Writer::new(csv, "影響を受けた人", Vec::new()).map_err(fault)?;
        let heads = [
            "サービス",
            "記録の種類",
            "番号",
            "記録のID",
            "状態",
            "当事者の役割",
            "当事者",
            "連絡先",
            "最初に見たとき",
            "最後に見たとき",
            "回数",
            "見方",
            "見た利用者の数",
        ];
        writer.row(&heads.map(Cell::from)).map_err(fault)?;
        let ids: Vec<RecordId> = touched.keys().copied().collect();
        for ids in ids.chunks(RECORDS) {
            let found = self.store.snapshots(ids).await?.into_iter();
            let found: BTreeMap<RecordId, Snapshot> = found.map(|one| (one.id, one)).collect();
            for id in ids {
                let Some(one) = touched.get(id) else {
                    continue;
                };
                for party in self.people(found.get(id)).await? {
                    let row = self.row(*id, one, found.get(id), &party);
                    writer.row(&row).map_err(fault)?;
                }
            }
        }
        Ok(writer.finish().map_err(fault)?.0)
    }

    /// Role, name and addresses of the people of a record: its own, else those of what it is a part of.
    async fn people(&self, record: Option<&Snapshot>) -> Result<Vec<[String; 3]>, Failure> {
        let Some(record) = record else {
            return Ok(vec![[
                String::new(),
                "（廃棄済みの記録）".into(),
                String::new(),
            ]]);
        };
        if let Some(closing) = &record.closed {
            let whom = closing.office.as_deref().unwrap_or("担当の所");
            let said = format!("（閲覧制限のある記録。知らせるのは{whom}の見られる職員から）");
            return Ok(vec![[String::new(), said, String::new()]]);
        }
        let mut parties = record.parties.clone();
        if let Some(parent) = record.parent.as_ref().filter(|_| parties.is_empty()) {
            let above = self.store.snapshots(&[parent.id]).await?;
            parties = above.into_iter().flat_map(|one| one.parties).collect();
        }
        let mut people = Vec::with_capacity(parties.len());
        for party in parties {
            let contact = self.store.contact(party.id).await?;
            let ways = contact.into_iter().flat_map(|contact| contact.ways);
            let known = ways.filter(|way| way.confirmed.is_some());
            let known: Vec<String> = known
                .filter(|way| !matches!(way.channel.name(), "push" | "line"))
                .map(|way| way.address)
                .collect();
            people.push([party.role, party.name, known.join(" ")]);
        }
        if people.is_empty() {
            people.push([String::new(), "（当事者のない記録）".into(), String::new()]);
        }
        Ok(people)
    }

    fn row(
        &self,
        id: RecordId,
        one: &Touched,
        record: Option<&Snapshot>,
        [role, name, contact]: &[String; 3],
    ) -> Vec<Cell> {
        let (service, kind) = self.titles(&one.service, &one.kind);
        let found = self.service(&one.service).ok();
        let rt = found.as_ref().and_then(|found| found.types.get(&one.kind));
        let party = rt.and_then(|rt| rt.parties.get(role));
        let role = party.map_or_else(|| role.clone(), |party| party.title.clone());
        let shown = record.filter(|record| record.closed.is_none());
        let state = shown.map(|record| {
            let state = rt.and_then(|rt| rt.states.get(&record.state));
            state.map_or_else(|| record.state.clone(), |state| state.title.clone())
        });
        let ways: Vec<&str> = one.ways.iter().map(|way| way.title()).collect();
        vec![
            service.into(),
            kind.into(),
            shown
                .and_then(|one| one.number.clone())
                .unwrap_or_default()
                .into(),
            id.to_string().into(),
            state.unwrap_or_default().into(),
            role.into(),
            name.clone().into(),
            contact.clone().into(),
            crate::tokyo(one.first).into(),
            crate::tokyo(one.last).into(),
            Cell::Number(one.times.into()),
            ways.join("、").into(),
            Cell::Number((one.readers.len() as u64).into()),
        ]
    }

    /// The list names people: that an auditor took it is written down for each of their records.
    async fn note_affected(&self, actor: &Actor, breach: &Breach) -> Result<(), Failure> {
        let mut kinds: BTreeMap<(String, String), Vec<RecordId>> = BTreeMap::new();
        for (id, one) in self.touched(breach).await? {
            kinds.entry((one.service, one.kind)).or_default().push(id);
        }
        for ((slug, kind), records) in kinds {
            self.note_report(actor, (&slug, &kind), records).await?;
        }
        Ok(())
    }
}
