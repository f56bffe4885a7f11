//! What speaks against closing a period: work that the platform has not done yet, money that does not agree, months of it
//! that are not closed.

use super::{MONTH, Report, Span, text};
use crate::{Engine, Failure};
use definition::model::{Period, ViewKind};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::Snapshot;
use kernel::port::OutboxRow;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Stuck effects that are looked at.
const MOST_STUCK: usize = 200;
/// Days of a year, for each gateway.
const MOST_DAYS: usize = 366 * 8;
/// Days that are named in a warning; more are counted.
const NAMED_DAYS: usize = 10;

impl Engine {
    /// Sentences for whoever closes the period. Costs what stands in the outbox, and the days and months of the period.
    pub(crate) async fn warnings(
        &self,
        report: &Report<'_>,
        month: &str,
    ) -> Result<Vec<String>, Failure> {
        let Some(span) = Span::read(month) else {
            return Ok(Vec::new());
        };
        let mut warnings = self.months_open(report, span).await?;
        let stuck = self.store.stuck(MOST_STUCK).await?;
        let own = |row: &&OutboxRow| row.entry.order.about().0 == report.service.slug;
        let stuck = stuck.iter().filter(own).count();
        if stuck > 0 {
            warnings.push(format!(
                "送れていない知らせや納付などの処理が{stuck}件あります。管理者に「止まっている処理」を確かめてもらってください。"
            ));
        }
        let days = self.days_apart(report, span).await?;
        if !days.is_empty() {
            let day = |day: &Date| match span.kind {
                Period::Month => format!("{}日", day.day()),
                _ => format!("{}月{}日", day.month(), day.day()),
            };
            let named: Vec<String> = days.iter().take(NAMED_DAYS).map(day).collect();
            let more = days.len().saturating_sub(NAMED_DAYS);
            let more = if more > 0 {
                format!("など、ほかに{more}日")
            } else {
                String::new()
            };
            let whose = report.office.map(|office| format!("{office}の"));
            warnings.push(format!(
                "代行会社の明細と{}収納が合わない日があります（{}{more}）。突合の差異を確かめてください。",
                whose.unwrap_or_default(),
                named.join("、")
            ));
        }
        Ok(warnings)
    }

    /// Where months are closed as well: those of a longer period that are not, and those in which something has
    /// changed that is not recorded as a correction.
    async fn months_open(&self, report: &Report<'_>, span: Span) -> Result<Vec<String>, Failure> {
        let monthly = matches!(&report.view.kind, ViewKind::Report { periods, .. } if periods.contains(&Period::Month));
        let Some((service, rt)) = self.closings(MONTH).filter(|_| monthly) else {
            return Ok(Vec::new());
        };
        if span.kind == Period::Month {
            return Ok(Vec::new());
        }
        let all = self.closings_of(&service, &rt, &report.key()).await?;
        let closed = all.into_iter().filter(|one| one.state == "closed");
        let closed: BTreeMap<String, Snapshot> = closed
            .filter_map(|one| Some((text(&rt, &one, "month")?, one)))
            .collect();
        let (mut open, mut changed) = (Vec::new(), Vec::new());
        for month in span.months() {
            let title = month.split_once('-').map_or("", |(_, month)| month);
            let title = format!("{}月", title.trim_start_matches('0'));
            let Some(record) = closed.get(&month) else {
                open.push(title);
                continue;
            };
            let kept = self.kept(record.clone(), &report.reach()).await?;
            let now = self.figures_now(report, &month).await?;
            if kept
                .figures
                .last()
                .is_some_and(|last| !last.changes(&now).is_empty())
            {
                changed.push(title);
            }
        }
        let mut told = Vec::new();
        if !open.is_empty() {
            told.push(format!(
                "まだ締めていない月があります（{}）。",
                open.join("、")
            ));
        }
        if !changed.is_empty() {
            told.push(format!(
                "締めたあとに数が変わり、まだ訂正を記録していない月があります（{}）。",
                changed.join("、")
            ));
        }
        Ok(told)
    }

    /// Days of the period on which money of the report's service, and of its office where each closes its own, does
    /// not agree.
    async fn days_apart(&self, report: &Report<'_>, span: Span) -> Result<Vec<Date>, Failure> {
        let mut types = report.service.types.values();
        let takes = types.any(|rt| rt.gateway.is_some());
        let Some(keeper) = self.keeper(|g| g.day.as_ref()).filter(|_| takes) else {
            return Ok(Vec::new());
        };
        let service = self.service(&keeper.service)?;
        let bound = |op: Op, day: Date| Predicate::compare("settled_on", op, Value::Date(day));
        let wanted = Predicate::And(vec![bound(Op::Ge, span.first), bound(Op::Le, span.last)]);
        let page = self
            .platform_page(&service, &keeper.rt, wanted, MOST_DAYS)
            .await?;
        let field = |name: &str| keeper.rt.fields.get(name).map(|field| field.id.as_str());
        let apart = page.iter().filter(|one| {
            let value = |name: &str| one.fields.get(field(name)?);
            let list = |name: &str| value(name).and_then(Json::as_array);
            match list("offices").filter(|rows| !rows.is_empty()) {
                Some(rows) => rows
                    .iter()
                    .any(|row| unequal(row) && !self.elsewhere(report, row)),
                // Compared before offices were told apart, or by a type that does not keep them.
                None => {
                    let sum = value("difference").and_then(Json::as_i64).unwrap_or(0);
                    sum != 0 || list("differences").is_some_and(|all| !all.is_empty())
                }
            }
        });
        let day = |one: &Snapshot| {
            let day = one.fields.get(field("settled_on")?)?.as_str()?;
            day.parse::<Date>().ok()
        };
        let mut days: Vec<Date> = apart.filter_map(day).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Whether money is another service's, or another office's than the one that closes. What is nobody's may be
    /// anybody's.
    fn elsewhere(&self, report: &Report<'_>, row: &Json) -> bool {
        let said = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        let (service, office) = (said("service"), said("office"));
        if service != report.service.title {
            let catalogue = self.catalogue();
            let mut others = catalogue.services.values();
            return others.any(|other| other.title == service);
        }
        report.office.is_some_and(|own| own != office)
    }
}

/// Whether a line of a day's offices has money that does not agree.
fn unequal(row: &Json) -> bool {
    let number = |name: &str| row.get(name).and_then(Json::as_i64).unwrap_or(0);
    number("unequal") != 0 || number("difference") != 0
}
