//! `tsumugi serve`.

use super::copy_options::CopyOptions;
use super::database::DatabaseOptions;
use super::identity_options::{IdentityOptions, providers};
use super::listeners::{ListenOptions, Listeners};
use super::logging::LoggingOptions;
use super::outreach_options::OutreachOptions;
use super::parts::Parts;
use crate::{Config, Demo, PaymentGateway, Running, SystemClock, server, start};
use anyhow::Result;
use definition::Severity;
use engine::{Clock, Worker};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Requests under way at the end get so long.
const GRACE: Duration = Duration::from_secs(10);

/// Options of `serve`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    listen: ListenOptions,
    /// 待ち受ける所ごとに、同時につなげる数。超えた分には503を返す
    #[arg(long, value_name = "NUMBER", default_value_t = 8_192)]
    connections: usize,
    /// 前に置いた中継（プロキシ）のアドレスか範囲。いくつでも。そこからの X-Forwarded-For だけを信じる
    #[arg(
        long = "behind",
        value_name = "ADDRESS",
        env = "TSUMUGI_BEHIND",
        value_delimiter = ','
    )]
    behind: Vec<server::Network>,
    /// データを置くフォルダー（なければ作る）
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(flatten)]
    copy: CopyOptions,
    /// 空のフォルダーに見本データを作って起動する。--demo=full は実際の規模で作る
    #[arg(long, value_enum, value_name = "SIZE", num_args = 0..=1, require_equals = true, default_missing_value = "small")]
    demo: Option<DemoSize>,
    /// サービスの定義のフォルダー
    #[arg(long, value_name = "DIR", default_value = "services")]
    services: PathBuf,
    /// 郵便番号、フォントなどのデータのフォルダー
    #[arg(long, value_name = "DIR", default_value = ".cache/assets")]
    assets: PathBuf,
    #[command(flatten)]
    identity: IdentityOptions,
    /// 送られたファイルの安全の確認（無害化）：プログラムのパスか、https:// で始まるURL
    #[arg(long, value_name = "PROGRAM|URL", env = "TSUMUGI_SCAN")]
    scan: Option<String>,
    /// 納付の代行会社
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "NAME",
        env = "TSUMUGI_PAYMENT_GATEWAY"
    )]
    payment_gateway: PaymentGateway,
    #[command(flatten)]
    outreach: OutreachOptions,
    #[command(flatten)]
    logging: LoggingOptions,
}

/// How much of a demo.
#[derive(Clone, Copy, clap::ValueEnum)]
enum DemoSize {
    /// いろいろな段階の申請を少しずつ
    Small,
    /// 実際の規模の台帳と、2年分の申請
    Full,
}

impl DemoSize {
    fn demo(size: Option<Self>) -> Demo {
        match size {
            None => Demo::No,
            Some(Self::Small) => Demo::Whole,
            Some(Self::Full) => Demo::Full,
        }
    }
}

/// Runs the server until it is told to stop.
pub(super) fn run(options: Options) -> Result<ExitCode> {
    let traces = options.logging.start()?;
    let runtime = server::runtime()?;
    runtime.block_on(serve(options))?;
    if let Some(traces) = traces {
        traces.wait();
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(options: Options) -> Result<()> {
    let listeners = options.listen.open().await?;
    let public_url = listeners.public_url.clone();
    // Settings that do not fit are said before anything is opened; that a demo takes none, before all.
    let real_identity = options.identity.is_real();
    let settings = match options.demo {
        Some(_) => None,
        None => options.identity.read()?,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let second = settings
        .as_ref()
        .is_some_and(|said| said.second_of_officials);
    let vouching = providers(settings, (&public_url, &listeners.staff_url), &clock)?;
    let running = start(Config {
        data: options.data,
        copy: options.copy.read()?,
        database: options.database.read(),
        services: options.services,
        assets: Some(options.assets),
        demo: DemoSize::demo(options.demo),
        clock,
        secure_cookies: listeners.secure_cookies(),
        real_identity,
        payment_gateway: options.payment_gateway,
        outreach: options.outreach.read(&public_url)?,
        public_url,
        program: Some(std::env::current_exe()?),
    })
    .await?;
    if let Some(setting) = &options.scan {
        running.engine.scan_with(connect::scan::scanner(setting)?);
    }
    running.engine.vouch(vouching);
    running.engine.demand_second(second);
    report(&running, &listeners);
    until_stopped(listeners, (options.connections, options.behind), running).await
}

fn report(running: &Running, listeners: &Listeners) {
    let mut errors = 0;
    for found in &running.diagnostics {
        eprintln!("{found}");
        errors += usize::from(found.severity == Severity::Error);
    }
    if errors > 0 {
        eprintln!("定義に誤りが{errors}件あります。誤りのあるサービスは動かしていません。");
    }
    let demo = if running.app.demo {
        "（見本：登場人物はだれでも使えます）"
    } else {
        ""
    };
    for (face, address) in listeners.told() {
        eprintln!("つむぎ http://{address} {face}{demo}");
        tracing::info!(%address, demo = running.app.demo, services = running.engine.catalogue().services.len(), "ready");
    }
}

async fn until_stopped(
    listeners: Listeners,
    (connections, behind): (usize, Vec<server::Network>),
    running: Running,
) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    let asked = || {
        let mut stopped = stopped.clone();
        async move {
            // An error means that the sender is gone: then it is time too.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let mut parts = Parts::default();
    let worker = Worker::new(Arc::clone(&running.engine)).run(asked());
    parts.add("裏の処理", tokio::spawn(well(worker)));
    if let Some(sandbox) = &running.sandbox {
        let sandbox = Arc::clone(sandbox).run(asked());
        parts.add("見本の納付の代行", tokio::spawn(well(sandbox)));
    }
    let told = listeners.told();
    let names: Vec<String> = told
        .map(|(face, address)| format!("待ち受け（{address}）{face}"))
        .collect();
    let servers = listeners.serve(&running, (connections, &behind), asked);
    for (name, server) in names.into_iter().zip(servers) {
        parts.add(name, server);
    }
    let broken = tokio::select! {
        signal = signalled() => signal.map(|()| None)?,
        broken = parts.broken() => Some(broken),
    };
    tracing::info!("stopping");
    stop.send_replace(true);
    let ended = parts.ended(GRACE).await;
    // Why it stopped is told before what went wrong while it did.
    broken.map_or(ended, Err)
}

async fn well(part: impl Future<Output = ()>) -> std::io::Result<()> {
    part.await;
    Ok(())
}

/// SIGTERM or SIGINT.
async fn signalled() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}
