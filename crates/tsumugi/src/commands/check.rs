//! `tsumugi check`.

use super::{default_services, print, today};
use crate::load_packages;
use anyhow::Result;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `check`.
#[derive(clap::Args)]
pub struct Options {
    /// サービスの定義のフォルダー
    #[arg(value_name = "DIR", default_value_os_t = default_services())]
    services: PathBuf,
}

/// Prints every finding, then a line of summary; fails if there is an error.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let elapsed = crate::world::monotonic();
    let mut packages = load_packages(&options.services, today())?;
    let press = document::Typesetter::new(Path::new(""));
    let services = packages.catalogue.services.values();
    let found: Vec<_> = services
        .flat_map(|service| document::check(&press, service))
        .collect();
    packages.diagnostics.extend(found);
    let mut text = String::new();
    for found in &packages.diagnostics {
        writeln!(text, "{found}")?;
    }
    let (errors, warnings) = packages.counts();
    let seconds = elapsed().as_secs_f64();
    let sound = packages.catalogue.services.len();
    writeln!(
        text,
        "{sound}個のサービスに誤りはありません。誤り {errors}件、注意 {warnings}件（{seconds:.2}秒）"
    )?;
    print(&text)?;
    Ok(if errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
