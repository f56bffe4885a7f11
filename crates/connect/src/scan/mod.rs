//! Scanners of uploads: a program of the operator's, or a service on the network. `docs/operate/scanning.md` says what each
//! is asked and what it answers.

mod command;
mod http;

use crate::SetupError;
use engine::scan::Scanner;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A scanner that is silent for so long is away.
const PATIENCE: Duration = Duration::from_secs(20);
/// A cleaned file is never longer: uploads are bounded below.
const LONGEST_FILE: u64 = 21 << 20;

/// The scanner that a setting names: an address, or the path of a program.
///
/// # Errors
/// An address without TLS that is not on this machine; a program that is not there.
pub fn scanner(setting: &str) -> Result<Arc<dyn Scanner>, SetupError> {
    if setting.contains("://") {
        let url = setting.to_owned();
        let is_private = url.starts_with("https://") || crate::is_loopback(&url);
        return match is_private {
            true => Ok(Arc::new(http::Http::new(url))),
            false => Err(SetupError::new(
                "ファイルの確認の送信先は https:// で始まるURLを書いてください（ファイルの中身を送るためです）",
            )),
        };
    }
    let program = PathBuf::from(setting);
    match program.is_file() {
        true => Ok(Arc::new(command::Command::new(program, PATIENCE))),
        false => Err(SetupError::new(
            "ファイルの確認のプログラムが見つかりません。--scan にプログラムのパスか、https:// で始まるURLを書いてください",
        )),
    }
}
