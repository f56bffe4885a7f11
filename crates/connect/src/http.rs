//! Calls to providers over HTTPS. They run where they may wait; nobody holds a lock meanwhile.

use crate::SetupError;
use crate::outside::OutsideOnly;
use engine::outreach::SendFault;
use std::time::Duration;
use ureq::config::Config;
use ureq::unversioned::transport::DefaultConnector;

/// A provider that is silent for so long is away.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Where a provider asks to come again without saying when.
const PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a provider may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
/// Answers are short; more than this is none of a provider.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// What a provider answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// How long it asks us to wait.
    pub(crate) pause: Duration,
    pub(crate) body: String,
}

/// A client for one provider.
#[derive(Clone)]
pub(crate) struct Client(ureq::Agent);

impl Client {
    /// A client for a provider at `url`, whom pages and settings call `name`: over HTTPS, or a stand-in's.
    pub(crate) fn of(name: &str, url: &str) -> Result<Self, SetupError> {
        if url.starts_with("https://") || crate::is_loopback(url) {
            return Ok(Self::new());
        }
        let told = format!("{name}の送信先は https:// で始まるURLを書いてください");
        Err(SetupError::new(told))
    }

    /// A client for addresses that the operator has set.
    pub(crate) fn new() -> Self {
        Self(config().into())
    }

    /// A client for addresses that others may set: it calls nothing inside our own networks.
    pub(crate) fn outside() -> Self {
        Self(ureq::Agent::with_parts(
            config(),
            DefaultConnector::default(),
            OutsideOnly::default(),
        ))
    }

    /// Asks; a provider that cannot be reached is a fault that mends itself.
    pub(crate) async fn get(
        &self,
        url: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Answer, SendFault> {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        answered(move || request.call()).await
    }

    /// Posts; a provider that cannot be reached is a fault that mends itself.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<Answer, SendFault> {
        let mut request = self.0.post(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        answered(move || request.send(&body)).await
    }
}

fn config() -> Config {
    ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        // A provider that leads elsewhere is none of ours: what we send is personal.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
}

/// Asks where it may wait.
async fn answered(
    ask: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Result<Answer, SendFault> {
    let away = || SendFault::Later("送信先のサービスにつながりません".into());
    tokio::task::spawn_blocking(move || {
        let mut answer = ask().ok()?;
        let asked = answer.headers().get("retry-after");
        let seconds = asked.and_then(|text| text.to_str().ok()?.trim().parse().ok());
        let pause = seconds
            .map_or(PAUSE, Duration::from_secs)
            .min(LONGEST_PAUSE);
        let status = answer.status().as_u16();
        let reader = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        Some(Answer {
            status,
            pause,
            body: reader.read_to_string().unwrap_or_default(),
        })
    })
    .await
    .ok()
    .flatten()
    .ok_or_else(away)
}

impl Answer {
    /// What an answer means that the provider's own rules say nothing of.
    pub(crate) fn fault(&self) -> SendFault {
        match self.status {
            429 => SendFault::Limited(self.pause),
            // Our own settings: an operator mends them, and what waits goes out.
            401 | 403 => SendFault::Later(format!(
                "送信先のサービスに認められませんでした（{}）",
                self.status
            )),
            400..=499 => {
                SendFault::Never(format!("送信先のサービスに断られました（{}）", self.status))
            }
            status => SendFault::Later(format!("送信先のサービスが応じません（{status}）")),
        }
    }
}
