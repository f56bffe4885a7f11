//! What speaks against closing a month: work that the platform has not done yet, and money that does not agree.

use super::Report;
use crate::{Engine, Failure};
use definition::model::Service;
use feel::{Op, Predicate, Value};
use jiff::civil::Date;
use kernel::port::OutboxRow;

/// Stuck effects that are looked at.
const MOST_STUCK: usize = 200;
/// Days of a month, for each gateway.
const MOST_DAYS: usize = 31 * 8;

impl Engine {
    /// Sentences for whoever closes the month. Costs what stands in the outbox and the days of the month.
    pub(crate) async fn warnings(
        &self,
        report: &Report<'_>,
        month: &str,
    ) -> Result<Vec<String>, Failure> {
        let mut warnings = Vec::new();
        let stuck = self.store.stuck(MOST_STUCK).await?;
        let own = |row: &&OutboxRow| row.entry.order.about().0 == report.service.slug;
        let stuck = stuck.iter().filter(own).count();
        if stuck > 0 {
            warnings.push(format!(
                "送れていない知らせや納付などの処理が{stuck}件あります。管理者に「止まっている処理」を確かめてもらってください。"
            ));
        }
        let days = self.days_apart(report.service, month).await?;
        if !days.is_empty() {
            warnings.push(format!(
                "代行会社の明細と収納が合わない日があります（{}）。突合の差異を確かめてください。",
                days.join("、")
            ));
        }
        Ok(warnings)
    }

    /// Days of the month on which money does not agree, for a service that takes money.
    async fn days_apart(&self, service: &Service, month: &str) -> Result<Vec<String>, Failure> {
        let Ok(first) = format!("{month}-01").parse::<Date>() else {
            return Ok(Vec::new());
        };
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
        let wanted = Predicate::And(vec![
            bound(Op::Ge, first),
            bound(Op::Le, first.last_of_month()),
        ]);
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
        let day = |one: &kernel::Snapshot| {
            let day: Date = one
                .fields
                .get(field("settled_on")?)?
                .as_str()?
                .parse()
                .ok()?;
            Some(format!("{}日", day.day()))
        };
        Ok(apart.filter_map(day).collect())
    }
}
