//! Which payment gateway is wired in, and its secret.

use crate::secrets::Turn;
use anyhow::{Context as _, Result, bail};
use connect::payment::sandbox::Sandbox;
use connect::payment::webhook::Secret;
use engine::Clock;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

/// The file of the secret that the sandbox signs with, readable by its owner only.
const SECRET_FILE: &str = "payment-webhook.key";
/// The sandbox's book.
const BOOK_FILE: &str = "payment-sandbox.jsonl";

/// The setting of the payment gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum PaymentGateway {
    /// 見本では sandbox、ほかでは none
    #[default]
    Auto,
    /// 電子納付を使わない（窓口だけ）
    None,
    /// 組み込みの見本の代行会社（お金は動かない）
    Sandbox,
}

/// The sandbox, if the setting asks for it.
///
/// # Errors
/// If it is asked for together with real identity; if its files cannot be had.
pub(crate) fn sandbox(
    setting: PaymentGateway,
    demo: bool,
    real_identity: bool,
    data: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<Sandbox>>> {
    let wanted = match setting {
        PaymentGateway::Auto => demo,
        PaymentGateway::None => false,
        PaymentGateway::Sandbox if real_identity => bail!(
            "見本の代行会社（--payment-gateway sandbox）と本番の本人確認の設定は一緒に使えません。お金の動かない納付が本物に見えるためです。none にするか、本人確認の設定を外してください。"
        ),
        PaymentGateway::Sandbox => true,
    };
    if !wanted {
        return Ok(None);
    }
    let book = data.join(BOOK_FILE);
    let sandbox = Sandbox::open(secret(data)?, Arc::clone(clock), &book)
        .with_context(|| format!("{} を開けません", book.display()))?;
    Ok(Some(sandbox))
}

/// The secret of the file; made with the first start.
fn secret(data: &Path) -> Result<Secret> {
    let path = data.join(SECRET_FILE);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Secret::read(&text).with_context(|| format!("{} を読み取れません", path.display()));
    }
    let mut bytes = vec![0_u8; 32];
    crate::world::random(&mut bytes);
    let secret = Secret::new(bytes);
    write(&path, &secret)?;
    Ok(secret)
}

/// Turns the secret or retires the earlier ones; answers how many hold now.
///
/// # Errors
/// If there is none, or it cannot be written.
pub(crate) fn turn(data: &Path, turn: Turn) -> Result<usize> {
    let path = data.join(SECRET_FILE);
    if !path.is_file() {
        bail!(
            "{} がありません。組み込みの代行会社を使っていないデータです",
            path.display()
        );
    }
    let mut secret = secret(data)?;
    secret = match turn {
        Turn::New => {
            let mut bytes = vec![0_u8; 32];
            crate::world::random(&mut bytes);
            secret.turned(bytes)
        }
        Turn::Retire => secret.retired(),
    };
    write(&path, &secret)?;
    Ok(secret.many())
}

/// Under another name first: whoever reads it finds the one or the other.
fn write(path: &Path, secret: &Secret) -> Result<()> {
    let named = || format!("{} に書けません", path.display());
    let unfinished = path.with_extension("part");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(named)?;
    file.write_all(secret.reveal().as_bytes())
        .with_context(named)?;
    file.sync_all().with_context(named)?;
    std::fs::rename(&unfinished, path).with_context(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::ManualClock;
    use std::os::unix::fs::PermissionsExt as _;

    fn made(setting: PaymentGateway, demo: bool, real: bool, data: &Path) -> Result<bool> {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(jiff::Timestamp::UNIX_EPOCH));
        sandbox(setting, demo, real, data, &clock).map(|made| made.is_some())
    }

    #[test]
    fn the_sandbox_never_meets_real_identity() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        assert!(made(PaymentGateway::Auto, true, false, data).unwrap());
        assert!(!made(PaymentGateway::Auto, false, true, data).unwrap());
        assert!(!made(PaymentGateway::None, true, false, data).unwrap());
        assert!(made(PaymentGateway::Sandbox, false, false, data).unwrap());
        assert!(made(PaymentGateway::Sandbox, false, true, data).is_err());
    }

    #[test]
    fn the_secret_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = secret(folder.path()).unwrap().reveal();
        assert_eq!(secret(folder.path()).unwrap().reveal(), first);
        assert_eq!(turn(folder.path(), Turn::New).unwrap(), 2);
        let turned = secret(folder.path()).unwrap().reveal();
        assert!(turned.ends_with(&first) && turned.lines().count() == 2);
        assert_eq!(turn(folder.path(), Turn::Retire).unwrap(), 1);
        assert!(turned.starts_with(&secret(folder.path()).unwrap().reveal()));
        let mode = std::fs::metadata(folder.path().join(SECRET_FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
