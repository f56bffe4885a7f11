//! 突合: an application beside what a register says, field by field.

use super::naming;
use super::show::Show;
use definition::model::FieldKind;
use engine::{ComparisonView, RecordView};
use kernel::compare::Verdict;

/// Fields laid side by side with those of another record.
pub(super) struct Comparison {
    pub(super) title: String,
    pub(super) other: String,
    pub(super) state: String,
    pub(super) href: String,
    pub(super) counts: String,
    pub(super) lines: Vec<Compared>,
}

/// One line: a field here and there, and what comes of it.
pub(super) struct Compared {
    pub(super) title: String,
    pub(super) own: String,
    pub(super) other: String,
    pub(super) verdict: &'static str,
    pub(super) class: &'static str,
    pub(super) reason: &'static str,
}

/// The lines of one comparison, as a reader sees them.
pub(super) fn comparison(show: &Show<'_>, record: &RecordView, one: &ComparisonView) -> Comparison {
    let other = &one.other;
    let line = |line: &kernel::compare::Line| {
        let own = record.record_type.fields.get(&line.field)?;
        let theirs = other.record_type.fields.get(&line.other)?;
        let text = |kind: &FieldKind, json: Option<&serde_json::Value>| {
            json.map(|json| show.text(kind, json))
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| "—".to_owned())
        };
        let (verdict, class) = match line.verdict {
            Verdict::Same => ("一致", "done"),
            Verdict::Differs => ("相違", "late"),
            Verdict::Unknown => ("照合できない", "soon"),
        };
        Some(Compared {
            title: own.title.clone(),
            own: text(&own.kind, record.fields.get(&line.field)),
            other: text(&theirs.kind, other.fields.get(&line.other)),
            verdict,
            class,
            reason: line.reason.unwrap_or_default(),
        })
    };
    let count = |verdict: Verdict| {
        one.lines
            .iter()
            .filter(|line| line.verdict == verdict)
            .count()
    };
    let title = naming::full(other.label.as_ref(), other.number.as_ref());
    Comparison {
        title: one.title.clone(),
        other: naming::or_kind(title, &other.record_type),
        state: other.state_title.clone(),
        href: naming::href(&record.service.slug, &other.record_type.name, other.id),
        counts: format!(
            "一致{}・相違{}・照合できない{}",
            count(Verdict::Same),
            count(Verdict::Differs),
            count(Verdict::Unknown)
        ),
        lines: one.lines.iter().filter_map(line).collect(),
    }
}
