//! Options of `serve` for logs and traces.

use crate::trace::{self, Ended, TARGET, TraceConfig};
use anyhow::{Context as _, Result};
use std::io::stderr;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

/// Where the product tells of itself.
#[derive(clap::Args)]
pub(super) struct LoggingOptions {
    /// ログの形。どちらも標準エラー出力に1行ずつ出る。環境変数 `TSUMUGI_LOG` で絞る
    #[arg(long, value_enum, default_value_t = LogFormat::Json, value_name = "FORMAT", env = "TSUMUGI_LOG_FORMAT")]
    log: LogFormat,
    /// トレースの送り先（OpenTelemetry の OTLP/HTTP。例：`http://127.0.0.1:4318`）。なければ作らない
    #[arg(long, value_name = "URL", env = "TSUMUGI_TRACES")]
    traces: Option<String>,
    /// トレースを作る要求の割合（0から1）
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.01,
        env = "TSUMUGI_TRACE_SHARE"
    )]
    trace_share: f64,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    /// 1行に1つの JSON
    Json,
    /// 人が読む形
    Text,
}

impl LoggingOptions {
    /// Begins to log, and to trace where an address is given. What it answers is kept as long as the product runs.
    pub(super) fn start(&self) -> Result<Option<Ended>> {
        let filter =
            EnvFilter::try_from_env("TSUMUGI_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        // Spans of traces are not for the log: it has a line for each request.
        let filter = filter.add_directive(format!("{TARGET}=off").parse()?);
        let lines = match self.log {
            LogFormat::Json => fmt::layer::<Registry>().json().with_writer(stderr).boxed(),
            LogFormat::Text => fmt::layer::<Registry>()
                .with_ansi(false)
                .with_writer(stderr)
                .boxed(),
        };
        let lines = lines.with_filter(filter);
        let Some(to) = self.traces.clone() else {
            Registry::default().with(lines).init();
            return Ok(None);
        };
        let config = TraceConfig {
            to,
            share: self.trace_share.clamp(0.0, 1.0),
        };
        let (traces, ended) = trace::start(&config).context("トレースを始められません")?;
        let only = filter_fn(|about| about.is_span() && about.target() == TARGET);
        Registry::default()
            .with(lines)
            .with(traces.with_filter(only))
            .init();
        Ok(Some(ended))
    }
}
