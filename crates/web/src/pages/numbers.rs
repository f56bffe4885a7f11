//! Numbers: a chart or a map with its table beside it, a report of a month, several on one page; and as files.

use super::chart::{Chart, MOST_PLACES, chart, lies};
use super::error::PageError;
use super::layout::{self, Chrome};
use super::months::{Book, Tried};
use super::tiles::{Tile, tiles};
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use definition::model::{Period, ViewKind};
use engine::{NumbersView, Sheet, SheetRow};
use rust_decimal::Decimal;
use serde::Deserialize;
use sheet::{Cell, Encoding, Format, Writer};

/// What stands for a number that is withheld (秘匿), as in tables of e-Stat.
const WITHHELD: &str = "X";
/// Columns of numbers that have room beside a picture.
const MOST_BESIDE: usize = 3;

/// Periods of one kind: value, title, whether it is the one shown.
struct Periods {
    title: &'static str,
    all: Vec<(String, String, bool)>,
}

/// What is picked of a report.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Picked {
    pub(super) month: Option<String>,
    pub(super) office: Option<String>,
}

impl Picked {
    fn pick(&self) -> engine::Pick<'_> {
        let said = |text: &'_ Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        engine::Pick {
            month: self.month.as_deref().filter(|_| said(&self.month)),
            office: self.office.as_deref().filter(|_| said(&self.office)),
        }
    }

    /// As the query of an address.
    pub(super) fn query(&self) -> String {
        let pick = self.pick();
        let parts = [("month", pick.month), ("office", pick.office)];
        let parts = parts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", crate::percent::value(value?))));
        parts.collect::<Vec<_>>().join("&")
    }
}

/// One view of numbers on a page.
struct Part {
    title: String,
    href: String,
    chart: Option<Chart>,
    tiles: Vec<Tile>,
    legend: Vec<(String, usize)>,
    across: String,
    heads: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
    totals: Vec<String>,
    /// Whether numbers are withheld because so few would be told of (秘匿).
    withheld: bool,
    /// Rows that are left to the view's own page.
    left_out: usize,
    empty: bool,
}

impl Part {
    /// As one of several on a page: of a long chart's table, the rows that the picture shows.
    fn in_short(mut self) -> Self {
        let Some(chart) = &self.chart else {
            return self;
        };
        self.left_out = self.rows.len().saturating_sub(MOST_PLACES);
        if chart.lying.is_empty() {
            self.rows.drain(..self.left_out);
        } else {
            self.rows.truncate(MOST_PLACES);
        }
        self
    }

    /// Whether the bars lie, and so the table is in their order.
    fn lying(&self) -> bool {
        self.chart
            .as_ref()
            .is_some_and(|chart| !chart.lying.is_empty())
    }

    /// Whether the table has too many columns to stand beside a picture.
    fn wide(&self) -> bool {
        self.heads.len() > MOST_BESIDE
    }
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct Page {
    c: Chrome,
    title: String,
    service: String,
    parts: Vec<Part>,
    /// Periods to choose from, by kind.
    periods: Vec<Periods>,
    /// Offices to choose from, where each closes its own figures; the first stands for all of them.
    offices: Vec<(String, String, bool)>,
    /// What of it is shown, for the files.
    picked: String,
    /// What is said of the month shown, where it is never closed.
    closing: Option<String>,
    /// Whether and how the month is closed, where it can be.
    book: Option<Book>,
    dashboard: bool,
    day: String,
}

impl Page {
    /// Whether the numbers are those of a closed month.
    fn frozen(&self) -> bool {
        self.book.as_ref().is_some_and(|book| book.closed)
    }

    /// Whether offices that each close for themselves are shown together.
    fn together(&self) -> bool {
        self.book.as_ref().is_some_and(Book::together)
    }
}

pub(super) async fn page(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
    view: &str,
    picked: &Picked,
) -> Result<Response, PageError> {
    shown(visitor, (slug, kind, view), picked, Tried::default()).await
}

/// The page; `tried` is what was asked of the period and refused.
pub(super) async fn shown(
    visitor: &Visitor,
    (slug, kind, view): (&str, &str, &str),
    picked: &Picked,
    tried: Tried,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let actor = &visitor.signed.actor;
    let found = engine
        .numbers(actor, slug, kind, view, picked.pick())
        .await?;
    let status = tried.status();
    let today = engine.today();
    let dashboard = matches!(found.view.kind, ViewKind::Dashboard(_));
    let parts = if dashboard {
        found.parts.iter().map(|one| part(one).in_short()).collect()
    } else {
        vec![part(&found)]
    };
    let book = Book::of(&found, tried);
    let month = found.month.as_ref().filter(|_| book.is_none());
    let closing = month.map(|month| {
        let title = period_title(month);
        match engine::Span::read(month).filter(|span| span.last < today) {
            None => format!("{title}は、まだ終わっていません。きょうまでの数です。"),
            Some(span) => format!(
                "{title}は、{}に終わりました。そのあとの訂正も入っています。",
                super::show::date(span.last)
            ),
        }
    });
    let page = Page {
        c: visitor.chrome(found.view.title.clone()),
        title: found.view.title.clone(),
        service: found.service.title.clone(),
        parts,
        periods: periods(&found),
        offices: offices(&found),
        picked: Picked {
            month: found.month.clone(),
            office: found.book.as_ref().and_then(|book| book.office.clone()),
        }
        .query(),
        closing,
        book,
        dashboard,
        day: super::show::date(today),
    };
    Ok(layout::page(status, &page))
}

/// The periods of a report by kind; for those that can be closed, whether they are.
fn periods(found: &NumbersView) -> Vec<Periods> {
    let book = found.book.as_ref().filter(|book| book.offices.is_empty());
    let mut all: Vec<Periods> = Vec::new();
    for name in &found.months {
        let Some(span) = engine::Span::read(name) else {
            continue;
        };
        let heading = unit(span.kind);
        let title = match book.map(|book| book.months.contains(name)) {
            Some(true) => format!("{}（締め済み）", period_title(name)),
            Some(false) => format!("{}（未締め）", period_title(name)),
            None => period_title(name),
        };
        let one = (name.clone(), title, found.month.as_ref() == Some(name));
        match all.last_mut().filter(|last| last.title == heading) {
            Some(last) => last.all.push(one),
            None => all.push(Periods {
                title: heading,
                all: vec![one],
            }),
        }
    }
    all
}

/// The offices of a report that each closes for itself, where the reader has more than one to choose from.
fn offices(found: &NumbersView) -> Vec<(String, String, bool)> {
    let chosen = found.book.as_ref().and_then(|book| book.office.as_ref());
    if found.offices.len() < 2 {
        return Vec::new();
    }
    let all = found.offices.iter();
    let each = all.map(|one| (one.clone(), one.clone(), Some(one) == chosen));
    let whole = (String::new(), "すべての所".to_owned(), chosen.is_none());
    std::iter::once(whole).chain(each).collect()
}

fn part(found: &NumbersView) -> Part {
    let href = super::naming::view(
        &found.service.slug,
        &found.record_type.name,
        &found.view.name,
    );
    let Some(sheet) = &found.sheet else {
        return Part {
            title: found.view.title.clone(),
            href,
            chart: None,
            tiles: Vec::new(),
            legend: Vec::new(),
            across: String::new(),
            heads: Vec::new(),
            rows: Vec::new(),
            totals: Vec::new(),
            withheld: false,
            left_out: 0,
            empty: true,
        };
    };
    let (tiles, legend) = match &found.view.kind {
        ViewKind::Map(_) => tiles(&found.service, sheet),
        _ => Default::default(),
    };
    let heads = sheet
        .columns
        .iter()
        .map(|(title, unit)| format!("{title}（{unit}）"));
    let line = |numbers: &[Option<Decimal>]| numbers.iter().map(told).collect::<Vec<_>>();
    let lying = matches!(&found.view.kind, ViewKind::Chart(_, shape) if lies(sheet, *shape));
    let rows: Vec<&SheetRow> = if lying {
        largest_first(sheet)
    } else {
        sheet.rows.iter().collect()
    };
    Part {
        title: found.view.title.clone(),
        href,
        chart: match &found.view.kind {
            ViewKind::Chart(_, shape) => chart(sheet, *shape),
            _ => None,
        },
        tiles,
        legend,
        across: sheet.across.clone(),
        heads: heads.collect(),
        rows: rows
            .into_iter()
            .map(|row| (month_title(&row.title), line(&row.numbers)))
            .collect(),
        totals: line(&sheet.totals),
        withheld: sheet.withholds(),
        left_out: 0,
        empty: sheet.rows.is_empty(),
    }
}

/// The rows of a sheet by their sum, the largest first; equal ones as they stand.
pub(super) fn largest_first(sheet: &Sheet) -> Vec<&SheetRow> {
    let mut rows: Vec<&SheetRow> = sheet.rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.numbers.iter().flatten().sum::<Decimal>()));
    rows
}

/// A number, or the sign of official statistics for one that is withheld.
pub(super) fn told(n: &Option<Decimal>) -> String {
    n.as_ref().map_or_else(|| WITHHELD.to_owned(), number)
}

pub(super) fn number(n: &Decimal) -> String {
    let text = n.normalize().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), japanese::money::thousands);
    if rest.is_empty() {
        whole
    } else {
        format!("{whole}.{rest}")
    }
}

/// `2026-11` as 令和8年11月; anything else as it is.
pub(super) fn month_title(text: &str) -> String {
    let first = format!("{text}-01").parse::<jiff::civil::Date>();
    match first {
        Ok(first) if text.len() == 7 => super::show::month(first),
        _ => text.to_owned(),
    }
}

/// What a kind of period is called.
pub(super) fn unit(kind: Period) -> &'static str {
    match kind {
        Period::Month => "月",
        Period::Quarter => "四半期",
        Period::FiscalYear => "年度",
        Period::Year => "年",
    }
}

/// A period of a report as people call it: 令和8年10月, 令和8年度 第2四半期（7月〜9月）, 令和8年度, 令和8年.
pub(super) fn period_title(name: &str) -> String {
    let Some(span) = engine::Span::read(name) else {
        return name.to_owned();
    };
    let year = |day: jiff::civil::Date| {
        let text = japanese::wareki::format(day);
        text.split_once('年')
            .map_or(text.clone(), |(year, _)| year.to_owned())
    };
    // A fiscal year is called by the day it begins on.
    let fiscal = year(engine::Span::around(Period::FiscalYear, span.first).first);
    match span.kind {
        Period::Month => super::show::month(span.first),
        Period::Quarter => format!(
            "{fiscal}年度 第{}四半期（{}月〜{}月）",
            name.chars().last().unwrap_or_default(),
            span.first.month(),
            span.last.month()
        ),
        Period::FiscalYear => format!("{fiscal}年度"),
        Period::Year => format!("{}年", year(span.last)),
    }
}

#[derive(Deserialize)]
pub(super) struct File {
    #[serde(rename = "as")]
    format: String,
    month: Option<String>,
    office: Option<String>,
    /// `corrected`: of a closed month, the figures with its corrections.
    figures: Option<String>,
}

/// The table as a file.
pub(super) async fn file(
    visitor: Visitor,
    Path((slug, kind, view)): Path<(String, String, String)>,
    Query(asked): Query<File>,
) -> Result<Response, PageError> {
    visitor.official()?;
    let format = match asked.format.as_str() {
        "csv" => Format::Csv(Encoding::Utf8Bom),
        "cp932" => Format::Csv(Encoding::Cp932),
        "xlsx" => Format::Xlsx,
        _ => return Err(PageError::not_found()),
    };
    let engine = &visitor.app.engine;
    let picked = Picked {
        month: asked.month,
        office: asked.office,
    };
    let mut found = engine
        .numbers(&visitor.signed.actor, &slug, &kind, &view, picked.pick())
        .await?;
    let corrected = asked.figures.as_deref() == Some("corrected");
    if corrected {
        let closed = found.book.as_mut().and_then(|book| book.closed.as_mut());
        let sheet = closed.and_then(|closed| closed.corrected.take());
        found.sheet = Some(sheet.ok_or_else(PageError::not_found)?);
    }
    let bytes =
        written(&found, format).map_err(|error| crate::Problem::internal(error.to_string()))?;
    let suffix = found
        .month
        .as_ref()
        .map(|month| format!("-{month}"))
        .unwrap_or_default();
    let office = found.book.as_ref().and_then(|book| book.office.as_ref());
    let place = office
        .map(|office| format!("-{office}"))
        .unwrap_or_default();
    let suffix = format!("{suffix}{place}{}", if corrected { "-訂正後" } else { "" });
    let name = format!("{}{suffix}.{}", found.view.title, format.ending());
    let disposition = format!(
        "attachment; filename*=UTF-8''{}",
        crate::percent::value(&name)
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, bytes).into_response())
}

fn cell(n: &Option<Decimal>) -> Cell {
    n.map_or_else(|| Cell::from(WITHHELD), |n| Cell::Number(n.normalize()))
}

fn written(found: &NumbersView, format: Format) -> Result<Vec<u8>, sheet::WriteFault> {
    let mut writer = Writer::new(format, &found.view.title, Vec::new())?;
    if let Some(sheet) = &found.sheet {
        let mut heads = vec![Cell::from(sheet.across.as_str())];
        heads.extend(
            sheet
                .columns
                .iter()
                .map(|(title, unit)| Cell::from(format!("{title}（{unit}）"))),
        );
        writer.row(&heads)?;
        for row in &sheet.rows {
            let mut cells = vec![Cell::from(row.title.as_str())];
            cells.extend(row.numbers.iter().map(cell));
            writer.row(&cells)?;
        }
        let mut cells = vec![Cell::from("合計")];
        cells.extend(sheet.totals.iter().map(cell));
        writer.row(&cells)?;
    }
    Ok(writer.finish()?.0)
}
