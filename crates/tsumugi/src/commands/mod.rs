//! One command a file.

mod account;
mod affected;
mod backup;
mod check;
mod copy_options;
mod database;
mod explain;
mod export;
mod identity_options;
mod import_service;
mod keys;
mod listeners;
mod log_key;
mod logging;
mod manual;
mod new;
mod outreach_options;
mod parts;
mod pdf_page;
mod privacy;
mod push_key;
mod restore;
mod schema;
mod secrets;
mod serve;
mod system;
mod token;
mod verify;
mod witness;

use anyhow::Result;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the binary can do.
#[derive(clap::Subcommand)]
pub enum Command {
    /// サーバーを起動する
    Serve(Box<serve::Options>),
    /// サービスの定義をすべて調べ、誤りを示す
    Check(check::Options),
    /// ひな型を合わせた定義を、各行の出どころとともに示す
    Explain(explain::Options),
    /// 新しいサービスのフォルダーを作る
    New(new::Options),
    /// 見本の登場人物のトークンを示す
    Token(token::Options),
    /// 記録・索引・検索・残高が履歴のとおりか、履歴が署名のとおりか、受付の証明が正しいかを確かめる
    Verify(verify::Options),
    /// 履歴の台帳（署名とハッシュ）の写しを、外で保管するために作る
    Witness(witness::Options),
    /// 記録の鍵を包むマスター鍵を作り、取り替える
    Keys(keys::Options),
    /// この設置先が自分で作った秘密を取り替える
    Secrets(secrets::Options),
    /// 履歴の台帳の公開鍵を示す
    LogKey(log_key::Options),
    /// 情報が漏れたかもしれないとき、だれの記録が見られたかを、連絡先とともにCSVで示す
    Affected(affected::Options),
    /// 個人情報ファイル簿（個人情報の保護に関する法律 第75条）の材料を、定義から書き出す
    Privacy(privacy::Options),
    /// データの写しを、いまの姿で1つ作る（サーバーを動かしたままでよい）
    Backup(backup::Options),
    /// 写しから、ある時刻の姿のデータを作り、確かめる
    Restore(restore::Options),
    /// サービスを丸ごと書き出す（JSON Lines、CSV、添付。サーバーを動かしたままでよい）
    Export(export::Options),
    /// 書き出したサービスを、そのサービスの記録がない所へ取り込み、確かめる
    ImportService(import_service::Options),
    /// パスワードでログインする人を登録する（本番のデータだけ）
    Account(account::Options),
    /// 自分の鍵でログインするほかのシステムを登録する、止める（本番のデータだけ）
    System(system::Options),
    /// ブラウザーの通知の鍵を作って示す
    PushKey,
    /// PDFのページを描く（サーバーが自分で起動する）
    #[command(hide = true, name = crate::page_process::COMMAND)]
    PdfPage(pdf_page::Options),
    /// 定義の書き方の手引きを示す
    Manual,
    /// エディター用の JSON Schema を示す
    Schema,
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Serve(options) => serve::run(*options),
            Self::Affected(options) => affected::run(&options),
            Self::Check(options) => check::run(&options),
            Self::Privacy(options) => privacy::run(&options),
            Self::Explain(options) => explain::run(&options),
            Self::New(options) => new::run(&options),
            Self::Token(options) => token::run(&options),
            Self::Verify(options) => verify::run(&options),
            Self::Witness(options) => witness::run(&options),
            Self::Keys(options) => keys::run(&options),
            Self::Secrets(options) => secrets::run(&options),
            Self::LogKey(options) => log_key::run(&options),
            Self::Backup(options) => backup::run(&options),
            Self::Restore(options) => restore::run(&options),
            Self::Export(options) => export::run(&options),
            Self::ImportService(options) => import_service::run(&options),
            Self::Account(options) => account::run(&options),
            Self::System(options) => system::run(&options),
            Self::PushKey => push_key::run(),
            Self::PdfPage(options) => pdf_page::run(&options),
            Self::Manual => manual::run(),
            Self::Schema => schema::run(),
        }
    }
}

/// Where packages are, unless said otherwise.
fn default_services() -> PathBuf {
    PathBuf::from("services")
}

/// Prints to standard output; a reader that has gone (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// What a file of secrets says on its first and second line.
pub(crate) fn two_lines(file: &std::path::Path) -> Result<(String, String)> {
    outreach_options::two_lines(file)
}

/// Today in Asia/Tokyo.
fn today() -> jiff::civil::Date {
    engine::tokyo_day(engine::Clock::now(&crate::SystemClock))
}
