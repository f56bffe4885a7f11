//! Views of numbers: measures by their dimensions, as far as the reader's seats reach. Nothing is counted here; the
//! numbers stand in the store, kept by the acts themselves.

use crate::closing::figures::Figures;
use crate::closing::{Book, Report};
use crate::{Engine, Failure};
use definition::model::{
    Dimension, Measure, Numbers, RecordType, ScopeKind, Service, View, ViewKind, Who,
};
use jiff::civil::Date;
use kernel::Actor;
use kernel::measure::{BETWEEN, ledger};
use rust_decimal::Decimal;
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
}

/// A row of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    /// The value of the dimension (`13202`, `2026-11`).
    pub value: String,
    /// As people read it.
    pub title: String,
    /// One for each column.
    pub numbers: Vec<Decimal>,
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
    /// Months that a report has, newest first.
    pub months: Vec<String>,
    /// The month shown.
    pub month: Option<String>,
    /// Whether and how the month is closed, where the report can be; its numbers are then those as closed.
    pub book: Option<Book>,
}

/// What the reader's seats reach.
pub(crate) enum Reach {
    /// Everything.
    All,
    /// These offices.
    Offices(BTreeSet<String>),
}

impl Sheet {
    /// The sum of each column.
    #[must_use]
    pub fn totals(&self) -> Vec<Decimal> {
        (0..self.columns.len())
            .map(|at| self.rows.iter().filter_map(|row| row.numbers.get(at)).sum())
            .collect()
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
        month: Option<&str>,
    ) -> Result<NumbersView, Failure> {
        let service = self.service(service)?;
        let rt = crate::registry::record_type(&service, record_type)?;
        let view = rt
            .views
            .get(view)
            .filter(|view| crate::desk::has_view(view, actor))
            .ok_or_else(Failure::not_found)?;
        let mut whole = self.numbers_of(actor, &service, &rt, view, month).await?;
        if let ViewKind::Dashboard(parts) = &view.kind {
            let parts = parts.iter().filter_map(|name| rt.views.get(name));
            let known = |part: &&View| crate::desk::has_view(part, actor);
            for part in parts.filter(known).filter(|part| numeric(part)) {
                let part = self.numbers_of(actor, &service, &rt, part, None).await?;
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
        month: Option<&str>,
    ) -> Result<NumbersView, Failure> {
        let mut shown = NumbersView {
            service: Arc::clone(service),
            record_type: Arc::clone(rt),
            view: view.clone(),
            sheet: None,
            parts: Vec::new(),
            months: Vec::new(),
            month: None,
            book: None,
        };
        let (numbers, by_month) = match &view.kind {
            ViewKind::Chart(numbers, _) | ViewKind::Map(numbers) => (numbers, None),
            ViewKind::Report { numbers, month } => (numbers, Some(month.as_str())),
            _ => return Ok(shown),
        };
        let reach = reach(rt, view, actor);
        let mut cells = self.all_cells(service, rt, numbers, &reach).await?;
        if let Some(dimension) = by_month {
            let all: BTreeSet<String> = cells
                .iter()
                .flat_map(|(measure, cells)| values_of(measure, dimension, cells))
                .filter(|value| !value.is_empty())
                .collect();
            shown.months = all.into_iter().rev().collect();
            shown.month = month
                .map(str::to_owned)
                .or_else(|| shown.months.first().cloned());
            let month = shown.month.clone().unwrap_or_default();
            only_month(&mut cells, dimension, &month);
        }
        let figures = Figures::of((service, rt), numbers, &cells, self.today());
        let mut sheet = figures.sheet();
        if let (Some(close), Some(month)) = (&view.close, &shown.month) {
            let report = Report {
                service,
                rt,
                view,
                close,
            };
            let (book, closed) = self.book(&report, actor, month, (&figures, &reach)).await?;
            shown.months = with_closed(std::mem::take(&mut shown.months), &book, self.today());
            shown.book = Some(book);
            sheet = closed.unwrap_or(sheet);
        }
        shown.sheet = Some(sheet);
        Ok(shown)
    }

    /// The figures of one month as they are now, over all offices.
    pub(crate) async fn figures_now(
        &self,
        report: &Report<'_>,
        month: &str,
    ) -> Result<Figures, Failure> {
        let ViewKind::Report {
            numbers,
            month: dimension,
        } = &report.view.kind
        else {
            return Err(Failure::not_found());
        };
        let (service, rt) = (report.service, report.rt);
        let mut cells = self.all_cells(service, rt, numbers, &Reach::All).await?;
        only_month(&mut cells, dimension, month);
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
        let office = office(measure);
        let known = |key: &[String]| match reach {
            Reach::All => true,
            Reach::Offices(offices) => office
                .and_then(|at| key.get(at))
                .is_some_and(|office| offices.contains(office)),
        };
        Ok(all
            .into_iter()
            .filter(|(_, number)| !number.is_zero())
            .map(|(key, number)| {
                let key: Vec<String> = key.split(BETWEEN).map(str::to_owned).collect();
                (key, number)
            })
            .filter(|(key, _)| known(key))
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
        let all = |rule: &&definition::model::SeeRule| {
            rule.who == role && rule.scope == ScopeKind::All && rule.states.is_none()
        };
        if rt.see.iter().any(|rule| all(&rule)) {
            return Reach::All;
        }
        offices.extend(seat.office.clone());
    }
    Reach::Offices(offices)
}

/// Where the office stands among the dimensions of a measure.
pub(crate) fn office(measure: &Measure) -> Option<usize> {
    let office = |one: &Dimension| one.value.source().trim() == "office";
    measure.by.iter().position(office)
}

/// Keeps the cells of one month.
fn only_month(cells: &mut [Cells<'_>], dimension: &str, month: &str) {
    for (measure, cells) in cells {
        let at = place(measure, dimension);
        cells.retain(|(key, _)| {
            at.and_then(|at| key.get(at))
                .is_some_and(|one| one == month)
        });
    }
}

/// The months of a report that can be closed: closed ones stay, and the last one is there even without a number.
fn with_closed(months: Vec<String>, book: &Book, today: Date) -> Vec<String> {
    let mut all: BTreeSet<String> = months.into_iter().collect();
    all.extend(book.months.iter().cloned());
    let last = today.first_of_month().yesterday();
    all.extend(last.map(|day| day.strftime("%Y-%m").to_string()));
    all.into_iter().rev().collect()
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
