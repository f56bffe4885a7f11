//! `tsumugi account`: adds a person who signs in with a password. For an installation that is no demo; the server must
//! not be running, since the data directory belongs to one process.

use super::database::DatabaseOptions;
use super::print;
use crate::data::{self, Holds};
use crate::place::Opened;
use crate::{RandomIds, SystemClock, random};
use anyhow::{Context as _, Result, bail};
use engine::{Clock as _, Ids as _};
use kernel::port::Account;
use kernel::proofs::Proofs;
use kernel::{AccountId, PartyId, Seat};
use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use web::auth::SHORTEST_PASSWORD_CHARACTERS;

/// Options of `account`.
#[derive(clap::Args)]
pub struct Options {
    /// ログイン名（メールアドレスなど）
    #[arg(long)]
    login: String,
    /// 氏名（登録するとき）
    #[arg(long, required_unless_present_any = ["close", "end_sessions", "remove_factors"])]
    name: Option<String>,
    /// 登録の代わりに、この人のログインをすべて終わらせる
    #[arg(long, conflicts_with_all = ["name", "role", "close"])]
    end_sessions: bool,
    /// 登録の代わりに、この人のアカウントを閉じる（ログインできなくし、いまのログインも終わらせる）
    #[arg(long, conflicts_with_all = ["name", "role"])]
    close: bool,
    /// 登録の代わりに、この人のパスキー、認証アプリ、回復コードをすべて外し、ログインも終わらせる（窓口で本人を確かめてから）
    #[arg(long, conflicts_with_all = ["name", "role", "close"])]
    remove_factors: bool,
    /// 職員の席の役割（examiner、approver など）。都民・事業者には付けません
    #[arg(long)]
    role: Option<String>,
    /// 席のある所属（例：多摩立川保健所）
    #[arg(long, requires = "role")]
    office: Option<String>,
    /// 席の処分庁の5桁のコード（都は 13000）
    #[arg(long, requires = "role")]
    authority: Option<String>,
    /// 席の区市町村の5桁のコード
    #[arg(long, requires = "role")]
    municipality: Option<String>,
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Adds the account; the password is the first line of standard input, so that it stands in no history.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    if options.close || options.end_sessions || options.remove_factors {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(end(options))?;
        let done = if options.close {
            "アカウントを閉じました"
        } else if options.remove_factors {
            "パスキーと認証アプリをすべて外し、ログインを終わらせました"
        } else {
            "ログインをすべて終わらせました"
        };
        print(&format!("{} の{done}。\n", options.login))?;
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("パスワードを1行で入力してください（{SHORTEST_PASSWORD_CHARACTERS}文字以上）：");
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("パスワードを読めません")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(add(options, password.trim_end_matches(['\r', '\n'])))?;
    print(&format!("{} を登録しました。\n", options.login))?;
    Ok(ExitCode::SUCCESS)
}

/// Ends the sessions of an account, and closes it where that is asked for. Over PostgreSQL servers may be running: they
/// follow within a second.
async fn end(options: &Options) -> Result<()> {
    let opened = Opened::open(&options.data, options.database.read().as_ref())
        .await
        .context("サーバーがこのフォルダーを使っているときは、止めてから実行してください")?;
    let (store, login) = (opened.store(), options.login.trim());
    let Some(mut account) = store.account_by_login(login).await? else {
        bail!("ログイン名「{login}」の人はいません。");
    };
    if options.close {
        account.closed = Some(SystemClock.now());
        return Ok(store.put_account_anew(account, None).await?);
    }
    if options.remove_factors
        && let Some(proofs) = store.proofs(account.id).await?
    {
        let none = Proofs {
            passkeys: Vec::new(),
            apps: Vec::new(),
            recovery: Vec::new(),
            pending: None,
            ..proofs
        };
        if !store.put_proofs(none, Vec::new()).await? {
            bail!("同時に変更されました。もう一度実行してください。");
        }
    }
    Ok(store.end_sessions_of(account.id, None).await?)
}

async fn add(options: &Options, password: &str) -> Result<()> {
    if password.chars().count() < SHORTEST_PASSWORD_CHARACTERS {
        bail!("パスワードは{SHORTEST_PASSWORD_CHARACTERS}文字以上にしてください。");
    }
    let name = options.name.as_deref().unwrap_or_default();
    if web::auth::is_guessable(password, &[&options.login, name]) {
        bail!(
            "推測されやすいパスワードです。よく使われる言葉や数字の並び、氏名やログイン名だけのものは使えません。"
        );
    }
    let was_new = data::is_new(&options.data);
    let opened = Opened::open(&options.data, options.database.read().as_ref())
        .await
        .context("サーバーがこのフォルダーを使っているときは、止めてから実行してください")?;
    let (was_new, store) = (opened.is_new(was_new).await?, opened.store());
    if matches!(
        data::holds(store.as_ref(), was_new).await?,
        Holds::Demo | Holds::HalfDemo
    ) {
        bail!(
            "{} は見本のデータです。人を加えられるのは本番のデータだけです。",
            options.data.display()
        );
    }
    let login = options.login.trim();
    if login.is_empty() || store.account_by_login(login).await?.is_some() {
        bail!("ログイン名「{login}」は空か、もう使われています。別の名前にしてください。");
    }
    let hash = web::auth::hash_password(password, &(Arc::new(random) as web::Random));
    let hash =
        hash.map_err(|problem| anyhow::anyhow!("パスワードを保存できません：{}", problem.title))?;
    Ok(store.put_account(account(options, hash)).await?)
}

fn account(options: &Options, password: String) -> Account {
    let ids = RandomIds::default();
    let now = SystemClock.now();
    let seat = options.role.as_ref().map(|role| Seat {
        role: role.clone(),
        office: options.office.clone(),
        authority: options.authority.clone(),
        municipality: options.municipality.clone(),
        substitute: None,
    });
    Account {
        id: AccountId(ids.uuid(now)),
        login: options.login.trim().to_owned(),
        name: options
            .name
            .as_deref()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        password: Some(password),
        party: PartyId(ids.uuid(now)),
        hats: Vec::new(),
        seats: seat.into_iter().collect(),
        passes: Vec::new(),
        demo: false,
        closed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::port::Store as _;
    use kernel::proofs::ProofStore as _;
    use store::{Options as StoreOptions, SqliteStore};

    fn options(data: &std::path::Path, login: &str) -> Options {
        Options {
            login: login.into(),
            name: Some("見本 太郎".into()),
            end_sessions: false,
            remove_factors: false,
            close: false,
            role: Some("examiner".into()),
            office: Some("見本事務所".into()),
            authority: None,
            municipality: None,
            data: data.into(),
            database: DatabaseOptions::default(),
        }
    }

    #[tokio::test]
    async fn an_account_is_added_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            add(&options(folder.path(), "a@example.jp"), "短い")
                .await
                .is_err()
        );
        add(
            &options(folder.path(), "a@example.jp"),
            "十分に長い合い言葉です。",
        )
        .await
        .unwrap();
        let again = add(
            &options(folder.path(), "a@example.jp"),
            "十分に長い合い言葉です。",
        )
        .await
        .unwrap_err();
        assert!(again.to_string().contains("もう使われています"), "{again}");
        let store = SqliteStore::open(folder.path(), StoreOptions::new(Box::new(random))).unwrap();
        let found = store
            .account_by_login("a@example.jp")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.seats[0].role.as_str(), found.demo),
            ("examiner", false)
        );
        assert!(found.password.unwrap().starts_with("$argon2id$"));
    }

    #[tokio::test]
    async fn an_account_is_closed_with_its_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let asked = options(folder.path(), "a@example.jp");
        assert!(end(&asked).await.is_err(), "there is none yet");
        add(&asked, "十分に長い合い言葉です。").await.unwrap();
        let opened = || SqliteStore::open(folder.path(), StoreOptions::new(Box::new(random)));
        let store = opened().unwrap();
        let account = store.account_by_login("a@example.jp").await.unwrap();
        let account = account.unwrap().id;
        let until = (SystemClock.now(), jiff::Timestamp::MAX);
        let id = RandomIds::default().uuid(SystemClock.now());
        let session = kernel::port::Session::plain("s".into(), id, account, "bearer", until);
        store.put_session(session).await.unwrap();
        drop(store);
        let close = Options {
            close: true,
            ..asked
        };
        end(&close).await.unwrap();
        let store = opened().unwrap();
        assert!(store.session("s").await.unwrap().is_none());
        let account = store.account(account).await.unwrap().unwrap();
        assert!(account.closed.is_some());
    }

    #[tokio::test]
    async fn a_password_that_is_tried_first_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let asked = options(folder.path(), "hanako@example.jp");
        for guessed in ["password2026", "hanako123456"] {
            let told = add(&asked, guessed).await.unwrap_err();
            assert!(told.to_string().contains("推測されやすい"), "{told}");
        }
    }

    #[tokio::test]
    async fn factors_go_with_the_sessions_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let asked = options(folder.path(), "a@example.jp");
        add(&asked, "十分に長い合い言葉です。").await.unwrap();
        let opened = || SqliteStore::open(folder.path(), StoreOptions::new(Box::new(random)));
        let store = opened().unwrap();
        let account = store.account_by_login("a@example.jp").await.unwrap();
        let account = account.unwrap();
        let now = SystemClock.now();
        let id = RandomIds::default().uuid(now);
        let passkey = kernel::proofs::Passkey {
            id,
            credential: vec![1, 2, 3],
            algorithm: -7,
            key: vec![4],
            counter: 0,
            copied: false,
            name: "電話".into(),
            made: now,
            used: None,
        };
        let app = kernel::proofs::Authenticator {
            id,
            secret: vec![5; 20],
            step: 0,
            name: "アプリ".into(),
            made: now,
            used: None,
        };
        let proofs = Proofs {
            passkeys: vec![passkey],
            apps: vec![app],
            recovery: vec!["digest".into()],
            ..Proofs::none(account.id)
        };
        let written = store.put_proofs(proofs, vec!["credential".into()]).await;
        assert!(written.unwrap());
        let until = (now, jiff::Timestamp::MAX);
        let session = kernel::port::Session::plain("s".into(), id, account.id, "bearer", until);
        store.put_session(session).await.unwrap();
        drop(store);
        let remove = Options {
            remove_factors: true,
            ..asked
        };
        end(&remove).await.unwrap();
        let store = opened().unwrap();
        let proofs = store.proofs(account.id).await.unwrap().unwrap();
        assert!(!proofs.any() && proofs.recovery.is_empty());
        let owner = store.passkey_owner("credential").await.unwrap();
        assert_eq!(owner, None, "the passkey is nobody's");
        assert!(store.session("s").await.unwrap().is_none());
        let kept = store.account(account.id).await.unwrap().unwrap();
        assert!(kept.password == account.password && kept.closed.is_none());
    }

    #[tokio::test]
    async fn a_demo_takes_no_real_people() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::new(Box::new(random))).unwrap();
        store.put_setting(data::SETTING, data::MADE).await.unwrap();
        drop(store);
        assert!(
            add(
                &options(folder.path(), "a@example.jp"),
                "十分に長い合い言葉です。"
            )
            .await
            .is_err()
        );
    }
}
