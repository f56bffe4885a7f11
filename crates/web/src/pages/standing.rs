//! Where a decision (決裁) stands, as a line of steps: who took which, when, for whom, and what they said.

use super::show::instant;
use engine::{LineStatus, LineStep, RecordView};
use kernel::RouteMark;

/// A line of steps.
pub(super) struct Standing {
    /// 「許可する」の決裁.
    pub(super) title: String,
    /// What is to be said of the whole.
    pub(super) said: Option<String>,
    pub(super) steps: Vec<StepShown>,
}

pub(super) struct StepShown {
    pub(super) title: String,
    pub(super) by: String,
    pub(super) class: &'static str,
    pub(super) status: &'static str,
    pub(super) here: bool,
    pub(super) marks: Vec<MarkShown>,
}

pub(super) struct MarkShown {
    pub(super) who: String,
    pub(super) when: String,
    pub(super) comment: Option<String>,
    /// 代決 and 後閲.
    pub(super) notes: Vec<String>,
}

/// The line of a record; none for those who are no officials, and where no decision was begun.
pub(super) fn standing(record: &RecordView) -> Option<Standing> {
    let line = record.route_line.as_ref()?;
    let said = match (&line.sent_back, line.under_way) {
        (Some(reason), _) => Some(format!("差し戻されました：{reason}")),
        (None, true) => None,
        (None, false) => Some("決裁は終わりました。".to_owned()),
    };
    let last = line.steps.len().saturating_sub(1);
    let wanted = |(at, step): &(usize, &LineStep)| {
        // A step that was not needed says nothing once the route is over.
        line.under_way || step.status == LineStatus::Taken || *at == last
    };
    Some(Standing {
        title: format!("「{}」の{}", line.action_title, line.title),
        said,
        steps: line
            .steps
            .iter()
            .enumerate()
            .filter(wanted)
            .map(|(_, step)| shown(step))
            .collect(),
    })
}

fn shown(step: &LineStep) -> StepShown {
    let (class, status) = match step.status {
        LineStatus::Taken => ("taken", "済み"),
        LineStatus::Waiting => ("waiting", "今ここ"),
        LineStatus::Ahead => ("ahead", "これから"),
    };
    StepShown {
        title: step.title.clone(),
        by: step.by.join("、"),
        class,
        status,
        here: step.status == LineStatus::Waiting,
        marks: step.marks.iter().map(mark).collect(),
    }
}

fn mark(mark: &RouteMark) -> MarkShown {
    let mut notes = Vec::new();
    if let Some(absent) = &mark.absent {
        notes.push(format!("代決（{}さんの代わり）", absent.name));
        notes.push(match &mark.reviewed {
            None => "後閲を待っています".to_owned(),
            Some(reviewed) => format!("後閲 {}", instant(reviewed.at)),
        });
        notes.extend(mark.reviewed.as_ref().and_then(|r| r.comment.clone()));
    }
    MarkShown {
        who: mark.name.clone(),
        when: instant(mark.at),
        comment: mark.comment.clone(),
        notes,
    }
}
