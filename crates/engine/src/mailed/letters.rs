//! What letters to addresses say. Whoever opens the mailbox reads them: they name nobody, and no service.

use kernel::slips::{Purpose, Words};

/// The language of a letter: Japanese but for who reads English.
pub(super) fn language(tag: &str) -> &'static str {
    match tag {
        "en" => "en",
        _ => "ja",
    }
}

fn words(language: &str, [japanese, english]: [(&str, &str); 2]) -> Words {
    let (subject, body) = match language {
        "en" => english,
        _ => japanese,
    };
    Words {
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

/// Beside the link of a slip.
pub(super) fn linked(purpose: Purpose, language: &str) -> Words {
    words(
        language,
        match purpose {
            Purpose::Register => [
                (
                    "アカウントの登録を続けてください",
                    "つむぎのアカウントを作るための、ご本人だけのリンクです。1時間のうちに開いて、登録を終えてください。使えるのは1回だけです。\n心当たりのないときは、何もしなくてかまいません。アカウントは作られません。",
                ),
                (
                    "Finish making your account",
                    "This link makes your Tsumugi account. Open it within an hour; it works once.\nIf you did not ask for it, do nothing: no account is made.",
                ),
            ],
            Purpose::Recover => [
                (
                    "パスワードを決め直してください",
                    "つむぎのパスワードを決め直すための、ご本人だけのリンクです。1時間のうちに開いてください。使えるのは1回だけです。\n心当たりのないときは、何もしなくてかまいません。いまのパスワードがそのまま使えます。このリンクをほかの人に渡さないでください。",
                ),
                (
                    "Choose a new password",
                    "This link lets you choose a new password for Tsumugi. Open it within an hour; it works once.\nIf you did not ask for it, do nothing: your password stays. Do not pass this link on.",
                ),
            ],
            Purpose::Move | Purpose::Tell => [
                (
                    "新しいメールアドレスを確かめてください",
                    "つむぎにログインするメールアドレスを、このアドレスに変えるためのリンクです。1時間のうちに開いて、ボタンを押してください。使えるのは1回だけです。\n心当たりのないときは、何もしないでください。何も変わりません。",
                ),
                (
                    "Confirm your new e-mail address",
                    "This link makes this address the one by which you sign in to Tsumugi. Open it within an hour and press the button; it works once.\nIf you did not ask for it, do nothing: nothing changes.",
                ),
            ],
        },
    )
}

/// The address has an account: signing in, or another password, is what helps.
pub(super) fn registered(language: &str) -> Words {
    words(
        language,
        [
            (
                "アカウントはすでにあります",
                "アカウントの登録の申し込みがありましたが、このメールアドレスのアカウントは、つむぎにすでにあります。下の画面からログインしてください。パスワードを忘れたときは、その画面の「パスワードを忘れたとき」から決め直せます。\n心当たりのないときは、何もしなくてかまいません。何も変わっていません。",
            ),
            (
                "You already have an account",
                "Somebody asked to make an account, but this e-mail address already has one at Tsumugi. Sign in below. If you forgot your password, choose “Forgot your password?” there.\nIf you did not ask for it, do nothing: nothing has changed.",
            ),
        ],
    )
}

/// The address has no account: there is no password to choose anew.
pub(super) fn unknown(language: &str) -> Words {
    words(
        language,
        [
            (
                "このメールアドレスのアカウントはありません",
                "パスワードを決め直す申し込みがありましたが、このメールアドレスのアカウントは、つむぎにありません。ほかのメールアドレスで登録したか、GビズIDやマイナンバーカードでログインしているかもしれません。新しく登録するときは、下の画面からどうぞ。\n心当たりのないときは、何もしなくてかまいません。",
            ),
            (
                "This e-mail address has no account",
                "Somebody asked for a new password, but this e-mail address has no account at Tsumugi. You may have registered with another address, or sign in with gBizID or your My Number Card. To register, open the page below.\nIf you did not ask for it, do nothing.",
            ),
        ],
    )
}

/// Another account has the address to which one wanted to move.
pub(super) fn taken(language: &str) -> Words {
    words(
        language,
        [
            (
                "メールアドレスは変わっていません",
                "ログインするメールアドレスをこのアドレスに変える申し込みがありましたが、このアドレスには、つむぎのアカウントがすでにあります。1つのアドレスで持てるアカウントは1つです。何も変わっていません。\n心当たりのないときは、何もしなくてかまいません。",
            ),
            (
                "Your e-mail address has not changed",
                "Somebody asked to make this their sign-in address, but it already has an account at Tsumugi. An address can have one account. Nothing has changed.\nIf you did not ask for it, do nothing.",
            ),
        ],
    )
}

/// The account was closed.
pub(super) fn closed(language: &str) -> Words {
    words(
        language,
        [
            (
                "このアカウントは閉じられています",
                "このメールアドレスのアカウントは閉じられているため、申し込みを受け付けられませんでした。もう一度使いたいときは、窓口に問い合わせてください。",
            ),
            (
                "This account is closed",
                "The account of this e-mail address is closed, so nothing was done. To use it again, please contact the office.",
            ),
        ],
    )
}

/// An official's: not by mail.
pub(super) fn official(language: &str) -> Words {
    words(
        language,
        [
            (
                "職員のアカウントは、メールでは扱えません",
                "このメールアドレスは職員のものとして登録されています。職員のアカウントを作る、パスワードを決め直すといった手続きは、所属のシステム管理者に申し出てください。",
            ),
            (
                "Staff accounts are not handled by e-mail",
                "This e-mail address is that of a member of staff. Please ask your administrator.",
            ),
        ],
    )
}

/// To the owner, once another password was chosen.
pub(super) fn recovered(language: &str) -> Words {
    words(
        language,
        [
            (
                "パスワードが変わりました",
                "メールのリンクから、新しいパスワードが決められました。どの端末もログアウトしました。パスキーや認証アプリは、そのまま必要です。心当たりがないときは、すぐに「パスワードを忘れたとき」からもう一度決め直し、窓口に知らせてください。",
            ),
            (
                "Your password has changed",
                "A new password was chosen by a link that we mailed. All devices were signed out; passkeys and authenticator apps are needed as before. If this was not you, choose another at once by “Forgot your password?” and tell the office.",
            ),
        ],
    )
}

/// To the address that an account has, once moving was asked for.
pub(super) fn move_asked(language: &str) -> Words {
    words(
        language,
        [
            (
                "メールアドレスを変える申し込みがありました",
                "つむぎにログインするメールアドレスを、別のアドレスに変える申し込みがありました。新しいアドレスで確かめられると、変わります。心当たりがないときは、ログインして「ログインと安全」で知らない端末をログアウトさせ、パスワードを変えてください。",
            ),
            (
                "A change of your e-mail address was asked for",
                "Somebody who is signed in as you asked to sign in by another e-mail address. It changes once it is confirmed there. If this was not you, sign in, sign out devices that you do not know under “Sign-in and safety”, and change your password.",
            ),
        ],
    )
}

/// To the address that an account has left.
pub(super) fn moved_away(language: &str) -> Words {
    words(
        language,
        [
            (
                "メールアドレスが変わりました",
                "つむぎにログインするメールアドレスが、別のアドレスに変わりました。このアドレスではもうログインできません。心当たりがないときは、すぐに窓口に知らせてください。",
            ),
            (
                "Your e-mail address has changed",
                "Your Tsumugi account now signs in by another e-mail address, no longer by this one. If this was not you, tell the office at once.",
            ),
        ],
    )
}

/// To the owner, once the account has moved.
pub(super) fn moved(language: &str) -> Words {
    words(
        language,
        [
            (
                "メールアドレスが変わりました",
                "ログインするメールアドレスが変わりました。次からは新しいアドレスでログインしてください。どの端末もログアウトしました。",
            ),
            (
                "Your e-mail address has changed",
                "You now sign in by your new e-mail address. All devices were signed out.",
            ),
        ],
    )
}
