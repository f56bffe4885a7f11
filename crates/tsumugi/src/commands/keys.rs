//! `tsumugi keys`: master keys, which wrap the keys of records, made and put in force.

use super::database::DatabaseOptions;
use super::print;
use anyhow::{Context as _, Result, bail};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `keys`.
#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// 新しいマスター鍵を作り、鍵のファイルのいちばん上に書く（まだ使われない）
    New {
        /// マスター鍵のファイル。1行に1つ、新しいものが上
        file: PathBuf,
    },
    /// 記録の鍵を、いちばん新しいマスター鍵で包み直す（SQLite ではサーバーを止めてから）
    Rotate {
        /// マスター鍵のファイル。なければ環境変数 TSUMUGI_MASTER_KEY
        #[arg(long, value_name = "FILE")]
        master_key: Option<PathBuf>,
        /// データのフォルダー
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
        #[command(flatten)]
        database: DatabaseOptions,
    },
}

/// Makes a master key, or puts the newest in force.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.what {
        What::New { file } => make(file)?,
        What::Rotate {
            master_key,
            data,
            database,
        } => {
            let masters = crate::masters(master_key.as_deref())?;
            if masters.newest().is_none() {
                bail!(
                    "マスター鍵がありません。--master-key か TSUMUGI_MASTER_KEY で、鍵のファイルを指定してください（tsumugi keys new で作れます）"
                );
            }
            let rotated = crate::rotate_keys(data, database.read().as_ref(), &masters)?;
            print(&match rotated {
                Some(rows) => format!("{rows}個の鍵を、新しいマスター鍵で包み直しました。\n"),
                None => "もう、いちばん新しいマスター鍵で包まれています。\n".to_owned(),
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the file anew with one more key at its head, under another name first.
fn make(file: &Path) -> Result<()> {
    let named = || format!("{} に書けません", file.display());
    let before = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(named)?,
    };
    let mut bytes = [0; 32];
    crate::world::random(&mut bytes);
    let master = store::Master::of(bytes);
    let unfinished = file.with_extension("part");
    let mut out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(named)?;
    write!(out, "# {}\n{}\n{before}", master.id(), master.secret()).with_context(named)?;
    out.sync_all().with_context(named)?;
    std::fs::rename(&unfinished, file).with_context(named)?;
    print(&format!(
        "マスター鍵 {} を {} に書きました。サーバーにこのファイルを渡し、tsumugi keys rotate で使い始めます。データとは別の所に控えてください。\n",
        master.id(),
        file.display()
    ))
}
