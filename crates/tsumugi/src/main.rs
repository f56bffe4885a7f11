//! The binary: see `tsumugi --help`.

use clap::Parser;
use std::process::ExitCode;
use tsumugi::commands::Command;

/// つむぎ：サービスの定義を動かす基盤
#[derive(Parser)]
#[command(name = "tsumugi", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("エラー：{error:#}");
            ExitCode::FAILURE
        }
    }
}
