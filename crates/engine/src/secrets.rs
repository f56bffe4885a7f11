//! Secrets of the installation that lie in its settings: made when they are first asked for, turned by an operator. What an
//! earlier one vouched for is still known by it until it is retired.

use crate::{Engine, Failure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret.
pub type Secret = [u8; 64];

/// The secret of the codes that stand on letters.
pub const LETTER_CODES: &str = "letter_codes";
/// The secret of the proofs by which a browser is known again.
pub const DEVICE_PROOFS: &str = "device_proofs";
/// The secret of what a browser keeps for us between two steps of signing in.
pub const SIGN_IN_STEPS: &str = "sign_in_steps";
/// The secret of the links that go by mail.
pub const MAIL_LINKS: &str = "mail_links";

impl Engine {
    /// The secrets of a name, the one in force first: made with `random` when they are first asked for.
    ///
    /// # Errors
    /// If the store is not available, or what it keeps is no secret.
    pub async fn secrets(
        &self,
        name: &str,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Result<Vec<Secret>, Failure> {
        let kept = self.known_secrets(name).await?;
        if !kept.is_empty() {
            return Ok(kept);
        }
        let made = vec![fresh(random)];
        self.keep_secrets(name, &made).await?;
        Ok(made)
    }

    /// Puts a new secret in force. The earlier ones stay, so that what they vouched for holds on; answers how many there are.
    ///
    /// # Errors
    /// If the store is not available, or what it keeps is no secret.
    pub async fn turn_secret(
        &self,
        name: &str,
        random: &(dyn Fn(&mut [u8]) + Sync),
    ) -> Result<usize, Failure> {
        let mut all = self.known_secrets(name).await?;
        all.insert(0, fresh(random));
        self.keep_secrets(name, &all).await?;
        Ok(all.len())
    }

    /// Forgets all but the secret in force: what the earlier ones vouched for is worth nothing any more. Answers how many went.
    ///
    /// # Errors
    /// As for [`Engine::turn_secret`].
    pub async fn retire_secrets(&self, name: &str) -> Result<usize, Failure> {
        let all = self.known_secrets(name).await?;
        let stays = all.get(..1).unwrap_or_default();
        self.keep_secrets(name, stays).await?;
        Ok(all.len() - stays.len())
    }

    /// The secrets of a name that were made before, the one in force first.
    ///
    /// # Errors
    /// As for [`Engine::turn_secret`].
    pub(crate) async fn known_secrets(&self, name: &str) -> Result<Vec<Secret>, Failure> {
        let kept = self.store.setting(name).await?.unwrap_or_default();
        let one = |text: &str| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
        let all = kept.split_whitespace().map(one);
        let all: Option<Vec<Secret>> = all.collect();
        all.ok_or_else(|| Failure::Internal(format!("the setting {name} is no secret")))
    }

    async fn keep_secrets(&self, name: &str, all: &[Secret]) -> Result<(), Failure> {
        let texts: Vec<String> = all.iter().map(|one| URL_SAFE_NO_PAD.encode(one)).collect();
        Ok(self.store.put_setting(name, &texts.join(" ")).await?)
    }
}

fn fresh(random: &(dyn Fn(&mut [u8]) + Sync)) -> Secret {
    let mut secret = [0; 64];
    random(&mut secret);
    secret
}
