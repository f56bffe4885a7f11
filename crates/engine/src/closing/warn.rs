//! What speaks against closing a period: work that the platform has not done yet, money that does not agree, months of it
//! that are not closed.

use super::{MONTH, Report, Span, text};
use crate::{Engine, Failure};
use definition::model::{Period, Service, ViewKind};
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::Snapshot;
use kernel::port::OutboxRow;
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
        let days = self.days_apart(report.service, span).await?;
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
            warnings.push(format!(
                "代行会社の明細と収納が合わない日があります（{}{more}）。突合の差異を確かめてください。",
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

    /// Days of the period on which money does not agree, for a service that takes money.
    async fn days_apart(&self, service: &Service, span: Span) -> Result<Vec<Date>, Failure> {
        let takes = service.types.values().any(|rt| rt.gateway.is_some());
        let Some(keeper) = self.keeper(|g| g.day.as_ref()).filter(|_| takes) else {
            return Ok(Vec::new());
        };
        let service = self.service(&keeper.service)?;
        let bound = |op: Op, day: Date| Predicate::Compare {
            field: vec!["settled_on".into()],
            op,
            value: Value::Date(day),
        };
        let wanted = Predicate::And(vec![bound(Op::Ge, span.first), bound(Op::Le, span.last)]);
        let page = self
            .platform_page(&service, &keeper.rt, wanted, MOST_DAYS)
            .await?;
        let field = |name: &str| keeper.rt.fields.get(name).map(|field| field.id.as_str());
        let apart = page.iter().filter(|one| {
            let value = |name: &str| one.fields.get(field(name)?);
            let sum = value("difference").and_then(|n| n.as_i64()).unwrap_or(0);
            let listed = value("differences").and_then(|all| all.as_array());
            sum != 0 || listed.is_some_and(|all| !all.is_empty())
        });
        let day = |one: &Snapshot| {
            let day = one.fields.get(field("settled_on")?)?.as_str()?;
            day.parse::<Date>().ok()
        };
        let mut days: Vec<Date> = apart.filter_map(day).collect();
        days.sort_unstable();
        Ok(days)
    }
}
