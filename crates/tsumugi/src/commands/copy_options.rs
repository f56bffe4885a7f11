//! Where a copy of the installation is, as it is said on the command line.

use crate::vault::{self, CopyTo};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::time::Duration;

/// Options of every command that reads or writes a copy.
#[derive(clap::Args)]
pub(super) struct CopyOptions {
    /// データの写しを置く所（フォルダー、または s3://バケット/前置き?endpoint=URL&region=名前）
    #[arg(
        long,
        value_name = "PLACE",
        env = "TSUMUGI_COPY",
        requires = "copy_keys"
    )]
    copy: Option<String>,
    /// 鍵の写しを置く所。データの写しとは別の場所にする
    #[arg(long, value_name = "PLACE", env = "TSUMUGI_COPY_KEYS")]
    copy_keys: Option<String>,
    /// --copy が s3:// のとき、アクセスキー（1行目）と秘密鍵（2行目）を書いたファイル
    #[arg(long, value_name = "FILE", env = "TSUMUGI_COPY_LOGIN")]
    copy_login: Option<PathBuf>,
    /// --copy-keys が s3:// のときの、同じ形のファイル
    #[arg(long, value_name = "FILE", env = "TSUMUGI_COPY_KEYS_LOGIN")]
    copy_keys_login: Option<PathBuf>,
    /// 写しに加える間隔（秒）。機械を失ったとき、失うのは長くてこの間の操作
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    copy_every: u64,
}

impl CopyOptions {
    /// The places; none if no copy is kept.
    pub(super) fn read(&self) -> Result<Option<CopyTo>> {
        let (Some(data), Some(keys)) = (&self.copy, &self.copy_keys) else {
            return Ok(None);
        };
        if data == keys {
            bail!(
                "--copy と --copy-keys には別の場所を指定してください。鍵とデータが一緒では、鍵を分けた意味がありません。"
            );
        }
        Ok(Some(CopyTo {
            data: vault::open(data, self.copy_login.as_deref())?,
            keys: vault::open(keys, self.copy_keys_login.as_deref())?,
            every: Duration::from_secs(self.copy_every),
        }))
    }

    /// The same where there must be places.
    pub(super) fn required(&self) -> Result<CopyTo> {
        let Some(copy) = self.read()? else {
            bail!("--copy と --copy-keys で、写しの場所を指定してください。");
        };
        Ok(copy)
    }
}
