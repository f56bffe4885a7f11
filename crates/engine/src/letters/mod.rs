//! Letters: what may be had of a record, printed by a [`Press`]; issued ones are kept for ever as they were first made.

mod press;
mod read;
mod token;

pub use press::{Letter, LetterHead, Press, PressFault};
pub use read::{DocumentView, IssuedView, PrintedLetter};

use std::sync::Arc;

/// What letters need of the installation.
pub(crate) struct Letters {
    press: Option<Arc<dyn Press>>,
    /// Address under which the public reaches this installation, without a slash at the end.
    public_url: String,
    /// Secret of the tokens behind letters' codes.
    secret: [u8; 64],
    /// One letter is kept at a time, so that two readers do not keep it twice.
    keeping: tokio::sync::Mutex<()>,
}

impl Default for Letters {
    fn default() -> Self {
        Self {
            press: None,
            public_url: String::new(),
            secret: [0; 64],
            keeping: tokio::sync::Mutex::default(),
        }
    }
}

impl crate::Engine {
    /// With a press for letters, the public address for their codes, and the secret of these.
    #[must_use]
    pub fn with_press(mut self, press: Arc<dyn Press>, public_url: &str, secret: [u8; 64]) -> Self {
        self.letters = Letters {
            press: Some(press),
            public_url: public_url.trim_end_matches('/').to_owned(),
            secret,
            ..Letters::default()
        };
        self
    }
}
