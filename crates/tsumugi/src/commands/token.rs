//! `tsumugi token --as PERSONA`: the persona's bearer token. Writes nothing, so that it works while the server runs.

use super::print;
use crate::demo_tokens;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `token`.
#[derive(clap::Args)]
pub struct Options {
    /// 登場人物（resident、business、examiner など）
    #[arg(long = "as", value_name = "PERSONA")]
    persona: String,
    /// 見本データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
}

/// Prints the token.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let tokens = demo_tokens(&options.data)?;
    let Some(token) = tokens.get(&options.persona) else {
        let known: Vec<&str> = tokens.keys().map(String::as_str).collect();
        bail!(
            "「{}」という登場人物はいません。使えるのは {} です。",
            options.persona,
            known.join("、")
        );
    };
    print(&format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}
