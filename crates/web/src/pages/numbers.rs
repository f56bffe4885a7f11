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
use definition::model::ViewKind;
use engine::{NumbersView, Sheet, SheetRow};
use rust_decimal::Decimal;
use serde::Deserialize;
use sheet::{Cell, Encoding, Format, Writer};

/// Columns of numbers that have room beside a picture.
const MOST_BESIDE: usize = 3;

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
    months: Vec<(String, String, bool)>,
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
}

pub(super) async fn page(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
    view: &str,
    month: Option<&str>,
) -> Result<Response, PageError> {
    shown(visitor, (slug, kind, view), month, Tried::default()).await
}

/// The page; `tried` is what was asked of the month and refused.
pub(super) async fn shown(
    visitor: &Visitor,
    (slug, kind, view): (&str, &str, &str),
    month: Option<&str>,
    tried: Tried,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let actor = &visitor.signed.actor;
    let found = engine.numbers(actor, slug, kind, view, month).await?;
    let status = tried.status();
    let today = engine.today();
    let dashboard = matches!(found.view.kind, ViewKind::Dashboard(_));
    let parts = if dashboard {
        found.parts.iter().map(|one| part(one).in_short()).collect()
    } else {
        vec![part(&found)]
    };
    let closed = |month: &String| {
        let book = found.book.as_ref();
        book.map(|book| book.months.contains(month))
    };
    let months = found.months.iter().map(|month| {
        let title = match closed(month) {
            Some(true) => format!("{}（締め済み）", month_title(month)),
            Some(false) => format!("{}（未締め）", month_title(month)),
            None => month_title(month),
        };
        (month.clone(), title, Some(month) == found.month.as_ref())
    });
    let now = today.strftime("%Y-%m").to_string();
    let book = Book::of(&found, tried);
    let month = found.month.as_ref().filter(|_| book.is_none());
    let closing = month.map(|month| {
        let title = month_title(month);
        if *month >= now {
            format!("{title}は、まだ締まっていません。きょうまでの数です。")
        } else {
            let last = format!("{month}-01").parse::<jiff::civil::Date>();
            let day = last.map(|first| super::show::date(first.last_of_month()));
            format!(
                "{title}は、{}に締まりました。そのあとの訂正も入っています。",
                day.unwrap_or_default()
            )
        }
    });
    let page = Page {
        c: visitor.chrome(found.view.title.clone()),
        title: found.view.title.clone(),
        service: found.service.title.clone(),
        parts,
        months: months.collect(),
        closing,
        book,
        dashboard,
        day: super::show::date(today),
    };
    Ok(layout::page(status, &page))
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
    let line = |numbers: &[Decimal]| numbers.iter().map(number).collect::<Vec<_>>();
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
        totals: line(&sheet.totals()),
        left_out: 0,
        empty: sheet.rows.is_empty(),
    }
}

/// The rows of a sheet by their sum, the largest first; equal ones as they stand.
pub(super) fn largest_first(sheet: &Sheet) -> Vec<&SheetRow> {
    let mut rows: Vec<&SheetRow> = sheet.rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.numbers.iter().sum::<Decimal>()));
    rows
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

#[derive(Deserialize)]
pub(super) struct File {
    #[serde(rename = "as")]
    format: String,
    month: Option<String>,
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
    let month = asked.month.as_deref();
    let mut found = engine
        .numbers(&visitor.signed.actor, &slug, &kind, &view, month)
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
    let suffix = format!("{suffix}{}", if corrected { "-訂正後" } else { "" });
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
            cells.extend(row.numbers.iter().map(|n| Cell::Number(n.normalize())));
            writer.row(&cells)?;
        }
        let mut cells = vec![Cell::from("合計")];
        cells.extend(sheet.totals().iter().map(|n| Cell::Number(n.normalize())));
        writer.row(&cells)?;
    }
    Ok(writer.finish()?.0)
}
