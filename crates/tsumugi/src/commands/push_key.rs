//! `tsumugi push-key`.

use anyhow::Result;
use connect::push::VapidKey;
use std::process::ExitCode;
use std::sync::Arc;

/// Makes a key that names this installation to push services. Whoever has it can push to our readers: keep it.
pub(super) fn run() -> Result<ExitCode> {
    let random: connect::Random = Arc::new(crate::random);
    let key = VapidKey::new(&random)?;
    super::print(&format!("{}\n", key.secret()))?;
    Ok(ExitCode::SUCCESS)
}
