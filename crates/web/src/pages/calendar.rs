//! A calendar of a month: a grid of weeks at a desk, a list of days on a phone.

use super::error::PageError;
use super::layout::{Chrome, ok};
use super::naming;
use super::visitor::Visitor;
use askama::Template;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

struct Entry {
    href: String,
    title: String,
    state: String,
    cells: Vec<String>,
}

struct Day {
    number: i8,
    name: &'static str,
    /// Whether it lies in the month.
    within: bool,
    today: bool,
    closed: bool,
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "month.html")]
struct Page {
    c: Chrome,
    title: String,
    service: String,
    month: String,
    weeks: Vec<Vec<Day>>,
    before: String,
    after: String,
    here: String,
    empty: bool,
    more: bool,
}

pub(super) async fn page(
    visitor: &Visitor,
    slug: &str,
    kind: &str,
    view: &str,
    month: Option<&str>,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let today = engine.today();
    let first = match month {
        None => today.first_of_month(),
        Some(text) => format!("{text}-01")
            .parse::<Date>()
            .map_err(|_| PageError::not_found())?,
    };
    let actor = &visitor.signed.actor;
    let found = engine.month(actor, slug, kind, view, first).await?;
    let here = naming::view(slug, kind, view);
    let link = |day: Date| format!("{here}?month={}", day.strftime("%Y-%m"));
    let step = |months: i32| {
        first
            .checked_add(months.months())
            .map(link)
            .unwrap_or_default()
    };
    let empty = found.rows.is_empty();
    let calendar = &engine.catalogue().calendar;
    let closed = |day: Date| !calendar.is_business_day(day);
    Ok(ok(&Page {
        c: visitor.chrome(found.view.title.clone()),
        title: found.view.title.clone(),
        service: visitor.service(slug)?.title.clone(),
        month: format!("{}（{}年）", super::show::month(first), first.year()),
        before: step(-1),
        after: step(1),
        more: found.more,
        weeks: weeks(first, today, found.rows, &closed),
        here,
        empty,
    }))
}

type Row = (Date, (engine::RecordView, Vec<String>));

/// Whole weeks from Monday that hold the month.
fn weeks(first: Date, today: Date, rows: Vec<Row>, closed: &dyn Fn(Date) -> bool) -> Vec<Vec<Day>> {
    let mut rows = rows;
    let lead = i64::from(first.weekday().since(Weekday::Monday));
    let mut day = first.checked_sub(lead.days()).unwrap_or(first);
    let last = first.last_of_month();
    let mut weeks = Vec::new();
    while day <= last {
        let mut week = Vec::with_capacity(7);
        for _ in 0..7 {
            let (here, rest): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.0 == day);
            rows = rest;
            week.push(Day {
                number: day.day(),
                name: weekday(day.weekday()),
                within: day.month() == first.month(),
                today: day == today,
                closed: closed(day),
                entries: here.into_iter().map(entry).collect(),
            });
            day = match day.tomorrow() {
                Ok(next) => next,
                Err(_) => return weeks,
            };
        }
        weeks.push(week);
    }
    weeks
}

fn entry((_, (record, cells)): Row) -> Entry {
    let title = naming::called(&record);
    Entry {
        href: naming::page(&record),
        state: record.state_title.clone(),
        cells: cells
            .into_iter()
            .filter(|cell| !cell.is_empty() && !title.contains(cell.as_str()))
            .collect(),
        title,
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_is_whole_weeks_from_monday() {
        for month in 1..=12 {
            let first = date(2026, month, 1);
            let weeks = weeks(first, first, Vec::new(), &|_| false);
            assert!(
                weeks
                    .iter()
                    .all(|week| week.len() == 7 && week[0].name == "月")
            );
            let within = weeks.iter().flatten().filter(|day| day.within).count();
            assert_eq!(within, usize::try_from(first.days_in_month()).unwrap());
            assert!(weeks[0].iter().any(|day| day.within));
        }
    }
}
