//! What the steps of a route ask for besides the record's own fields. It is kept with the step, not in the record.

use super::Step;
use crate::act::Act;
use crate::facts::Facts;
use crate::input;
use crate::refusal::Fault;
use definition::model::{Action, Field, FieldKind, Options, Route};
use serde_json::{Map, Value as Json};

/// The input of a send-back: why.
pub const REASON: &str = "reason";
/// The input of a send-back: to which step; the drafter if none.
pub const BACK_TO: &str = "back_to";
/// What somebody says with a step.
pub const COMMENT: &str = "comment";

/// What was said with a step.
#[derive(Default)]
pub(crate) struct Said {
    /// The reason of a send-back, else the comment.
    pub(crate) comment: Option<String>,
    /// The step to which it is sent back; the drafter if none.
    pub(crate) back_to: Option<usize>,
}

/// What a step asks.
pub(super) fn fields(route: &Route, step: Step) -> Vec<Field> {
    match step {
        Step::SendBack if route.steps.len() > 1 => vec![reason(), back_to(route)],
        Step::SendBack => vec![reason()],
        Step::PullBack => Vec::new(),
        Step::Draft | Step::Pass | Step::Act | Step::Acknowledge => vec![comment()],
    }
}

fn text(name: &str, title: &str, help: &str, required: bool) -> Field {
    let kind = FieldKind::Text {
        multiline: true,
        max_chars: 2000,
    };
    Field {
        help: Some(help.into()),
        ..Field::plain(name, title, kind, required)
    }
}

fn reason() -> Field {
    let help = "起案した人が直せるように、理由と直すところを書いてください。";
    text(REASON, "差戻しの理由", help, true)
}

/// 決裁の意見: seen by the desk alone.
pub(super) fn comment() -> Field {
    let help = "決裁の欄に残ります。職員だけが見られます。";
    text(COMMENT, "決裁の意見", help, false)
}

fn back_to(route: &Route) -> Field {
    let steps = route.steps.iter().enumerate();
    let before = steps.take(route.steps.len().saturating_sub(1));
    let options = std::iter::once(("draft".to_owned(), "起案した人".to_owned()))
        .chain(before.map(|(at, step)| (at.to_string(), step.title.clone())));
    let help = "選ばなければ、起案した人に戻ります。戻せるのは、すでに通った段だけです。";
    Field {
        kind: FieldKind::Choice(Options::Inline(options.collect())),
        ..text(BACK_TO, "戻す先", help, false)
    }
}

/// Takes what the step itself asks out of an input; the rest is for the record.
pub(super) fn split(
    facts: &Facts,
    act: &Act,
    action: &Action,
) -> Result<(Map<String, Json>, Said), Vec<Fault>> {
    let mut rest = act.input.clone();
    let mut said = Said::default();
    let mut faults = Vec::new();
    let mut reader = input::Reader {
        facts,
        actor: &act.actor,
        day: facts.today,
        draft: false,
        files: Vec::new(),
    };
    for field in &action.extra {
        let pointer = format!("/input/{}", field.name);
        let json = rest.remove(&field.name).unwrap_or(Json::Null);
        match reader.read(field, &json, &pointer) {
            Ok(Some(Json::String(text))) if field.name == BACK_TO => {
                said.back_to = text.parse().ok();
            }
            Ok(Some(Json::String(text))) => said.comment = Some(text),
            Ok(None) if field.required => faults.push(Fault::new(
                pointer,
                "required",
                input::plainly_missing(field),
            )),
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        return Ok((rest, said));
    }
    faults.extend(strangers(action, &rest));
    Err(faults)
}

/// Names that a step without fields of the record does not know.
pub(super) fn strangers(action: &Action, rest: &Map<String, Json>) -> Vec<Fault> {
    if action.form != definition::model::Form::None {
        return Vec::new();
    }
    rest.keys()
        .map(|name| {
            input::unknown(
                format!("/input/{}", input::escape(name)),
                name,
                action.extra.iter().map(|field| field.name.as_str()),
            )
        })
        .collect()
}
