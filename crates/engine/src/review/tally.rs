//! The sums: how many answered 4 or 5 of 5, by channel, month and office. They stand in the ledger as answers come;
//! nothing is counted anew.

use super::LEDGER;
use crate::{Engine, Failure};
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// The questions, by the plan's three aims for every procedure: 「より早く」「よりシンプルに」「より使いやすく」.
pub const QUESTIONS: [(&str, &str); 3] = [
    ("speed", "早さ：思ったより早くすみましたか"),
    ("simple", "かんたんさ：迷わずにできましたか"),
    ("usable", "使いやすさ：使いやすかったですか"),
];
/// Fewer answers than this are not told to the public.
const SMALL: u64 = crate::small::SMALL;
/// Cells of one service that are read: ten years of a hundred offices by far.
const CELLS: usize = 200_000;

/// How many answered, and how many of their marks are 4 or 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Answers.
    pub answers: u64,
    /// Marks given: three an answer, or one where it is about one question.
    pub marks: u64,
    /// Those that are 4 or 5.
    pub good: u64,
}

impl Share {
    /// In tenths of a percent, rounded half up; none without marks.
    #[must_use]
    pub fn permille(&self) -> Option<u64> {
        (self.marks > 0).then(|| (self.good * 2_000 + self.marks) / (self.marks * 2))
    }
}

/// One line of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Month, office, channel or question.
    pub name: String,
    /// None where it is not told.
    pub share: Option<Share>,
}

/// The sums of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// All of it; none where it is not told.
    pub total: Option<Share>,
    /// By question.
    pub questions: Vec<Row>,
    /// By channel.
    pub channels: Vec<Row>,
    /// By month, newest first.
    pub months: Vec<Row>,
    /// By office.
    pub offices: Vec<Row>,
}

/// One balance of the ledger.
struct Cell {
    month: String,
    office: String,
    channel: String,
    question: String,
    score: u8,
    count: u64,
}

impl Engine {
    /// The sums of a service; for the public, small ones are left out, and so are those from which a small one could
    /// be told.
    ///
    /// # Errors
    /// If the store is not available.
    pub async fn review_results(&self, service: &str, public: bool) -> Result<Results, Failure> {
        let prefix = format!("{service}/");
        let balances = self.store.balances(LEDGER, &prefix, CELLS).await?;
        let cells: Vec<Cell> = balances
            .iter()
            .filter_map(|(key, count)| cell(key.strip_prefix(&prefix)?, count.to_u64()?))
            .collect();
        let mut results = sums(&cells);
        if public {
            results = told(results);
        }
        Ok(results)
    }
}

fn cell(key: &str, count: u64) -> Option<Cell> {
    let (month, rest) = key.split_once('/')?;
    // An office's name stands between, and may hold what it likes.
    let mut parts = rest.rsplitn(4, '/');
    let (score, question, channel) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Cell {
        month: month.to_owned(),
        office: parts.next()?.to_owned(),
        channel: channel.to_owned(),
        question: question.to_owned(),
        score: score.parse().ok()?,
        count,
    })
}

fn add(share: &mut Share, cell: &Cell) {
    share.marks += cell.count;
    if cell.question == QUESTIONS[0].0 {
        share.answers += cell.count;
    }
    if cell.score >= 4 {
        share.good += cell.count;
    }
}

fn by(cells: &[Cell], name: impl Fn(&Cell) -> &str) -> Vec<Row> {
    let mut found: BTreeMap<&str, Share> = BTreeMap::new();
    for cell in cells {
        add(found.entry(name(cell)).or_default(), cell);
    }
    let row = |(name, share): (&str, Share)| Row {
        name: name.to_owned(),
        share: Some(share),
    };
    found.into_iter().map(row).collect()
}

fn sums(cells: &[Cell]) -> Results {
    let mut total = Share::default();
    for cell in cells {
        add(&mut total, cell);
    }
    let of = |question: &str| {
        let mut share = Share::default();
        for cell in cells.iter().filter(|cell| cell.question == question) {
            add(&mut share, cell);
        }
        Row {
            name: question.to_owned(),
            share: Some(Share {
                answers: total.answers,
                ..share
            }),
        }
    };
    let mut months = by(cells, |cell| &cell.month);
    months.reverse();
    Results {
        total: Some(total),
        questions: QUESTIONS.iter().map(|(name, _)| of(name)).collect(),
        channels: by(cells, |cell| &cell.channel),
        months,
        offices: by(cells, |cell| &cell.office),
    }
}

fn told(results: Results) -> Results {
    if results.total.is_none_or(|total| total.answers < SMALL) {
        return Results::default();
    }
    let tables = [results.channels, results.months, results.offices].map(withheld);
    let [Some(channels), Some(months), Some(offices)] = tables else {
        return Results::default();
    };
    Results {
        channels,
        months,
        offices,
        ..results
    }
}

/// Leaves out small rows, and those from which a small one could be told; none where the total alone would tell one.
fn withheld(rows: Vec<Row>) -> Option<Vec<Row>> {
    let answers: Vec<Vec<u64>> = rows
        .iter()
        .map(|row| vec![row.share.map_or(0, |share| share.answers)])
        .collect();
    let hidden = crate::small::withheld(&crate::small::Counts {
        rows: &answers,
        sums_rows: false,
        least: SMALL,
    });
    let keep = |(at, row): (usize, Row)| Row {
        share: row.share.filter(|_| !hidden.cells.contains(&(at, 0))),
        ..row
    };
    let shown = rows.into_iter().enumerate().map(keep).collect();
    hidden.sums.is_empty().then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(sizes: &[u64]) -> Vec<Row> {
        let row = |(at, answers): (usize, &u64)| Row {
            name: at.to_string(),
            share: Some(Share {
                answers: *answers,
                marks: answers * 3,
                good: *answers,
            }),
        };
        sizes.iter().enumerate().map(row).collect()
    }

    /// No subtraction gives a small number away: for many breakdowns, drawn by a count.
    #[test]
    fn what_is_left_out_cannot_be_told_from_the_rest() {
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        };
        for _ in 0..2_000 {
            let sizes: Vec<u64> = (0..1 + next() % 6).map(|_| next() % 25).collect();
            let Some(shown) = withheld(rows(&sizes)) else {
                // Nothing at all is told then; the total is small, or what makes it up is one each.
                let answered = sizes.iter().filter(|size| **size > 0).count() as u64;
                let total: u64 = sizes.iter().sum();
                assert!(total < SMALL || total == answered, "{sizes:?}");
                continue;
            };
            let hidden: Vec<u64> = sizes
                .iter()
                .zip(&shown)
                .filter(|(_, row)| row.share.is_none())
                .map(|(size, _)| *size)
                .collect();
            for (size, row) in sizes.iter().zip(&shown) {
                // Nobody is nothing to hide.
                let may = *size == 0 || *size >= SMALL;
                assert!(row.share.is_none() || may, "{sizes:?}");
            }
            let safe = hidden.is_empty() || hidden.len() > 1 && hidden.iter().sum::<u64>() >= SMALL;
            assert!(safe, "{sizes:?} leaves out {hidden:?}");
        }
    }

    #[test]
    fn a_share_is_of_marks_and_rounds_half_up() {
        let share = Share {
            answers: 3,
            marks: 9,
            good: 7,
        };
        assert_eq!(share.permille(), Some(778));
        assert_eq!(
            Share {
                answers: 1,
                marks: 2_000,
                good: 1
            }
            .permille(),
            Some(1)
        );
        assert_eq!(Share::default().permille(), None);
    }

    #[test]
    fn keys_are_read_back_whatever_an_office_is_called() {
        let read = cell("2026-11/東京都/立川/online/speed/5", 2).unwrap();
        assert_eq!(
            (read.month.as_str(), read.office.as_str()),
            ("2026-11", "東京都/立川")
        );
        assert_eq!(
            (read.channel.as_str(), read.question.as_str(), read.score),
            ("online", "speed", 5)
        );
        assert!(cell("2026-11/x/5", 1).is_none());
    }
}
