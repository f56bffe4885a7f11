//! What a posted form asks for first: a change of the form itself, or an act.

use super::error::PageError;
use super::form::{Posted, apply, drop_empty_rows};
use super::target::{Again, Target, again};
use super::visitor::Visitor;
use axum::http::StatusCode;
use axum::response::Response;
use engine::Failure;
use serde_json::{Map, Value as Json};

/// The orders that act; every other one changes the form.
const ACTS: [&str; 3] = ["act", "save", "confirm"];

/// What comes next.
pub(super) enum Step {
    /// The form again: it was changed, or an upload failed.
    Shown(Response),
    /// An act with this input.
    Act(Map<String, Json>),
}

impl Target {
    /// Reads a posted form and does what its order asks of the form itself.
    pub(super) async fn step(
        &self,
        visitor: &Visitor,
        posted: &Posted,
        order: &str,
    ) -> Result<Step, PageError> {
        let mut input = self.read(posted);
        let mut said: Vec<(String, String)> = posted
            .uploads
            .iter()
            .filter_map(|(name, upload)| Some((name.clone(), upload.as_ref().err()?.clone())))
            .collect();
        let status = if ACTS.contains(&order) {
            drop_empty_rows(&self.asked(), &mut input);
            if said.is_empty() {
                return Ok(Step::Act(input));
            }
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            said.extend(apply(&mut input, order, posted, &visitor.app.postal).err());
            StatusCode::OK
        };
        let shown = Again {
            fill: order.starts_with("copy:"),
            said,
            ..Again::default()
        };
        Ok(Step::Shown(self.show(visitor, status, input, shown).await?))
    }

    /// The form after a failed act, with what was typed and the version it was typed over.
    pub(super) async fn show_again(
        &self,
        visitor: &Visitor,
        posted: &Posted,
        input: Map<String, Json>,
        failure: Failure,
    ) -> Result<Response, PageError> {
        let (status, mut shown) = again(failure)?;
        shown.base = posted.get("_version").and_then(|text| text.parse().ok());
        self.show(visitor, status, input, shown).await
    }
}
