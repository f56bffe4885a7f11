//! Closing a month or a longer period of a report (締め): the figures are kept as they stood, in a file of a record of the package
//! [`SERVICE`]. Later acts change no closed figure; what has become different is shown beside it and is recorded as a
//! correction with its reason.

pub(crate) mod deed;
pub(crate) mod figures;
mod period;
mod warn;

pub use period::Span;

use crate::numbers::Reach;
use crate::{Engine, Failure, Sheet};
use definition::model::{Close, RecordType, Service, View, Who};
use feel::{Op, Predicate, Value};
use figures::Figures;
use kernel::{Actor, AttachmentId, RecordId, Seat, Snapshot};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The package whose records closed months and their corrections are.
pub const SERVICE: &str = "closings";
/// Record type of a closed month.
pub const MONTH: &str = "month";
/// Record type of a correction.
pub(crate) const CORRECTION: &str = "correction";
/// Closings of one report, or of all offices in one period, that are read: forty years of months.
const MOST: usize = 500;

/// A number that is another than it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Row of the report.
    pub row: String,
    /// Column of the report.
    pub column: String,
    /// Unit of the number.
    pub unit: String,
    /// What it was.
    pub was: Decimal,
    /// What it is.
    pub is: Decimal,
}

/// A correction of a closed month (訂正).
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Day on which it was recorded.
    pub on: String,
    /// Who recorded it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// A period of a report that can be closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// The office whose figures these are, where each closes its own; none for the figures of all of them.
    pub office: Option<String>,
    /// How it stands at each office, where they are shown together.
    pub offices: Vec<OfficeBook>,
    /// Whether the period is over.
    pub over: bool,
    /// How it was closed; none while it is open.
    pub closed: Option<Closed>,
    /// Who opened it again last, on which day and why, if it was closed before.
    pub reopened: Option<(String, String, String)>,
    /// What speaks against closing it now; told to those who may.
    pub warnings: Vec<String>,
    /// Whether this actor may close it, or record a correction of it.
    pub may_close: bool,
    /// Whether this actor may open it again.
    pub may_reopen: bool,
    /// Periods that are closed.
    pub months: BTreeSet<String>,
}

/// How a period stands at one of the offices that each close their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeBook {
    /// The office.
    pub office: String,
    /// Who closed it, on which day; none while it is open.
    pub closed: Option<(String, String)>,
}

/// A closed period.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Its record.
    pub id: RecordId,
    /// Whether the reader may see the record itself.
    pub visible: bool,
    /// Who closed it.
    pub by: String,
    /// On which day.
    pub on: String,
    /// What was known to be open when it was closed.
    pub warned: Option<String>,
    /// Corrections, oldest first.
    pub corrections: Vec<Correction>,
    /// The figures with all corrections; none where there are no corrections.
    pub corrected: Option<Sheet>,
    /// What has become different since, and is not yet recorded as a correction.
    pub since: Vec<Change>,
}

impl Closed {
    /// Leaves out what is another number now than it was: beside a table of which something is withheld it would tell that.
    pub(crate) fn tells_no_changes(&mut self) {
        self.since.clear();
        self.corrected = None;
        for correction in &mut self.corrections {
            correction.changes.clear();
        }
    }
}

/// A report that can be closed.
pub(crate) struct Report<'a> {
    pub(crate) service: &'a Service,
    pub(crate) rt: &'a RecordType,
    pub(crate) view: &'a View,
    pub(crate) close: &'a Close,
    /// The office that is meant, where each closes its own.
    pub(crate) office: Option<&'a str>,
}

impl Report<'_> {
    fn name(&self) -> String {
        format!("{}/{}/{}", self.service.slug, self.rt.name, self.view.name)
    }

    /// What its closings are found by.
    fn key(&self) -> String {
        match self.office {
            Some(office) => format!("{}@{office}", self.name()),
            None => self.name(),
        }
    }

    /// What the closings of one period by all offices are found by.
    fn round(&self, month: &str) -> String {
        format!("{}/{month}", self.name())
    }

    /// How far the figures reach that are closed.
    pub(crate) fn reach(&self) -> Reach {
        match self.office {
            Some(office) => Reach::Offices([office.to_owned()].into()),
            None => Reach::All,
        }
    }

    /// Whether a seat of their own holds one of the roles, at this office or above all of them.
    fn held(&self, actor: &Actor, by: &[Who]) -> bool {
        let whose = |seat: &&Seat| seat.substitute.is_none() && self.reaches(seat);
        let own = |role: &String| {
            let mut seats = actor.seats.iter().filter(whose);
            seats.any(|seat| seat.role == *role)
        };
        by.iter()
            .any(|who| matches!(who, Who::Desk(role) if own(role)))
    }

    fn reaches(&self, seat: &Seat) -> bool {
        let all = crate::numbers::sees_all(self.rt, &seat.role);
        match self.office {
            Some(office) => all || seat.office.as_deref() == Some(office),
            // Of what each office closes there is no one closing.
            None => !self.close.per_office,
        }
    }

    fn may_close(&self, actor: &Actor) -> bool {
        self.held(actor, &self.close.by)
    }

    fn may_reopen(&self, actor: &Actor) -> bool {
        self.held(actor, &self.close.reopen)
    }
}

/// The figures of a closed period, oldest first: as closed, then after each correction.
struct Kept {
    month: Snapshot,
    corrections: Vec<Snapshot>,
    figures: Vec<Figures>,
}

impl Engine {
    /// What is said of a period, and its figures as they were closed. `now` are the figures that the actor's seats reach.
    pub(crate) async fn book(
        &self,
        report: &Report<'_>,
        actor: &Actor,
        month: &str,
        (now, reach): (&Figures, &Reach),
    ) -> Result<(Book, Option<Sheet>), Failure> {
        let Some((service, rt)) = self.closings(MONTH) else {
            return Ok(Default::default());
        };
        let all = self.closings_of(&service, &rt, &report.key()).await?;
        let of = |one: &&Snapshot| text(&rt, one, "month").as_deref() == Some(month);
        let closed = all.iter().filter(of).find(|one| one.state == "closed");
        let reopened = all.iter().filter(of).rfind(|one| one.state == "reopened");
        let open = |one: &Snapshot| text(&rt, one, "month").filter(|_| one.state == "closed");
        let over = self.is_over(month);
        let may_close = report.may_close(actor) && over;
        let mut book = Book {
            office: report.office.map(str::to_owned),
            offices: Vec::new(),
            over,
            closed: None,
            reopened: reopened.and_then(|one| {
                let said = |name: &str| text(&rt, one, name);
                Some((
                    said("reopened_by")?,
                    said("reopened_on")?,
                    said("reopened_because")?,
                ))
            }),
            warnings: Vec::new(),
            may_close,
            may_reopen: report.may_reopen(actor) && closed.is_some(),
            months: all.iter().filter_map(open).collect(),
        };
        let Some(closed) = closed else {
            if may_close {
                book.warnings = self.warnings(report, month).await?;
            }
            return Ok((book, None));
        };
        let kept = self.kept(closed.clone(), reach).await?;
        let sheet = kept.figures.first().map(Figures::sheet);
        let visible = kernel::may_see(&service, &rt, actor, closed).is_some();
        book.closed = Some(kept.told(&rt, self, now, visible));
        Ok((book, sheet))
    }

    /// How a period stands at every office, and their figures together: as closed where it is, else as they are now.
    pub(crate) async fn books(
        &self,
        report: &Report<'_>,
        month: &str,
        (now, offices): (Figures, BTreeSet<String>),
    ) -> Result<(Book, Figures), Failure> {
        let mut book = Book {
            over: self.is_over(month),
            ..Default::default()
        };
        let Some((service, rt)) = self.closings(MONTH) else {
            return Ok((book, now));
        };
        let wanted = equals("round", &report.round(month));
        let all = self.platform_page(&service, &rt, wanted, MOST).await?;
        let mut closed = BTreeMap::new();
        let mut frozen = Vec::new();
        for one in all.iter().filter(|one| one.state == "closed") {
            let said = |name: &str| text(&rt, one, name).unwrap_or_default();
            frozen.push(self.thawed(one).await?);
            closed.insert(said("office_name"), (said("closed_by"), said("closed_on")));
        }
        let known: BTreeSet<String> = closed.keys().cloned().collect();
        let figures = now.without(&known).join(&frozen);
        let every = offices.union(&known).map(|office| OfficeBook {
            office: office.clone(),
            closed: closed.get(office).cloned(),
        });
        book.offices = every.collect();
        Ok((book, figures))
    }

    /// Whether a period has ended.
    pub(crate) fn is_over(&self, month: &str) -> bool {
        Span::read(month).is_some_and(|span| span.last < self.today())
    }

    /// A closed period with the part of its figures that a reader's seats reach.
    async fn kept(&self, month: Snapshot, reach: &Reach) -> Result<Kept, Failure> {
        let mut corrections = Vec::new();
        if let (Some((service, rt)), Some((_, of))) =
            (self.closings(CORRECTION), self.closings(MONTH))
        {
            let key = text(&of, &month, "closing").unwrap_or_default();
            let wanted = equals("closing", &key);
            corrections = self.platform_page(&service, &rt, wanted, MOST).await?;
            corrections.sort_by_key(|one| number(&rt, one, "no"));
        }
        let mut figures = Vec::new();
        for one in std::iter::once(&month).chain(&corrections) {
            figures.push(self.thawed(one).await?.within(reach));
        }
        Ok(Kept {
            month,
            corrections,
            figures,
        })
    }

    async fn thawed(&self, record: &Snapshot) -> Result<Figures, Failure> {
        let damaged = || Failure::Internal(format!("the figures of {} cannot be read", record.id));
        let rt = self.closings(&record.record_type).map(|(_, rt)| rt);
        let file = rt.and_then(|rt| {
            let files = record.fields.get(&rt.fields.get("figures")?.id)?;
            files.get(0)?.as_str()?.parse().ok().map(AttachmentId)
        });
        let content = self
            .store
            .attachment_content(file.ok_or_else(damaged)?)
            .await?;
        Figures::thaw(&content.ok_or_else(damaged)?).ok_or_else(damaged)
    }

    async fn closings_of(
        &self,
        service: &Service,
        rt: &RecordType,
        report: &str,
    ) -> Result<Vec<Snapshot>, Failure> {
        let mut all = self
            .platform_page(service, rt, equals("report", report), MOST)
            .await?;
        all.sort_by_key(|one| one.created_at);
        Ok(all)
    }

    /// A record type of the package of closings, where it is installed.
    pub(crate) fn closings(&self, name: &str) -> Option<(Arc<Service>, Arc<RecordType>)> {
        let service = self.service(SERVICE).ok()?;
        let rt = service.types.get(name).cloned()?;
        Some((service, rt))
    }
}

impl Kept {
    /// What is told of it beside the figures as they are now.
    fn told(&self, rt: &RecordType, engine: &Engine, now: &Figures, visible: bool) -> Closed {
        let said = |name: &str| text(rt, &self.month, name);
        let of = engine.closings(CORRECTION).map(|(_, rt)| rt);
        let corrections = self.corrections.iter().zip(self.figures.windows(2));
        let corrections = corrections.filter_map(|(record, pair)| {
            let said = |name: &str| text(of.as_ref()?, record, name);
            let [before, after] = pair else { return None };
            Some(Correction {
                on: said("corrected_on")?,
                by: said("corrected_by")?,
                reason: said("reason")?,
                changes: before.changes(after),
            })
        });
        let last = self.figures.last();
        Closed {
            id: self.month.id,
            visible,
            by: said("closed_by").unwrap_or_default(),
            on: said("closed_on").unwrap_or_default(),
            warned: said("warned"),
            corrections: corrections.collect(),
            corrected: last.filter(|_| self.figures.len() > 1).map(Figures::sheet),
            since: last.map(|last| last.changes(now)).unwrap_or_default(),
        }
    }
}

fn equals(field: &str, value: &str) -> Predicate {
    Predicate::compare(field, Op::Eq, Value::text(value))
}

fn text(rt: &RecordType, record: &Snapshot, name: &str) -> Option<String> {
    record.text(rt, name).map(str::to_owned)
}

fn number(rt: &RecordType, record: &Snapshot, name: &str) -> Option<u64> {
    record.fields.get(&rt.fields.get(name)?.id)?.as_u64()
}
