//! What the circle of a closed record reads on it (閲覧制限).

use super::show::{date, instant};
use engine::RecordView;
use jiff::Timestamp;
use jiff::civil::Date;

/// The notice on a record that is closed beyond role.
pub(super) struct Shut {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
}

/// None where it is open, or the reader is no official of its circle.
pub(super) fn shut(record: &RecordView, today: Date) -> Option<Shut> {
    if let Some(until) = record.glass {
        return Some(broken(record, until));
    }
    let closing = record.closed.as_ref()?;
    let title = |role: &String| {
        let known = record.service.roles.get(role);
        known.map_or_else(|| role.clone(), |role| role.title.clone())
    };
    let roles: Vec<String> = closing.roles.iter().map(title).collect();
    let office = closing.office.as_deref().unwrap_or_default();
    let (roles, named) = (roles.join("・"), closing.accounts.len());
    let mut lines = vec![format!(
        "見られるのは、{office}の{roles}、名前を挙げた職員（{named}人）、当事者だけです。ほかの職員には、この記録はないものとして見えます。"
    )];
    if !closing.hides_from.is_empty() {
        lines.push("当事者のうち、見せないことにした方には見えません。".to_owned());
    }
    lines.extend(
        closing
            .ground
            .as_ref()
            .map(|ground| format!("理由：{ground}")),
    );
    lines.extend(closing.until.map(|until| {
        let day = date(until);
        match until < today {
            true => format!("見直す日（{day}）を過ぎています。解くまでは閉じたままです。"),
            false => format!("見直す日：{day}（過ぎても、解くまでは閉じたままです）"),
        }
    }));
    Some(Shut {
        title: closing.title.clone(),
        lines,
    })
}

/// What whoever reads in an emergency is told.
fn broken(record: &RecordView, until: Timestamp) -> Shut {
    let mut lines = vec![format!(
        "{}まで読めます。書き換えることはできません。開くたびに、理由とともに残ります。",
        instant(until)
    )];
    lines.extend(record.closed.as_ref().map(|closing| {
        format!(
            "この記録には「{}」がかかっています。この記録があることも、ほかの人に言わないでください。",
            closing.title
        )
    }));
    Shut {
        title: "緊急閲覧で読んでいます".to_owned(),
        lines,
    }
}
