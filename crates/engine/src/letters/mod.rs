//! Letters: what may be had of a record, printed by a [`Press`]; issued ones are kept for ever as they were first made.

mod press;
mod read;
mod token;

pub use press::{Letter, LetterHead, Press, PressFault};
pub use read::{DocumentView, Face, IssuedView, PrintedLetter};

use crate::secrets::Secret;
use std::sync::Arc;

/// What letters need of the installation.
#[derive(Default)]
pub(crate) struct Letters {
    press: Option<Arc<dyn Press>>,
    /// Address under which the public reaches this installation, without a slash at the end.
    public_url: String,
    /// Secrets of the tokens behind letters' codes, the one in force first: paper is not changed.
    secrets: Vec<Secret>,
    /// One letter is kept at a time, so that two readers do not keep it twice.
    keeping: tokio::sync::Mutex<()>,
}

impl crate::Engine {
    /// With a press for letters, the public address for their codes, and the secrets of these, the one in force first.
    #[must_use]
    pub fn with_press(
        mut self,
        press: Arc<dyn Press>,
        public_url: &str,
        secrets: Vec<Secret>,
    ) -> Self {
        self.letters = Letters {
            press: Some(press),
            public_url: public_url.trim_end_matches('/').to_owned(),
            secrets,
            ..Letters::default()
        };
        self
    }
}
