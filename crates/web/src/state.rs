//! What every handler shares.

use crate::Face;
use crate::api::OpenApiCache;
use crate::gate::Gate;
use crate::i18n::Localised;
use crate::observe::{Metrics, Vitals};
use crate::postal::Postal;
use engine::Engine;
use parking_lot::Mutex;
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

/// State of one face; handlers take `State<Arc<App>>`.
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
    /// Counts of all faces of this process.
    pub(crate) metrics: Arc<Metrics>,
    /// The gates of all faces of this process: each face has its own, so that no crowd at one takes places of another.
    pub(crate) gates: Arc<Mutex<Vec<(Face, Gate)>>>,
    /// What this listener is for.
    pub(crate) face: Face,
    /// Where officials reach their face, if it has an address of its own.
    pub(crate) staff_url: Option<String>,
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
            gates: Arc::new(Mutex::new(vec![(Face::Whole, gate.clone())])),
            gate,
            face: Face::Whole,
            staff_url: None,
            metrics: Arc::default(),
            openapi: OpenApiCache::default(),
            localised: Localised::default(),
        }
    }

    /// The state of another listener of this process: over the same engine, with a gate of its own. `staff_url` is where
    /// officials reach their face, if not where the public does.
    #[must_use]
    pub fn beside(&self, face: Face, staff_url: Option<&str>) -> Self {
        let gate = Gate::new(Arc::clone(&self.monotonic));
        let mut gates = self.gates.lock();
        // The whole is served by nobody where faces listen apart.
        gates.retain(|(known, _)| *known != Face::Whole);
        gates.push((face, gate.clone()));
        Self {
            engine: Arc::clone(&self.engine),
            demo: self.demo,
            postal: Arc::clone(&self.postal),
            random: Arc::clone(&self.random),
            secure_cookies: self.secure_cookies,
            monotonic: Arc::clone(&self.monotonic),
            vitals: Arc::clone(&self.vitals),
            gates: Arc::clone(&self.gates),
            gate,
            face,
            staff_url: staff_url.map(|url| url.trim_end_matches('/').to_owned()),
            metrics: Arc::clone(&self.metrics),
            openapi: OpenApiCache::default(),
            localised: Localised::default(),
        }
    }

    /// What this listener is for.
    #[must_use]
    pub const fn face(&self) -> Face {
        self.face
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
