//! Views of numbers: measures by their dimensions, as far as the reader's seats reach. Nothing is counted here; the
//! numbers stand in the store, kept by the acts themselves.

use crate::closing::figures::Figures;
use crate::closing::{Book, Report, Span};
use crate::{Engine, Failure};
use definition::model::{
    Closed, Dimension, Measure, Numbers, Period, RecordType, ScopeKind, SeeRule, Service, View,
    ViewKind, Who,
};
use jiff::civil::Date;
use kernel::measure::{BETWEEN, ledger};
use kernel::{Actor, Seat};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most cells of one measure that are read for a page.
const MOST_CELLS: usize = 50_000;

/// A table of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Heading of the rows.
    pub across: String,
    /// Heading and unit of each column.
    pub columns: Vec<(String, String)>,
    /// Rows: value, title, a number for each column.
    pub rows: Vec<SheetRow>,
    /// The sum of each column; none where it is withheld.
    pub totals: Vec<Option<Decimal>>,
    /// The measure of each column, by name.
    pub measures: Vec<String>,
}

/// A row of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    /// The value of the dimension (`13202`, `2026-11`).
    pub value: String,
    /// As people read it.
    pub title: String,
    /// One for each column; none where it is withheld because so few would be told of (秘匿).
    pub numbers: Vec<Option<Decimal>>,
}

/// What a view of numbers shows.
pub struct NumbersView {
    /// Service.
    pub service: Arc<Service>,
    /// Record type.
    pub record_type: Arc<RecordType>,
    /// The view.
    pub view: View,
    /// Its numbers; none for a dashboard.
    pub sheet: Option<Sheet>,
    /// The views of a dashboard.
    pub parts: Vec<NumbersView>,
    /// Periods that a report has, the shorter kind first, each newest first.
    pub months: Vec<String>,
    /// The period shown.
    pub month: Option<String>,
    /// Offices that each close their own figures, as far as the reader may pick one.
    pub offices: Vec<String>,
    /// Whether and how the period is closed, where the report can be; its numbers are then those as closed.
    pub book: Option<Book>,
}

/// What is picked of a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pick<'a> {
    /// The period; the newest month if left out.
    pub month: Option<&'a str>,
    /// The office, where each closes its own figures.
    pub office: Option<&'a str>,
}

/// What the reader's seats reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything.
    All,
    /// These offices.
    Offices(BTreeSet<String>),
}

impl Reach {
    /// Whether a cell of a measure is within it.
    fn knows(&self, measure: &Measure, key: &[String]) -> bool {
        match self {
            Self::All => true,
            Self::Offices(offices) => office(measure)
                .and_then(|at| key.get(at))
                .is_some_and(|office| offices.contains(office)),
        }
    }
}

impl Sheet {
    /// Whether anything is withheld.
    #[must_use]
    pub fn withholds(&self) -> bool {
        let rows = self.rows.iter().flat_map(|row| &row.numbers);
        rows.chain(&self.totals).any(Option::is_none)
    }
}

impl Engine {
    /// A view of numbers, or a dashboard of several.
    ///
    /// # Errors
    /// 404 if there is no such view for this actor.
    pub async fn numbers(
        &self,
        actor: &Actor,
        service: &str,
        record_type: &str,
        view: &str,
        pick: Pick<'_>,
    ) -> Result<NumbersView, Failure> {
        let service = self.service(service)?;
        let rt = crate::registry::record_type(&service, record_type)?;
        let view = rt
            .views
            .get(view)
            .filter(|view| crate::desk::has_view(view, actor))
            .ok_or_else(Failure::not_found)?;
        let mut whole = self.numbers_of(actor, &service, &rt, view, pick).await?;
        if let ViewKind::Dashboard(parts) = &view.kind {
            let parts = parts.iter().filter_map(|name| rt.views.get(name));
            let known = |part: &&View| crate::desk::has_view(part, actor);
            for part in parts.filter(known).filter(|part| numeric(part)) {
                let part = self
                    .numbers_of(actor, &service, &rt, part, Pick::default())
                    .await?;
                whole.parts.push(part);
            }
        }
        Ok(whole)
    }

    async fn numbers_of(
        &self,
        actor: &Actor,
        service: &Arc<Service>,
        rt: &Arc<RecordType>,
        view: &View,
        pick: Pick<'_>,
    ) -> Result<NumbersView, Failure> {
        let mut shown = NumbersView {
            service: Arc::clone(service),
            record_type: Arc::clone(rt),
            view: view.clone(),
            sheet: None,
            parts: Vec::new(),
            months: Vec::new(),
            month: None,
            offices: Vec::new(),
            book: None,
        };
        let numbers = match &view.kind {
            ViewKind::Chart(numbers, _) | ViewKind::Map(numbers) => numbers,
            ViewKind::Report { .. } => return self.report(actor, shown, pick).await,
            _ => return Ok(shown),
        };
        let reach = reach(rt, view, actor);
        let cells = self.all_cells(service, rt, numbers, &reach).await?;
        let figures = Figures::of((service, rt), numbers, &cells, self.today());
        let who = Told {
            rt,
            actor,
            view,
            reach: &reach,
        };
        shown.sheet = Some(who.told(figures.sheet()));
        Ok(shown)
    }

    /// A report of one period: as closed where it is, else as the numbers are now.
    async fn report(
        &self,
        actor: &Actor,
        mut shown: NumbersView,
        pick: Pick<'_>,
    ) -> Result<NumbersView, Failure> {
        let (service, rt) = (Arc::clone(&shown.service), Arc::clone(&shown.record_type));
        let view = shown.view.clone();
        let ViewKind::Report {
            numbers,
            month: dimension,
            periods,
        } = &view.kind
        else {
            return Ok(shown);
        };
        let office = office_meant(&rt, &view, actor, pick.office)?;
        let mut reach = reach(&rt, &view, actor);
        let mut cells = self.all_cells(&service, &rt, numbers, &reach).await?;
        let offices = match &reach {
            Reach::Offices(own) => own.clone(),
            Reach::All => offices_of(&cells),
        };
        if let Some(office) = &office {
            reach = Reach::Offices([office.clone()].into());
            cells.iter_mut().for_each(|(measure, cells)| {
                cells.retain(|(key, _)| reach.knows(measure, key));
            });
        }
        shown.months = named(periods, &months_of(&cells, dimension));
        shown.month = match pick.month {
            Some(month) => Some(month.to_owned()),
            None => shown.months.first().cloned(),
        };
        let span = shown.month.as_deref().and_then(Span::read);
        let span = span.filter(|span| periods.contains(&span.kind));
        if pick.month.is_some() && span.is_none() {
            return Err(Failure::not_found());
        }
        only_in(&mut cells, dimension, span);
        let mut figures = Figures::of((&service, &rt), numbers, &cells, self.today());
        let mut sheet = figures.sheet();
        if let (Some(close), Some(month)) = (&view.close, &shown.month) {
            let report = Report {
                service: &service,
                rt: &rt,
                view: &view,
                close,
                office: office.as_deref(),
            };
            let together = close.per_office && office.is_none();
            let book = if together {
                let (book, all) = self
                    .books(&report, month, (figures, offices.clone()))
                    .await?;
                figures = all;
                sheet = figures.sheet();
                book
            } else {
                let (book, closed) = self.book(&report, actor, month, (&figures, &reach)).await?;
                sheet = closed.unwrap_or(sheet);
                book
            };
            shown.months = with_closed(&shown.months, &book, periods, self.today());
            if close.per_office {
                shown.offices = offices.into_iter().collect();
            }
            shown.book = Some(book);
        }
        let who = Told {
            rt: &rt,
            actor,
            view: &view,
            reach: &reach,
        };
        let sheet = who.told(sheet);
        // What changed since it was closed would tell what is withheld.
        let closed = shown.book.as_mut().and_then(|book| book.closed.as_mut());
        if let Some(closed) = closed.filter(|_| sheet.withholds()) {
            closed.tells_no_changes();
        }
        shown.sheet = Some(sheet);
        Ok(shown)
    }

    /// The figures of one period as they are now, as far as they are closed together.
    pub(crate) async fn figures_now(
        &self,
        report: &Report<'_>,
        month: &str,
    ) -> Result<Figures, Failure> {
        let ViewKind::Report {
            numbers,
            month: dimension,
            ..
        } = &report.view.kind
        else {
            return Err(Failure::not_found());
        };
        let (service, rt) = (report.service, report.rt);
        let mut cells = self
            .all_cells(service, rt, numbers, &report.reach())
            .await?;
        only_in(&mut cells, dimension, Span::read(month));
        Ok(Figures::of((service, rt), numbers, &cells, self.today()))
    }

    async fn all_cells<'m>(
        &self,
        service: &Service,
        rt: &'m RecordType,
        numbers: &Numbers,
        reach: &Reach,
    ) -> Result<Vec<Cells<'m>>, Failure> {
        let mut cells = Vec::new();
        let measures = numbers.measures.iter();
        for measure in measures.filter_map(|name| rt.measures.get(name)) {
            cells.push((measure, self.cells(service, rt, measure, reach).await?));
        }
        Ok(cells)
    }

    /// The cells of a measure that the reader may know: key by dimension, and the number.
    async fn cells(
        &self,
        service: &Service,
        rt: &RecordType,
        measure: &Measure,
        reach: &Reach,
    ) -> Result<Vec<(Vec<String>, Decimal)>, Failure> {
        let name = ledger(&service.slug, &rt.name, &measure.name);
        let all = self.store.balances(&name, "", MOST_CELLS).await?;
        Ok(all
            .into_iter()
            .filter(|(_, number)| !number.is_zero())
            .map(|(key, number)| {
                let key: Vec<String> = key.split(BETWEEN).map(str::to_owned).collect();
                (key, number)
            })
            .filter(|(key, _)| reach.knows(measure, key))
            .collect())
    }
}

/// Whether a view shows numbers.
#[must_use]
pub fn numeric(view: &View) -> bool {
    matches!(
        view.kind,
        ViewKind::Chart(..) | ViewKind::Map(_) | ViewKind::Report { .. }
    )
}

/// A seat whose role sees all records of the type knows all numbers; another knows its office's.
fn reach(rt: &RecordType, view: &View, actor: &Actor) -> Reach {
    let mut offices = BTreeSet::new();
    if view.who.contains(&Who::Public) {
        return Reach::All;
    }
    for seat in &actor.seats {
        let role = Who::Desk(seat.role.clone());
        if !view.who.contains(&role) {
            continue;
        }
        if sees_all(rt, &seat.role) {
            return Reach::All;
        }
        offices.extend(seat.office.clone());
    }
    Reach::Offices(offices)
}

/// To whom numbers are told.
struct Told<'t> {
    rt: &'t RecordType,
    actor: &'t Actor,
    view: &'t View,
    reach: &'t Reach,
}

impl Told<'_> {
    /// A table as it may be told: whoever may read every record that is counted sees it as it is; from others small
    /// numbers are withheld, and sums of amounts altogether, since of how few they are made is not known.
    fn told(&self, sheet: Sheet) -> Sheet {
        let withheld = |name: &str| {
            let measure = self.rt.measures.get(name)?;
            let least = measure.small.unwrap_or(crate::small::SMALL);
            let tells = least == 0 || self.reads_all(measure);
            (!tells).then_some((least, measure.sum.is_some()))
        };
        let names: BTreeSet<String> = sheet.measures.iter().cloned().collect();
        names
            .iter()
            .fold(sheet, |sheet, name| match withheld(name) {
                Some(least) => sheet.without_small(name, least),
                None => sheet,
            })
    }

    /// Whether every seat from which the numbers are told may read every record of those that a measure counts.
    fn reads_all(&self, measure: &Measure) -> bool {
        let counted_closed = self.rt.closed.as_ref().filter(|rule| rule.counted);
        let reads = |seat: &Seat| {
            let in_circle = |rule: &Closed| rule.circle.contains(&seat.role);
            let within = |rule: &&SeeRule| {
                let wide = match self.reach {
                    Reach::All => rule.scope == ScopeKind::All,
                    Reach::Offices(_) => {
                        matches!(rule.scope, ScopeKind::All | ScopeKind::Office)
                            && rule.of.is_none()
                    }
                };
                rule.who == Who::Desk(seat.role.clone()) && wide
            };
            let rules: Vec<&SeeRule> = self.rt.see.iter().filter(within).collect();
            let sees = |state: &String| {
                let in_state = |rule: &&SeeRule| {
                    let states = rule.states.as_ref();
                    states.is_none_or(|states| states.contains(state))
                };
                rules.iter().any(in_state)
            };
            let mut states = self.rt.states.keys();
            states.all(|state| sees(state) || !kernel::measure::counts_in(measure, state))
                && counted_closed.is_none_or(in_circle)
        };
        let public = self.view.who.contains(&Who::Public);
        let told = |seat: &&Seat| self.view.who.contains(&Who::Desk(seat.role.clone()));
        let mut seats = self.actor.seats.iter().filter(told).peekable();
        let any = seats.peek().is_some();
        match self.reach {
            // One seat that sees everything is enough.
            Reach::All => any && seats.any(reads),
            Reach::Offices(_) => !public && any && seats.all(reads),
        }
    }
}

impl Sheet {
    /// Without the small numbers of a measure, and what would tell them.
    fn without_small(mut self, measure: &str, (least, is_sum): (u64, bool)) -> Self {
        let named = self.measures.iter().enumerate();
        let columns: Vec<usize> = named
            .filter(|(_, name)| *name == measure)
            .map(|(at, _)| at)
            .collect();
        let count = |number: Option<&Option<Decimal>>| {
            let number = number.copied().flatten().unwrap_or_default();
            number.abs().ceil().to_u64().unwrap_or(u64::MAX)
        };
        let rows: Vec<Vec<u64>> = self
            .rows
            .iter()
            .map(|row| {
                columns
                    .iter()
                    .map(|at| count(row.numbers.get(*at)))
                    .collect()
            })
            .collect();
        let mut hidden = crate::small::withheld(&crate::small::Counts {
            rows: &rows,
            // A picture of the same measure without its series tells the sums of rows.
            sums_rows: columns.len() > 1,
            least,
        });
        if is_sum {
            let cells = (0..rows.len()).flat_map(|row| (0..columns.len()).map(move |at| (row, at)));
            hidden.cells = cells.collect();
            hidden.sums = (0..columns.len()).collect();
        }
        for (row, at) in hidden.cells {
            let row = self.rows.get_mut(row);
            let number = columns.get(at).and_then(|at| row?.numbers.get_mut(*at));
            number.into_iter().for_each(|number| *number = None);
        }
        for at in hidden.sums {
            let sum = columns.get(at).and_then(|at| self.totals.get_mut(*at));
            sum.into_iter().for_each(|sum| *sum = None);
        }
        self
    }
}

/// Where the office stands among the dimensions of a measure.
pub(crate) fn office(measure: &Measure) -> Option<usize> {
    let office = |one: &Dimension| one.value.source().trim() == "office";
    measure.by.iter().position(office)
}

/// Keeps the cells of one period; none where there is no period.
fn only_in(cells: &mut [Cells<'_>], dimension: &str, span: Option<Span>) {
    let months = span.map(|span| span.months()).unwrap_or_default();
    for (measure, cells) in cells {
        let at = place(measure, dimension);
        cells.retain(|(key, _)| {
            at.and_then(|at| key.get(at))
                .is_some_and(|one| months.contains(one))
        });
    }
}

/// The offices that have numbers.
fn offices_of(cells: &[Cells<'_>]) -> BTreeSet<String> {
    let of = |(measure, cells): &Cells<'_>| {
        let at = office(measure);
        let offices = cells
            .iter()
            .filter_map(move |(key, _)| key.get(at?).cloned());
        offices.collect::<BTreeSet<String>>()
    };
    let all = cells.iter().flat_map(of);
    all.filter(|office| !office.is_empty()).collect()
}

fn months_of(cells: &[Cells<'_>], dimension: &str) -> BTreeSet<String> {
    let values = cells
        .iter()
        .flat_map(|(measure, cells)| values_of(measure, dimension, cells));
    values.filter(|value| !value.is_empty()).collect()
}

/// The periods of each kind in which there are numbers, newest first.
fn named(periods: &[Period], months: &BTreeSet<String>) -> Vec<String> {
    let days = || {
        months
            .iter()
            .filter_map(|month| Some(Span::read(month)?.first))
    };
    let of = |kind: &Period| {
        let mut all: Vec<Span> = days().map(|day| Span::around(*kind, day)).collect();
        all.dedup();
        all.into_iter().rev().map(|span| span.name())
    };
    periods.iter().flat_map(of).collect()
}

/// The periods of a report that can be closed: closed ones stay, and the last one is there even without a number.
fn with_closed(names: &[String], book: &Book, periods: &[Period], today: Date) -> Vec<String> {
    let spans = names.iter().chain(&book.months);
    let mut all: Vec<Span> = spans.filter_map(|name| Span::read(name)).collect();
    for kind in periods {
        let now = Span::around(*kind, today);
        let last = now.first.yesterday();
        all.extend(last.map(|day| Span::around(*kind, day)));
    }
    all.retain(|span| periods.contains(&span.kind));
    all.sort_by_key(|span| (span.kind, std::cmp::Reverse(span.first)));
    all.dedup();
    all.iter().map(Span::name).collect()
}

/// The office that is meant where each closes its own figures: the one picked, or the only one of the reader's seats.
/// Another's than the reader's is not there for them.
pub(crate) fn office_meant(
    rt: &RecordType,
    view: &View,
    actor: &Actor,
    picked: Option<&str>,
) -> Result<Option<String>, Failure> {
    if !view.close.as_ref().is_some_and(|close| close.per_office) {
        return Ok(None);
    }
    match (picked, reach(rt, view, actor)) {
        (Some(office), Reach::All) => Ok(Some(office.to_owned())),
        (None, Reach::All) => Ok(None),
        (Some(office), Reach::Offices(own)) if own.contains(office) => Ok(Some(office.to_owned())),
        (Some(_), Reach::Offices(_)) => Err(Failure::not_found()),
        (None, Reach::Offices(own)) => Ok(own.into_iter().next()),
    }
}

/// Whether a role sees all records of a type.
pub(crate) fn sees_all(rt: &RecordType, role: &str) -> bool {
    rt.see.iter().any(|rule| {
        matches!(&rule.who, Who::Desk(name) if name == role)
            && rule.scope == ScopeKind::All
            && rule.states.is_none()
    })
}

/// Where a dimension stands in the keys of a measure.
pub(crate) fn place(measure: &Measure, dimension: &str) -> Option<usize> {
    measure.by.iter().position(|one| one.title == dimension)
}

fn values_of<'c>(
    measure: &Measure,
    dimension: &str,
    cells: &'c [(Vec<String>, Decimal)],
) -> impl Iterator<Item = String> + use<'c> {
    let at = place(measure, dimension);
    cells
        .iter()
        .filter_map(move |(key, _)| key.get(at?).cloned())
}

/// A measure with the cells of it that a reader may know.
pub(crate) type Cells<'m> = (&'m Measure, Vec<(Vec<String>, Decimal)>);
