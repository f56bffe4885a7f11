//! One request, and what may come of it.

use anyhow::{Result, bail};
use serde_json::Value as Json;
use std::time::Duration;

/// A request that can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) path: String,
    pub(crate) body: Json,
    pub(crate) key: String,
}

/// What came of it.
pub(crate) enum Came {
    /// It was done, now or before.
    Answer(Json),
    /// It cannot be done as things stand, and was not done.
    Refused,
    /// Nobody answered, or they could not do it now: whether it was done is not known.
    Nothing,
}

pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .http_status_as_error(false)
        .build();
    config.into()
}

/// Sends it to an address under a token.
///
/// # Errors
/// If the answer is one that no fault of a machine explains.
pub(crate) fn send(agent: &ureq::Agent, address: &str, token: &str, job: &Job) -> Result<Came> {
    let sent = agent
        .post(format!("http://{address}{}", job.path))
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", &job.key)
        .send(job.body.to_string());
    let Ok(mut answer) = sent else {
        return Ok(Came::Nothing);
    };
    let status = answer.status().as_u16();
    let Ok(text) = answer.body_mut().read_to_string() else {
        return Ok(Came::Nothing);
    };
    match status {
        200 | 201 => Ok(Came::Answer(serde_json::from_str(&text)?)),
        // A term that has run out meanwhile.
        409 => Ok(Came::Refused),
        429 | 503 => Ok(Came::Nothing),
        other => bail!("{} {}: {other} {text}", job.path, job.key),
    }
}
