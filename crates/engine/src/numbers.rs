//! Views of numbers: measures by their dimensions, as far as the reader's seats reach. Nothing is counted here; the
//! numbers stand in the store, kept by the acts themselves.

use crate::{Engine, Failure};
use definition::model::{
    Dimension, Measure, Numbers, RecordType, ScopeKind, Service, View, ViewKind, Who,
};
use jiff::civil::Date;
use kernel::Actor;
use kernel::measure::{BETWEEN, dimension_title, ledger};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
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
}

/// What the reader's seats reach: all, or these offices.
enum Reach {
    All,
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
        };
        let (numbers, by_month) = match &view.kind {
            ViewKind::Chart(numbers, _) | ViewKind::Map(numbers) => (numbers, None),
            ViewKind::Report { numbers, month } => (numbers, Some(month.as_str())),
            _ => return Ok(shown),
        };
        let reach = reach(rt, view, actor);
        let mut cells = Vec::new();
        for measure in numbers
            .measures
            .iter()
            .filter_map(|name| rt.measures.get(name))
        {
            cells.push((measure, self.cells(service, rt, measure, &reach).await?));
        }
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
            for (measure, cells) in &mut cells {
                let at = place(measure, dimension);
                cells.retain(|(key, _)| at.and_then(|at| key.get(at)) == shown.month.as_ref());
            }
        }
        shown.sheet = Some(sheet(service, rt, numbers, &cells, self.today()));
        Ok(shown)
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
        let office = measure
            .by
            .iter()
            .position(|dimension| dimension.value.source().trim() == "office");
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

fn place(measure: &Measure, dimension: &str) -> Option<usize> {
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

type Cells<'m> = (&'m Measure, Vec<(Vec<String>, Decimal)>);

/// Rows of one dimension; columns of another, or the measures themselves.
fn sheet(
    service: &Service,
    rt: &RecordType,
    numbers: &Numbers,
    cells: &[Cells<'_>],
    day: Date,
) -> Sheet {
    let mut sums: BTreeMap<String, BTreeMap<(usize, String), Decimal>> = BTreeMap::new();
    let mut series: BTreeSet<(usize, String)> = BTreeSet::new();
    for (number, (measure, cells)) in cells.iter().enumerate() {
        let across = place(measure, &numbers.across);
        let split = numbers.split.as_ref().and_then(|name| place(measure, name));
        for (key, amount) in cells {
            let Some(row) = across.and_then(|at| key.get(at)) else {
                continue;
            };
            let column = split
                .and_then(|at| key.get(at))
                .cloned()
                .unwrap_or_default();
            series.insert((number, column.clone()));
            *sums
                .entry(row.clone())
                .or_default()
                .entry((number, column))
                .or_default() += *amount;
        }
        if split.is_none() {
            series.insert((number, String::new()));
        }
    }
    let title = |measure: &Measure, dimension: Option<&String>, value: &str| {
        let found = dimension.and_then(|name| measure.by.iter().find(|one| one.title == *name));
        found.map_or_else(
            || value.to_owned(),
            |one: &Dimension| dimension_title(service, rt, one, value, day),
        )
    };
    let columns = series.iter().map(|(number, column)| {
        let measure = cells.get(*number).map(|(measure, _)| *measure);
        measure.map_or_else(Default::default, |measure| {
            let heading = match (&numbers.split, numbers.measures.len()) {
                (Some(_), 1) => title(measure, numbers.split.as_ref(), column),
                (Some(_), _) => format!(
                    "{}：{}",
                    measure.title,
                    title(measure, numbers.split.as_ref(), column)
                ),
                (None, _) => measure.title.clone(),
            };
            (heading, measure.unit.clone())
        })
    });
    let first = cells.first().map(|(measure, _)| *measure);
    let rows = sums.into_iter().map(|(value, found)| SheetRow {
        title: first.map_or_else(
            || value.clone(),
            |measure| title(measure, Some(&numbers.across), &value),
        ),
        numbers: series
            .iter()
            .map(|column| found.get(column).copied().unwrap_or_default())
            .collect(),
        value,
    });
    Sheet {
        across: numbers.across.clone(),
        columns: columns.collect(),
        rows: rows.collect(),
    }
}
