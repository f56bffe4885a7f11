//! What every handler shares.

use crate::api::OpenApiCache;
use crate::gate::Gate;
use crate::i18n::Localised;
use crate::observe::{Metrics, Vitals};
use crate::postal::Postal;
use engine::Engine;
use std::sync::Arc;
use std::time::Duration;

/// Fills bytes with randomness fit for secrets.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What the binary, or a test, hands in.
pub struct Parts {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Whether the data directory was made as a demo: personas exist and every page says 見本.
    pub demo: bool,
    /// Postal codes.
    pub postal: Arc<Postal>,
    /// Randomness fit for secrets.
    pub random: Random,
    /// Whether cookies are marked `Secure`: everywhere but on loopback.
    pub secure_cookies: bool,
    /// Time since some fixed moment, never going back: for durations in metrics only.
    pub monotonic: Arc<dyn Fn() -> Duration + Send + Sync>,
    /// What process, store and machine say of themselves.
    pub vitals: Arc<dyn Fn() -> Vitals + Send + Sync>,
}

/// State of the whole face; handlers take `State<Arc<App>>`.
pub struct App {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Whether the data directory was made as a demo: personas exist and every page says 見本.
    pub demo: bool,
    /// Postal codes.
    pub postal: Arc<Postal>,
    /// Randomness fit for secrets.
    pub random: Random,
    /// Whether cookies are marked `Secure`: everywhere but on loopback.
    pub secure_cookies: bool,
    /// Time since some fixed moment, never going back: for durations in metrics only.
    pub monotonic: Arc<dyn Fn() -> Duration + Send + Sync>,
    pub(crate) vitals: Arc<dyn Fn() -> Vitals + Send + Sync>,
    pub(crate) gate: Gate,
    pub(crate) metrics: Metrics,
    pub(crate) openapi: OpenApiCache,
    /// Services in translation.
    pub(crate) localised: Localised,
}

impl App {
    /// The state from its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let gate = Gate::new(Arc::clone(&parts.monotonic));
        Self {
            engine: parts.engine,
            demo: parts.demo,
            postal: parts.postal,
            random: parts.random,
            secure_cookies: parts.secure_cookies,
            monotonic: parts.monotonic,
            vitals: parts.vitals,
            gate,
            metrics: Metrics::default(),
            openapi: OpenApiCache::default(),
            localised: Localised::default(),
        }
    }

    /// A secret of 256 random bits, in hexadecimal.
    #[must_use]
    pub fn secret(&self) -> String {
        fresh_secret(&*self.random)
    }
}

/// A secret of 256 random bits, in hexadecimal.
#[must_use]
pub fn fresh_secret(random: &dyn Fn(&mut [u8])) -> String {
    let mut bytes = [0_u8; 32];
    random(&mut bytes);
    crate::auth::hex(&bytes)
}
