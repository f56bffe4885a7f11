//! Secrets of an installation that it made itself and that an operator turns.

use crate::payment;
use crate::place::Opened;
use crate::verify::engine_over;
use crate::world::random;
use anyhow::Result;
use engine::secrets::{DEVICE_PROOFS, LETTER_CODES, MAIL_LINKS, SIGN_IN_STEPS};
use std::path::Path;
use store::Database;

/// What can be turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Turnable {
    /// 手紙に印刷する確認の符号
    LetterCodes,
    /// ログインしたことのあるブラウザーの見分け
    DeviceProofs,
    /// ログインの途中の状態（二要素の1つ目のあとなど）
    SignInSteps,
    /// メールで送るリンク（登録、パスワードの決め直し）
    MailLinks,
    /// 組み込みの代行会社が署名する秘密（payment-webhook.key）
    PaymentWebhook,
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A new one is put in force; the earlier ones hold on.
    New,
    /// Only the one in force holds.
    Retire,
}

/// Turns a secret; answers how many hold now.
///
/// # Errors
/// If a server has the data folder open, or what is kept is no secret.
pub(crate) fn turn(
    data: &Path,
    database: Option<&Database>,
    what: Turnable,
    turn: Turn,
) -> Result<usize> {
    let name = match what {
        Turnable::LetterCodes => LETTER_CODES,
        Turnable::DeviceProofs => DEVICE_PROOFS,
        Turnable::SignInSteps => SIGN_IN_STEPS,
        Turnable::MailLinks => MAIL_LINKS,
        Turnable::PaymentWebhook => return payment::turn(data, turn),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let engine = engine_over(&Opened::existing(data, database).await?);
        if turn == Turn::Retire {
            engine.retire_secrets(name).await?;
            return Ok(1);
        }
        // There is always one before a new one: what it vouched for is to hold on.
        engine.secrets(name, &random).await?;
        Ok(engine.turn_secret(name, &random).await?)
    })
}
