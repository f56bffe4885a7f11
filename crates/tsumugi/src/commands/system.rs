//! `tsumugi system`: registers another system, which signs in by itself with a key of its own. As with `account`, the server
//! must not be running over SQLite; over PostgreSQL it may.

use super::database::DatabaseOptions;
use super::print;
use crate::data::{self, Holds};
use crate::place::Opened;
use crate::{RandomIds, SystemClock};
use anyhow::{Context as _, Result, bail};
use engine::systems::{LOGIN, Scope, SystemRule};
use engine::{Clock as _, Ids as _};
use kernel::port::{Account, Store};
use kernel::{AccountId, PartyId, Seat};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `system`.
#[derive(clap::Args)]
pub struct Options {
    /// システムの名前（client_id）。英数字と - _
    #[arg(long)]
    client: String,
    /// 履歴や「だれが見たか」に出る名前（新しく登録するとき）
    #[arg(long, required_unless_present_any = ["close", "show"])]
    name: Option<String>,
    /// 公開鍵（JWKの集まり）のファイル
    #[arg(long, value_name = "FILE", required_unless_present_any = ["close", "show"])]
    jwks: Option<PathBuf>,
    /// 許す範囲（read:サービス、act:サービス/種類/操作）。いくつでも
    #[arg(long, value_name = "SCOPE", required_unless_present_any = ["close", "show"])]
    scope: Vec<String>,
    /// 席の役割（どの役割として見るか）
    #[arg(long)]
    role: Option<String>,
    /// 席のある所属
    #[arg(long, requires = "role")]
    office: Option<String>,
    /// 席の処分庁の5桁のコード（都は 13000）
    #[arg(long, requires = "role")]
    authority: Option<String>,
    /// 席の区市町村の5桁のコード
    #[arg(long, requires = "role")]
    municipality: Option<String>,
    /// 登録の代わりに、このシステムを止める（いまのトークンも終わる）
    #[arg(long, conflicts_with_all = ["name", "jwks", "scope", "role", "show"])]
    close: bool,
    /// 登録の代わりに、登録の内容を示す
    #[arg(long, conflicts_with_all = ["name", "jwks", "scope", "role"])]
    show: bool,
    /// データのフォルダー
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Registers, shows or stops a system.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let said = runtime.block_on(done(options))?;
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}

async fn done(options: &Options) -> Result<String> {
    let client = options.client.trim();
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if client.is_empty() || client.len() > 100 || !client.chars().all(sign) {
        bail!("--client は、英数字と「-」「_」だけで、100文字までにしてください。");
    }
    let was_new = data::is_new(&options.data);
    let opened = Opened::open(&options.data, options.database.read().as_ref())
        .await
        .context("サーバーがこのフォルダーを使っているときは、止めてから実行してください")?;
    let (was_new, store) = (opened.is_new(was_new).await?, opened.store());
    let held = data::holds(store.as_ref(), was_new).await?;
    if matches!(held, Holds::Demo | Holds::HalfDemo) {
        bail!(
            "{} は見本のデータです。システムを登録できるのは本番のデータだけです。",
            options.data.display()
        );
    }
    let known = store.account_by_login(&format!("{LOGIN}{client}")).await?;
    match (known, options.close || options.show) {
        (None, true) => bail!("「{client}」というシステムは登録されていません。"),
        (Some(account), true) if options.close => close(store.as_ref(), client, account).await,
        (Some(account), true) => show(store.as_ref(), client, &account).await,
        (known, false) => register(store.as_ref(), client, known, options).await,
    }
}

async fn register(
    store: &dyn Store,
    client: &str,
    known: Option<Account>,
    options: &Options,
) -> Result<String> {
    let file = options.jwks.as_deref().context("--jwks がありません。")?;
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} を読めません。", file.display()))?;
    let keys = SystemRule::public_keys(&text).map_err(anyhow::Error::msg)?;
    let scope = Scope::read(&options.scope.join(" ")).filter(|scope| !scope.is_empty());
    let scope = scope
        .context("--scope は、read:サービス か act:サービス/種類/操作 の形で書いてください。")?;
    let rule = serde_json::to_string(&SystemRule {
        scope: scope.clone(),
        keys,
    })?;
    // Tokens that were given out for the old registration end with it; so does a stop of before.
    let account = account(client, known, options);
    store.put_account_anew(account, None).await?;
    store
        .put_setting(&SystemRule::setting(client), &rule)
        .await?;
    Ok(format!(
        "システム「{client}」を登録しました。範囲：{}\n",
        scope.text()
    ))
}

async fn close(store: &dyn Store, client: &str, mut account: Account) -> Result<String> {
    account.closed = Some(SystemClock.now());
    store.put_account_anew(account, None).await?;
    Ok(format!("システム「{client}」を止めました。\n"))
}

async fn show(store: &dyn Store, client: &str, account: &Account) -> Result<String> {
    let rule = store.setting(&SystemRule::setting(client)).await?;
    let rule: Option<SystemRule> = rule.and_then(|text| serde_json::from_str(&text).ok());
    let scope = rule.map(|rule| rule.scope.text()).unwrap_or_default();
    let seats = account.seats.iter().map(|seat| {
        format!(
            "{}（{}）",
            seat.role,
            seat.office.as_deref().unwrap_or("所属の限定なし")
        )
    });
    let state = match account.closed {
        Some(_) => "止めている",
        None => "動いている",
    };
    let seats: Vec<String> = seats.collect();
    Ok(format!(
        "{client}：{}\n状態：{state}\n席：{}\n範囲：{scope}\n",
        account.name,
        seats.join("、")
    ))
}

fn account(client: &str, known: Option<Account>, options: &Options) -> Account {
    let (ids, now) = (RandomIds::default(), SystemClock.now());
    let seat = options.role.as_ref().map(|role| Seat {
        role: role.clone(),
        office: options.office.clone(),
        authority: options.authority.clone(),
        municipality: options.municipality.clone(),
        substitute: None,
    });
    let (id, party) = known.map_or_else(
        || (AccountId(ids.uuid(now)), PartyId(ids.uuid(now))),
        |known| (known.id, known.party),
    );
    Account {
        id,
        login: format!("{LOGIN}{client}"),
        name: options.name.as_deref().unwrap_or(client).trim().to_owned(),
        password: None,
        party,
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

    const KEY: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn options(folder: &std::path::Path, keys: &str, scope: &str) -> Options {
        let file = folder.join("keys.json");
        std::fs::write(&file, keys).unwrap();
        Options {
            client: "sys-tem".into(),
            name: Some("見本システム".into()),
            jwks: Some(file),
            scope: vec![scope.into()],
            role: Some("examiner".into()),
            office: None,
            authority: None,
            municipality: None,
            close: false,
            show: false,
            data: folder.join("data"),
            database: DatabaseOptions::default(),
        }
    }

    #[tokio::test]
    async fn a_system_is_registered_shown_and_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let good = options(folder.path(), KEY, "read:mihon act:mihon/request/finish");
        assert!(done(&good).await.unwrap().contains("登録しました"));
        let shown = Options {
            show: true,
            ..options(folder.path(), KEY, "read:mihon")
        };
        let said = done(&shown).await.unwrap();
        assert!(
            said.contains("動いている") && said.contains("act:mihon/request/finish read:mihon"),
            "{said}"
        );
        let close = Options {
            close: true,
            ..options(folder.path(), KEY, "read:mihon")
        };
        assert!(done(&close).await.unwrap().contains("止めました"));
        assert!(done(&shown).await.unwrap().contains("止めている"));
    }

    #[tokio::test]
    async fn what_cannot_be_right_is_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let private = KEY.replace("\"x\"", "\"d\":\"AA\",\"x\"");
        for (keys, scope, reason) in [
            (private.as_str(), "read:mihon", "秘密鍵"),
            ("{\"keys\":[]}", "read:mihon", "使える公開鍵"),
            ("鍵", "read:mihon", "JSON"),
            (KEY, "write:mihon", "--scope"),
            (KEY, "act:mihon/request", "--scope"),
            (KEY, " ", "--scope"),
        ] {
            let told = done(&options(folder.path(), keys, scope))
                .await
                .unwrap_err();
            assert!(told.to_string().contains(reason), "{told}");
        }
        let named = Options {
            client: "名 前".into(),
            ..options(folder.path(), KEY, "read:mihon")
        };
        assert!(
            done(&named)
                .await
                .unwrap_err()
                .to_string()
                .contains("--client")
        );
    }
}
