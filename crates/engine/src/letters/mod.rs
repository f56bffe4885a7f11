//! Letters: what may be had of a record, printed by a [`Press`]; issued ones are kept for ever as they were first made.

mod press;
mod read;
mod token;

pub use press::{Letter, LetterHead, Press, PressFault};
pub use read::{DocumentView, Face, IssuedView, PrintedLetter};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    /// A secret of the installation: made with `random` when it is first asked for, then kept.
    ///
    /// # Errors
    /// If the store is not available, or what it keeps is no secret.
    pub async fn secret_setting(
        &self,
        name: &str,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Result<[u8; 64], crate::Failure> {
        let broken = || crate::Failure::Internal(format!("the setting {name} is no secret"));
        if let Some(kept) = self.store.setting(name).await? {
            let bytes = URL_SAFE_NO_PAD.decode(kept).map_err(|_| broken())?;
            return bytes.try_into().map_err(|_| broken());
        }
        let mut secret = [0; 64];
        random(&mut secret);
        self.store
            .put_setting(name, &URL_SAFE_NO_PAD.encode(secret))
            .await?;
        Ok(secret)
    }

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
