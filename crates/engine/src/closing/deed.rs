//! Closing, correcting and opening again: acts in the journal, with who, when and why.

use super::figures::Figures;
use super::{CORRECTION, MONTH, Report, SERVICE, text};
use crate::numbers::Pick;
use crate::perform::{ActRequest, IdempotencyKey, in_the_name_of};
use crate::{Engine, Failure, NumbersView};
use definition::model::{RecordType, View};
use kernel::{Actor, Fault, RecordId, Refusal, RefusalKind, Snapshot};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What is done to a period of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonthDeed {
    /// Closes it (締める); with what speaks against it read, if there is anything.
    Close {
        /// Whether the warnings were read.
        acknowledged: bool,
    },
    /// Records what has become different since (訂正).
    Correct {
        /// Why.
        reason: String,
    },
    /// Opens it again (締めを解く).
    Reopen {
        /// Why.
        reason: String,
    },
}

/// Which period of which report.
#[derive(Clone, Copy, Debug)]
pub struct MonthPlace<'a> {
    /// Slug of the service.
    pub service: &'a str,
    /// Record type.
    pub record_type: &'a str,
    /// Name of the view.
    pub view: &'a str,
    /// The period (`2026-10`, see [`Span`]).
    pub month: &'a str,
    /// The office, where each closes its own; the actor's own if left out.
    pub office: Option<&'a str>,
}

impl Engine {
    /// Closes a period of a report, corrects it or opens it again, and gives the report as it then is.
    ///
    /// # Errors
    /// 404 if there is no such report for this actor or they may not; 409 if the month is not in the state for it; a
    /// refusal that names `/month`, `/acknowledged` or `/reason`.
    pub async fn month_deed(
        &self,
        actor: &Actor,
        at: MonthPlace<'_>,
        deed: MonthDeed,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<NumbersView, Failure> {
        let service = self.service(at.service)?;
        let rt = crate::registry::record_type(&service, at.record_type)?;
        let view: &View = rt.views.get(at.view).ok_or_else(Failure::not_found)?;
        let close = view.close.as_ref().ok_or_else(Failure::not_found)?;
        let office = crate::numbers::office_meant(&rt, view, actor, at.office)?;
        let report = Report {
            service: &service,
            rt: &rt,
            view,
            close,
            office: office.as_deref(),
        };
        let may = match deed {
            MonthDeed::Reopen { .. } => report.may_reopen(actor),
            _ => report.may_close(actor),
        };
        if !may {
            return Err(Failure::not_found());
        }
        let (slug, kind) = (at.service, at.record_type);
        let pick = Pick {
            month: Some(at.month),
            office: report.office,
        };
        // What an answered request asked for is done.
        let answered = self.answered(actor, idempotency.as_ref()).await?;
        if answered.is_some() {
            return self.numbers(actor, slug, kind, at.view, pick).await;
        }
        let now = self.figures_now(&report, at.month).await?;
        let order = self.order_for(&report, actor, at.month, &now, deed).await?;
        let order = ActRequest {
            idempotency,
            ..order
        };
        self.perform(order).await.map_err(told)?;
        self.numbers(actor, slug, kind, at.view, pick).await
    }

    /// The act that a deed comes to; what stands against it as a refusal.
    async fn order_for(
        &self,
        report: &Report<'_>,
        actor: &Actor,
        month: &str,
        now: &Figures,
        deed: MonthDeed,
    ) -> Result<ActRequest, Failure> {
        let (service, rt) = self.closings(MONTH).ok_or_else(Failure::not_found)?;
        let all = self.closings_of(&service, &rt, &report.key()).await?;
        let of = |one: &&Snapshot| text(&rt, one, "month").as_deref() == Some(month);
        let rounds = all.iter().filter(of).count();
        let closed = all.iter().filter(of).find(|one| one.state == "closed");
        match deed {
            MonthDeed::Close { acknowledged } => {
                let warned = self
                    .closable(report, month, closed.is_some(), acknowledged)
                    .await?;
                let input = json!({
                    "report": report.key(), "month": month, "closing": closing(report, month, rounds + 1),
                    "round": report.round(month), "office_name": report.office,
                    "service_title": report.service.title, "title": report.view.title,
                    "figures": [self.frozen(actor, report, month, now).await?],
                    "closed_by": actor.name, "warned": warned,
                });
                Ok(order(actor, MONTH, None, "close", input))
            }
            MonthDeed::Correct { reason } => {
                let closed = closed.ok_or_else(not_closed)?.clone();
                self.correction(report, actor, (closed, &rt), now, &reason)
                    .await
            }
            MonthDeed::Reopen { reason } => {
                let closed = closed.ok_or_else(not_closed)?;
                let input = json!({"reopened_by": actor.name, "reopened_because": filled(&reason)});
                Ok(order(actor, MONTH, Some(closed.id), "reopen", input))
            }
        }
    }

    /// The warnings that were read; a refusal where the month cannot be closed, or they were not.
    async fn closable(
        &self,
        report: &Report<'_>,
        month: &str,
        closed: bool,
        acknowledged: bool,
    ) -> Result<Option<String>, Failure> {
        if !self.is_over(month) {
            let detail = "まだ終わっていないので締められません。終わってから締めてください。";
            return Err(Failure::invalid("/month", "not_over", detail));
        }
        if closed {
            return Err(conflict("もう締めてあります。"));
        }
        let warnings = self.warnings(report, month).await?;
        if warnings.is_empty() {
            return Ok(None);
        }
        let warned = warnings.join("\n");
        if acknowledged {
            return Ok(Some(warned));
        }
        let detail = format!("{warned}\nこのまま締めるなら、確かめたことに印を付けてください。");
        Err(Failure::invalid("/acknowledged", "warning", detail))
    }

    async fn correction(
        &self,
        report: &Report<'_>,
        actor: &Actor,
        (closed, rt): (Snapshot, &Arc<RecordType>),
        now: &Figures,
        reason: &str,
    ) -> Result<ActRequest, Failure> {
        let (key, month) = (text(rt, &closed, "closing"), text(rt, &closed, "month"));
        let month = month.unwrap_or_default();
        let kept = self.kept(closed, &report.reach()).await?;
        let last = kept.figures.last().ok_or_else(not_closed)?;
        if last.changes(now).is_empty() {
            let detail = "締めたときの数（訂正したものを含む）から変わったところがありません。";
            return Err(Failure::invalid("/month", "same", detail));
        }
        let input = json!({
            "report": report.key(), "month": month, "office_name": report.office, "closing": key, "no": kept.corrections.len() + 1,
            "service_title": report.service.title, "title": report.view.title,
            "figures": [self.frozen(actor, report, &month, now).await?],
            "corrected_by": actor.name, "reason": filled(reason),
        });
        Ok(order(actor, CORRECTION, None, "correct", input))
    }

    /// The figures as a file that a record takes into use.
    async fn frozen(
        &self,
        actor: &Actor,
        report: &Report<'_>,
        month: &str,
        figures: &Figures,
    ) -> Result<Json, Failure> {
        let fault = |fault: sheet::WriteFault| Failure::Internal(fault.to_string());
        let place = report.office.map(|office| format!("-{office}"));
        let place = place.unwrap_or_default();
        let name = format!("{}-{month}{place}.csv", report.view.title);
        let content = figures.freeze().map_err(fault)?;
        Ok(json!(self.upload(actor, &name, content).await?.id))
    }
}

/// Names one closing: the report, the period, and the how-manyth time it is closed.
fn closing(report: &Report<'_>, month: &str, round: usize) -> String {
    format!("{}/{month}/{round}", report.key())
}

/// The platform acts, in the name of the official.
fn order(
    actor: &Actor,
    kind: &str,
    record: Option<RecordId>,
    action: &str,
    input: Json,
) -> ActRequest {
    in_the_name_of(actor, (SERVICE, kind), record, action, input)
}

fn filled(reason: &str) -> Option<&str> {
    Some(reason.trim()).filter(|reason| !reason.is_empty())
}

fn not_closed() -> Failure {
    conflict("まだ締めてありません。")
}

fn conflict(title: &str) -> Failure {
    let fault = Fault::new("/month", "state", title);
    Failure::Refused(Refusal::new(RefusalKind::WrongState, title, vec![fault]))
}

/// A refusal of the register as one of the deed: people know a month and a reason.
fn told(failure: Failure) -> Failure {
    let Failure::Refused(mut refusal) = failure else {
        return failure;
    };
    for fault in &mut refusal.faults {
        let reason = fault.pointer.ends_with("reason") || fault.pointer.ends_with("because");
        fault.pointer = if reason { "/reason" } else { "/month" }.into();
    }
    Failure::Refused(refusal)
}
