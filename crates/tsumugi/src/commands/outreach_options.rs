//! Options of `serve` for reaching people. Secrets come from files, never from the command line.

use crate::OutreachConfig;
use anyhow::{Context as _, Result, bail};
use connect::line::LineSettings;
use connect::mail::MailSettings;
use connect::sms::SmsSettings;
use std::path::{Path, PathBuf};

/// Options.
#[derive(clap::Args)]
pub(super) struct OutreachOptions {
    /// メールサーバー（smtp://名前:番号、STARTTLSは ?tls=required、または smtps://）
    #[arg(long, value_name = "URL", env = "TSUMUGI_MAIL", requires = "mail_from")]
    mail: Option<String>,
    /// メールの差出人（名前 <アドレス>）
    #[arg(long, value_name = "ADDRESS", env = "TSUMUGI_MAIL_FROM")]
    mail_from: Option<String>,
    /// メールサーバーの利用者名（1行目）と暗証（2行目）を書いたファイル
    #[arg(long, value_name = "FILE", env = "TSUMUGI_MAIL_LOGIN")]
    mail_login: Option<PathBuf>,
    /// 1秒に送るメールの数の上限
    #[arg(long, value_name = "N", default_value_t = 20)]
    mail_per_second: usize,
    /// SMSの送信先
    #[arg(long, value_name = "URL", env = "TSUMUGI_SMS", requires = "sms_token")]
    sms: Option<String>,
    /// SMSの送信先のトークンを書いたファイル
    #[arg(long, value_name = "FILE", env = "TSUMUGI_SMS_TOKEN")]
    sms_token: Option<PathBuf>,
    /// 1秒に送るSMSの数の上限
    #[arg(long, value_name = "N", default_value_t = 10)]
    sms_per_second: usize,
    /// LINEのチャネルアクセストークン（1行目）とチャネルシークレット（2行目）を書いたファイル
    #[arg(
        long,
        value_name = "FILE",
        env = "TSUMUGI_LINE_SECRETS",
        requires = "line_friend"
    )]
    line_secrets: Option<PathBuf>,
    /// LINEの友だち追加のURL
    #[arg(long, value_name = "URL", env = "TSUMUGI_LINE_FRIEND")]
    line_friend: Option<String>,
    /// 1秒に送るLINEの数の上限
    #[arg(long, value_name = "N", default_value_t = 100)]
    line_per_second: usize,
    /// ブラウザーの通知の鍵（tsumugi push-key で作る）を書いたファイル
    #[arg(
        long,
        value_name = "FILE",
        env = "TSUMUGI_PUSH_KEY",
        requires = "push_contact"
    )]
    push_key: Option<PathBuf>,
    /// ブラウザーの通知の連絡先（mailto:アドレス）
    #[arg(long, value_name = "MAILTO", env = "TSUMUGI_PUSH_CONTACT")]
    push_contact: Option<String>,
}

impl OutreachOptions {
    /// Reads the files that hold secrets. `base` is the address that people open.
    pub(super) fn read(self, base: &str) -> Result<OutreachConfig> {
        let mail = match (self.mail, self.mail_from) {
            (Some(server), Some(from)) => Some(MailSettings {
                server,
                login: self.mail_login.as_deref().map(two_lines).transpose()?,
                from,
                per_second: self.mail_per_second,
            }),
            _ => None,
        };
        let sms = match (self.sms, self.sms_token) {
            (Some(url), Some(file)) => Some(SmsSettings {
                url,
                token: secret(&file)?,
                per_second: self.sms_per_second,
            }),
            _ => None,
        };
        let line = match (self.line_secrets, self.line_friend) {
            (Some(file), Some(friend)) => {
                let (token, secret) = two_lines(&file)?;
                Some(LineSettings {
                    api: "https://api.line.me".into(),
                    token,
                    secret,
                    friend,
                    per_second: self.line_per_second,
                })
            }
            _ => None,
        };
        let push = match (self.push_key, self.push_contact) {
            (Some(file), Some(contact)) => Some((secret(&file)?, contact)),
            _ => None,
        };
        Ok(OutreachConfig {
            base: base.to_owned(),
            mail,
            sms,
            line,
            push,
        })
    }
}

fn secret(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{} を読めません", file.display()))?;
    match text.trim() {
        "" => bail!("{} が空です", file.display()),
        text => Ok(text.to_owned()),
    }
}

pub(super) fn two_lines(file: &Path) -> Result<(String, String)> {
    let text = secret(file)?;
    let (first, second) = text
        .split_once('\n')
        .with_context(|| format!("{} には2行要ります", file.display()))?;
    Ok((first.trim().to_owned(), second.trim().to_owned()))
}
