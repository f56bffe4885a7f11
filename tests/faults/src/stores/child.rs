//! What a child does: acts on a store, one after another, each under a key of its own. It says each once it is
//! acknowledged. The n-th act is the same whoever does it, so it can be done again.

use crate::common::{self, Draft, derived, field, id_of, log, notice, own_of};
use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::date;
use kernel::port::{Committed, Lane, MessageRow, Store, StoreError};
use kernel::{
    AttachmentId, Derived, EffectOrder, Entry, Own, Patch, Reach, RecordId, Snapshot, Timer,
    UniqueValue,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use store::SqliteStore;

/// Options of the child.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the store lies.
    dir: PathBuf,
    /// The first act.
    from: u64,
    /// The last act.
    to: u64,
    /// How often an act that was refused is tried again, some milliseconds apart.
    #[arg(long, default_value_t = 0)]
    again: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = SqliteStore::open(&options.dir, common::options(options.from))?;
        if store.log().newest_head().await?.is_none() {
            log::begin(&store).await;
        }
        for n in options.from..=options.to {
            patiently(&store, n, options.again).await?;
        }
        Ok(())
    })
}

async fn patiently(store: &SqliteStore, n: u64, again: u32) -> Result<()> {
    for turn in 0..=again {
        match whole(store, n).await {
            Ok(()) => return say(&format!("acknowledged {n}")),
            Err(StoreError::Unavailable(_)) if turn < again => {
                say(&format!("refused {n}"))?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    bail!("not reached")
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// An act with what surrounds it: an upload before, a message and a signed head after.
async fn whole(store: &SqliteStore, n: u64) -> Result<(), StoreError> {
    act(store, n).await?;
    if n.is_multiple_of(2) {
        deliver(store).await?;
    }
    if n.is_multiple_of(4) {
        let (tiles, head) = log::next(store, 100).await;
        store.log().append_tiles(tiles, head).await?;
    }
    Ok(())
}

/// The n-th act: opens a record, changes the one before, posts, draws a number, sets a timer, sends a notice.
pub(crate) async fn act(store: &SqliteStore, n: u64) -> Result<Committed, StoreError> {
    let record = record(n);
    let number = Patch::Number(format!("本-2026-{n:05}"));
    let patches = vec![field("n", json!(n)), number];
    let mut draft = Draft::new().put(None, record, patches, found(n));
    if let Some(before) = store
        .snapshots(&[self::record(n.wrapping_sub(1))])
        .await?
        .pop()
    {
        let more = vec![field("next", json!(n))];
        draft = draft.put(Some(&before), before.id, more, found(n - 1));
    }
    draft.prepared.effects = vec![notice(record)];
    if n.is_multiple_of(3) {
        draft.prepared.attachments = vec![(upload(store, n).await?, record)];
    }
    let draft = draft.post(record, "total", 2, Some(0)).key(&key(n), "abc");
    store.commit(draft.commit()).await
}

async fn upload(store: &SqliteStore, n: u64) -> Result<AttachmentId, StoreError> {
    let id = AttachmentId(id_of(n << 20));
    if store.attachments(&[id]).await?.is_empty() {
        let meta = common::drawing(id.0, common::at(1));
        store.put_attachment(meta, content(n)).await?;
    }
    Ok(id)
}

pub(crate) fn content(n: u64) -> Vec<u8> {
    format!("図面 {n} ").repeat(200).into_bytes()
}

/// Shows each message that waits, as the worker does.
async fn deliver(store: &SqliteStore) -> Result<(), StoreError> {
    for row in store.outbox(Lane::Inside, later(), 50).await? {
        let EffectOrder::Notify { record, .. } = &row.entry.order else {
            continue;
        };
        let message = MessageRow {
            id: row.entry.id,
            mailbox: "desk:本館:".into(),
            record: *record,
            service: "books".into(),
            record_type: "loan".into(),
            subject: "届きました".into(),
            body: "確かめてください".into(),
            others: BTreeMap::new(),
            reach: Reach::default(),
            at: common::at(2),
            read_at: None,
        };
        kernel::mailroom::Mailroom::put_message(store, message, vec![]).await?;
        store.effect_done(row.entry.id).await?;
    }
    Ok(())
}

/// After all that the acts say.
pub(crate) fn later() -> Timestamp {
    common::at(1_000_000)
}

pub(crate) fn record(n: u64) -> RecordId {
    RecordId(id_of(n | 1 << 60))
}

pub(crate) fn key(n: u64) -> String {
    format!("k{n}")
}

/// What the n-th record is found by.
fn found(n: u64) -> Derived {
    let place = kernel::key::encode(&feel::Value::text(&n.to_string()));
    Derived {
        unique: vec![UniqueValue {
            constraint: "books/loan/n".into(),
            value: place.clone(),
            message: String::new(),
        }],
        timers: vec![Timer {
            clock: "期限".into(),
            what: "due".into(),
            on: date(2026, 12, 1),
        }],
        ..derived(
            &["all"],
            "柴崎町の店",
            vec![Entry {
                index: "by_n".into(),
                keys: vec![place],
            }],
        )
    }
}

/// The same, as a replay asks for it.
pub(crate) fn own(snapshot: &Snapshot) -> Option<Own> {
    let n = snapshot.fields.get("n")?.as_u64()?;
    own_of(&BTreeMap::from([(snapshot.id, found(n))]), snapshot.id)
}

/// The number of an act that a line acknowledges.
pub(crate) fn parse(line: &str) -> Option<u64> {
    killed::after(line, "acknowledged")?.first()?.parse().ok()
}

/// The child's command.
pub(crate) fn command(
    dir: &std::path::Path,
    from: u64,
    to: u64,
    again: u32,
) -> Result<std::process::Command> {
    let own = std::env::current_exe().context("this program")?;
    let mut command = std::process::Command::new(own);
    command.arg("acts").arg(dir.canonicalize()?);
    command.args([from, to].map(|n| n.to_string()));
    command.arg(format!("--again={again}"));
    Ok(command)
}
