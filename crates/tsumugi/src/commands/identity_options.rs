//! Options of `serve` for providers of identities (OpenID Connect). Secrets come from files or the environment.

use crate::world::random;
use anyhow::{Context as _, Result, bail};
use connect::oidc::{IdentitySettings, OidcProvider, Outside};
use engine::{Clock, IdentityProvider};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options.
#[derive(clap::Args)]
pub(super) struct IdentityOptions {
    /// 本番の本人確認（OpenID Connect）の設定ファイル（docs/operate/sign-in.md）
    #[arg(long, value_name = "FILE", env = "TSUMUGI_IDENTITY")]
    identity: Option<PathBuf>,
    /// 使わなくなった設定：--identity に書いてください
    #[arg(long, hide = true, value_name = "ISSUER", env = "TSUMUGI_OIDC_ISSUER")]
    oidc_issuer: Option<String>,
}

impl IdentityOptions {
    /// Whether real people are meant to sign in, which excludes a demo.
    pub(super) fn is_real(&self) -> bool {
        self.identity.is_some() || self.oidc_issuer.is_some()
    }

    /// Reads the file and the secrets that it names.
    pub(super) fn read(&self) -> Result<Option<IdentitySettings>> {
        let Some(path) = &self.identity else {
            if self.oidc_issuer.is_some() {
                bail!(
                    "TSUMUGI_OIDC_ISSUER だけでは足りません。発行者、クライアント、鍵などを設定ファイルに書き、--identity で渡してください（docs/operate/sign-in.md）。"
                );
            }
            return Ok(None);
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} を読めません", path.display()))?;
        let beside = path.parent().unwrap_or(Path::new(""));
        let settings = IdentitySettings::read(
            &text,
            &Outside {
                name: &path.display().to_string(),
                file: &|file| std::fs::read_to_string(beside.join(file)),
                environment: &environment,
            },
        );
        Ok(Some(settings?))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the settings file names which variable holds a secret"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The providers of the settings; none where there are none. `urls` are the public's and the officials'.
pub(super) fn providers(
    settings: Option<IdentitySettings>,
    urls: (&str, &str),
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Arc<dyn IdentityProvider>>> {
    let Some(settings) = settings else {
        return Ok(Vec::new());
    };
    let clock = Arc::clone(clock);
    let now: connect::Now = Arc::new(move || clock.now());
    let random: connect::Random = Arc::new(random);
    Ok(OidcProvider::all(settings, urls, &now, &random)?)
}
