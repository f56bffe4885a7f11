//! That a way to sign in came or went is told to its owner: it may not have been them.

use crate::Engine;
use kernel::Said;
use kernel::port::Account;
use std::collections::BTreeMap;

fn japanese(what: &str, added: bool, name: &str) -> Said {
    let deed = match (what, added) {
        ("codes", _) => "回復コードを新しく作りました。前の回復コードは使えません。".to_owned(),
        ("provider", true) => format!("「{name}」でもログインできるようになりました。"),
        ("provider", false) => format!("「{name}」ではログインできなくなりました。"),
        (_, true) => format!("「{name}」を登録しました。"),
        (_, false) => format!("「{name}」を外しました。"),
    };
    Said {
        subject: "ログインの方法が変わりました".to_owned(),
        body: format!(
            "{deed}心当たりがないときは、マイページの「ログインと安全」で、知らない端末をログアウトさせ、パスワードを変えてください。"
        ),
    }
}

fn english(what: &str, added: bool, name: &str) -> Said {
    let deed = match (what, added) {
        ("codes", _) => "New recovery codes were made; the earlier ones no longer work.".to_owned(),
        ("provider", true) => format!("You can now also sign in with {name}."),
        ("provider", false) => format!("You can no longer sign in with {name}."),
        (_, true) => format!("“{name}” was added."),
        (_, false) => format!("“{name}” was removed."),
    };
    Said {
        subject: "Your ways to sign in have changed".to_owned(),
        body: format!(
            "{deed} If this was not you, open “Sign-in and security” on My Page, sign out devices that you do not know, and change your password."
        ),
    }
}

impl Engine {
    /// Tells its owner. What was changed stands, also where this cannot be written.
    pub(crate) async fn tell_of_proof(
        &self,
        account: &Account,
        what: &str,
        (added, name): (bool, &str),
    ) {
        let others = BTreeMap::from([("en".to_owned(), english(what, added, name))]);
        let said = japanese(what, added, name);
        if let Err(failure) = self.tell_account(account.id, said, others).await {
            tracing::warn!(%failure, "that a way to sign in changed could not be told");
        }
    }
}
