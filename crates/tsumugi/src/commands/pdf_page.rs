//! `tsumugi pdf-page`: what the server starts for itself; no command for people.

use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `pdf-page`.
#[derive(clap::Args)]
pub struct Options {
    /// フォントのフォルダー
    #[arg(long)]
    fonts: PathBuf,
    /// ページ。なければページの一覧
    #[arg(long, requires = "width")]
    page: Option<u32>,
    /// 幅（画素）
    #[arg(long)]
    width: Option<u32>,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    crate::page_process::draw(&options.fonts, options.page.zip(options.width))
}
