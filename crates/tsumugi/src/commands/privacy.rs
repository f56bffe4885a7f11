//! `tsumugi privacy`: the facts for 個人情報ファイル簿 and for the impact assessment (PIA), from the definitions; or, for a 開示請求, all that is held about one
//! person. What law asks of a person's judgement it leaves to a person, and says so.

use super::database::DatabaseOptions;
use super::{default_services, print, today};
use crate::impact::{self, Installation};
use crate::place::Opened;
use crate::privacy;
use crate::world::{RandomIds, SystemClock};
use anyhow::{Context as _, Result, bail};
use engine::Engine;
use kernel::PartyId;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Options of `privacy`.
#[derive(clap::Args)]
pub struct Options {
    /// このサービスだけ（フォルダー名から番号を除いたもの）
    #[arg(long, value_name = "SLUG", conflicts_with_all = ["about", "party"])]
    service: Option<String>,
    /// ファイル簿の代わりに、この利用者（ログインに使う名前）について持っているものを書き出す（開示請求）
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "party")]
    about: Option<String>,
    /// 同じく、この当事者（ID。法人や、アカウントのない方）について
    #[arg(long, value_name = "ID")]
    party: Option<PartyId>,
    /// 書く先のフォルダー。まだないか、空のもの
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// サービスの定義のフォルダー
    #[arg(long, value_name = "DIR", default_value_os_t = default_services())]
    services: PathBuf,
    /// データのフォルダー（開示請求のとき）
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(flatten)]
    installation: InstallationOptions,
}

/// What `serve` is told by its environment, read here as facts of the installation: it is enough to run this command with
/// the same environment.
#[derive(clap::Args)]
struct InstallationOptions {
    #[arg(long, hide = true, env = "TSUMUGI_PUBLIC")]
    public: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_STAFF")]
    staff: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_SCAN")]
    scan: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_COPY")]
    copy: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_MAIL")]
    mail: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_SMS")]
    sms: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_LINE_SECRETS")]
    line: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_PUSH_KEY")]
    push: Option<String>,
    #[arg(long, hide = true, env = "TSUMUGI_PAYMENT_GATEWAY")]
    payment: Option<String>,
}

impl InstallationOptions {
    fn facts(&self, database: bool) -> Installation {
        let channels = [
            ("メール", &self.mail),
            ("SMS", &self.sms),
            ("LINE", &self.line),
            ("プッシュ通知", &self.push),
        ];
        let channels = channels.into_iter().filter(|(_, said)| said.is_some());
        Installation {
            apart: self.public.is_some() || self.staff.is_some(),
            database,
            scans: self.scan.is_some(),
            copied: self.copy.is_some(),
            channels: channels.map(|(title, _)| title).collect(),
            gateway: self.payment.clone().filter(|name| name != "none"),
        }
    }
}

/// What a person must do with what was written for a 開示請求.
const TO_JUDGE: &str = "# 開示請求のための書き出し

`records/` に、この方が当事者である記録（つながる記録を含む）を、1件ずつ、履歴、だれが見たかとともに書きました。

## 人が判断すること
- 請求した方が本人（代理人）であること（法第77条第2項）。
- 不開示情報（法第78条第1項各号）に当たる所。ほかの人の名前や意見、職員の評価、`closed` が true の記録、`withheld_on` のある閲覧を、特に確かめる。
- あるかどうかを答えること自体が不開示になるとき（法第81条 存否応答拒否）。
- 一部の開示（第79条）、裁量的開示（第80条）、第三者の意見（第86条）、期限（第83条、30日）。

## ここにないもの
- 当事者として載っていない記録（ほかの人の申請の中に名前だけがあるもの、紙、メール）。本人に見せない定めの当事者（hides_from など）としてだけ載る記録。
- 添付ファイルの中身（名前だけがあります）。送ったお知らせ、連絡先、ログインの記録。廃棄した記録。

このフォルダーには個人情報が入っています。使い終わったら消してください。
";

/// Writes the files and says how many there are.
pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match options.about.is_some() || options.party.is_some() {
        true => disclosed(options),
        false => registered(options),
    }
}

/// A page for each service, and all of them as a table.
fn registered(options: &Options) -> Result<ExitCode> {
    let catalogue = crate::load_packages(&options.services, today())?.catalogue;
    let mut files = privacy::register(&catalogue);
    if let Some(slug) = &options.service {
        files.retain(|file| file.slug == *slug);
        if files.is_empty() {
            bail!("「{slug}」という、人についての記録を持つ運用中のサービスはありません。");
        }
    }
    let out = empty(&options.out)?;
    for file in &files {
        write(&out.join(format!("{}.md", file.slug)), privacy::page(file))?;
    }
    write(&out.join("個人情報ファイル簿.csv"), privacy::table(&files)?)?;
    let assessed = out.join("影響評価");
    std::fs::create_dir_all(&assessed).with_context(|| cannot(&assessed))?;
    let here = options
        .installation
        .facts(options.database.read().is_some());
    for (slug, page) in impact::assessments(&catalogue, &files, &here) {
        write(&assessed.join(format!("{slug}.md")), page)?;
    }
    print(&format!(
        "{}のサービスについて、個人情報ファイル簿と影響評価（PIA）の材料を {} に書きました。【人が記入・判断】の所は、定義からは決まりません。\n",
        files.len(),
        out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// All that is held about one party.
fn disclosed(options: &Options) -> Result<ExitCode> {
    let out = empty(&options.out)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let held = runtime.block_on(async {
        let opened = Opened::existing(&options.data, options.database.read().as_ref()).await?;
        let catalogue = crate::load_packages(&options.services, today())?.catalogue;
        let ids = Arc::new(RandomIds::default());
        let engine = Engine::new(opened.store(), Arc::new(SystemClock), ids, catalogue);
        let party = match (&options.about, options.party) {
            (Some(login), _) => {
                let account = engine.account_by_login(login).await?;
                let account =
                    account.with_context(|| format!("「{login}」という利用者はいません"))?;
                account.party
            }
            (None, Some(party)) => party,
            (None, None) => bail!("--about か --party で、だれについてかを書いてください。"),
        };
        anyhow::Ok(engine.held_about(party).await?)
    })?;
    let records = out.join("records");
    std::fs::create_dir_all(&records).with_context(|| cannot(&records))?;
    for one in &held {
        let name = format!("{}.{}.{}.json", one.service, one.record_type, one.id);
        write(&records.join(name), serde_json::to_vec_pretty(&one.body)?)?;
    }
    write(&out.join("はじめに.md"), TO_JUDGE)?;
    print(&format!(
        "記録{}件を {} に書きました。個人情報が入っています。開示するかは、「はじめに.md」のとおり人が判断します。\n",
        held.len(),
        out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Nothing of another person may lie beside what is written.
fn empty(out: &Path) -> Result<&Path> {
    std::fs::create_dir_all(out).with_context(|| cannot(out))?;
    if std::fs::read_dir(out)
        .with_context(|| cannot(out))?
        .next()
        .is_some()
    {
        bail!(
            "{} は空ではありません。新しいフォルダーを指定してください。",
            out.display()
        );
    }
    Ok(out)
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, content).with_context(|| cannot(path))
}

fn cannot(path: &Path) -> String {
    format!("{} に書けません", path.display())
}
