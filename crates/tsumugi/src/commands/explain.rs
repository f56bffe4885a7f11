//! `tsumugi explain SLUG`: the definition with its archetypes laid in, and where each line came from.

use super::{default_services, print};
use anyhow::{Context as _, Result};
use definition::Source;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `explain`.
#[derive(clap::Args)]
pub struct Options {
    /// サービスの名前（フォルダー名から番号を除いたもの）
    slug: String,
    /// サービスの定義のフォルダー
    #[arg(long, value_name = "DIR", default_value_os_t = default_services())]
    services: PathBuf,
}

/// Prints the merged definition, or what is wrong with it.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let folder = options.services.display();
    let source = Source::from_dir(&options.services)
        .with_context(|| format!("サービスのフォルダー {folder} を読めません"))?;
    match definition::explain(&source, &options.slug) {
        Ok(text) => {
            print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(found) => {
            let text: Vec<String> = found.iter().map(ToString::to_string).collect();
            print(&text.join("\n"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}
