//! Point reads, lists and searches as the store grows.

use super::{at_rest, commits, open, sample};
use crate::table::Table;
use feel::{Op, Predicate, Value};
use kernel::port::{ListQuery, SearchQuery, Store, StoreError};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use store::SqliteStore;
use tokio::runtime::Runtime;

/// Grows one store through the sizes and measures at each.
pub(super) fn grow(
    runtime: &Runtime,
    dir: &Path,
    sizes: &[u64],
    table: &mut Table,
) -> anyhow::Result<()> {
    let mut from = 0;
    let mut first: Option<Measured> = None;
    for &size in sizes {
        let started = Instant::now();
        let mut store = Arc::new(open(dir)?);
        if runtime
            .block_on(store.snapshots(&[sample::record(size - 1)]))?
            .is_empty()
        {
            fill(runtime, &store, from, size)?;
        }
        table.add(
            format!("{size}: filled at"),
            format!(
                "{:.0} records/s",
                (size - from) as f64 / started.elapsed().as_secs_f64()
            ),
            "",
        );
        from = size;
        warm(dir)?;
        let measured = runtime.block_on(measure(&store, size))?;
        measured.tell(size, first.as_ref(), table);
        first.get_or_insert(measured);
        // The last owner closes the store, so that a fresh process may open it.
        while let Err(shared) = Arc::try_unwrap(store) {
            store = shared;
            std::thread::yield_now();
        }
        at_rest::measure(dir, size, table)?;
    }
    Ok(())
}

fn fill(runtime: &Runtime, store: &Arc<SqliteStore>, from: u64, until: u64) -> anyhow::Result<()> {
    let mut at = from;
    while at < until {
        let end = until.min(at + 5_000);
        let commits = (at..end)
            .map(sample::commit)
            .collect::<Result<Vec<_>, _>>()?;
        runtime.block_on(commits::pour(
            &(Arc::clone(store) as Arc<dyn Store>),
            commits,
            256,
        ))?;
        at = end;
    }
    Ok(())
}

/// Reads the file once, so that it lies in the memory of the machine: else a call's CPU is mostly that of reading a disk,
/// and what other work has pushed out of memory decides the ratio.
fn warm(dir: &Path) -> std::io::Result<()> {
    let mut file = std::fs::File::open(dir.join("tsumugi.sqlite"))?;
    std::io::copy(&mut file, &mut std::io::sink()).map(drop)
}

/// Mean milliseconds of CPU of one call.
struct Measured {
    read: f64,
    /// Bytes that the point reads took from the disk all the same.
    from_disk: u64,
    list: f64,
    owner_list: f64,
    search: f64,
    worst_search: (f64, String),
}

impl Measured {
    fn tell(&self, size: u64, first: Option<&Self>, table: &mut Table) {
        let grown = |now: f64, then: Option<f64>| {
            then.map_or(String::new(), |then| {
                format!(" ({:.1} x of the first size)", now / then)
            })
        };
        table.add(
            format!("{size}: read one"),
            format!(
                "{:.4} ms CPU{}, {} bytes from the disk in all",
                self.read,
                grown(self.read, first.map(|f| f.read)),
                self.from_disk
            ),
            "<= 0.2 ms through HTTP",
        );
        table.add(
            format!("{size}: list 50, filtered and sorted, desk"),
            format!(
                "{:.3} ms CPU{}",
                self.list,
                grown(self.list, first.map(|f| f.list))
            ),
            "<= 0.8 ms through HTTP; 1 M <= 3 x 10 k",
        );
        table.add(
            format!("{size}: list, own records"),
            format!(
                "{:.3} ms CPU{}",
                self.owner_list,
                grown(self.owner_list, first.map(|f| f.owner_list))
            ),
            "1 M <= 3 x 10 k",
        );
        table.add(
            format!("{size}: search two characters, mean of the set"),
            format!(
                "{:.3} ms CPU{}",
                self.search,
                grown(self.search, first.map(|f| f.search))
            ),
            "<= 2 ms at 100 k; 1 M <= 3 x 10 k",
        );
        table.add(
            format!("{size}: search, slowest of the set"),
            format!("{:.3} ms ({})", self.worst_search.0, self.worst_search.1),
            "",
        );
    }
}

/// CPU of a call, repeated with changing numbers, after a warm-up.
async fn mean<F>(times: u64, call: impl Fn(u64) -> F) -> Result<f64, StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    for turn in 0..times / 4 + 1 {
        call(turn + 1_000_000).await?;
    }
    let started = cpu_ms();
    for turn in 0..times {
        call(turn).await?;
    }
    Ok((cpu_ms() - started) / times as f64)
}

/// Milliseconds that this thread has run so far. Reads run where they are called, so this is all that they cost, and
/// what else the machine does is left out.
fn cpu_ms() -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    said.split_whitespace()
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok())
        .unwrap_or(f64::NAN)
        / 1e6
}

/// Bytes that this thread has had read from the disk so far.
fn from_disk() -> u64 {
    let said = std::fs::read_to_string("/proc/thread-self/io").unwrap_or_default();
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("read_bytes: "));
    line.and_then(|bytes| bytes.parse().ok()).unwrap_or(0)
}

async fn measure(store: &SqliteStore, size: u64) -> Result<Measured, StoreError> {
    let before = from_disk();
    let read = mean(20_000, |turn| async move {
        let found = store
            .snapshots(&[sample::record(sample::mix(turn, 40) % size)])
            .await?;
        if found.len() == 1 {
            Ok(())
        } else {
            Err(StoreError::Damaged("a record is not there".into()))
        }
    })
    .await?;
    let from_disk = from_disk() - before;
    let list = mean(400, |turn| async move {
        store.list(&desk_list(turn)).await.map(drop)
    })
    .await?;
    let owner_list = mean(400, |turn| async move {
        store.list(&own_list(turn, size)).await.map(drop)
    })
    .await?;
    let (mut sum, mut worst, asks) = (0.0, (0.0, String::new()), searches(size));
    for (name, query) in &asks {
        let took = mean(40, |_| async move { store.search(query).await.map(drop) }).await?;
        let page = store.search(query).await?;
        println!(
            "    {size} {name} {}: {took:.3} ms, {} found, stopped {}",
            query.text,
            page.items.len(),
            page.stopped
        );
        sum += took;
        if took > worst.0 {
            worst = (took, format!("{name} {}", query.text));
        }
    }
    Ok(Measured {
        read,
        from_disk,
        list,
        owner_list,
        search: sum / asks.len() as f64,
        worst_search: worst,
    })
}

fn list(scopes: Vec<String>, filter: Predicate) -> ListQuery {
    ListQuery {
        service: sample::SERVICE.into(),
        record_type: sample::KIND.into(),
        scopes,
        index: "by_day".into(),
        keys: vec!["state".into(), "from".into()],
        filter,
        fixed: 1,
        many: false,
        descending: true,
        after: None,
        limit: 50,
    }
}

fn state_is(turn: u64) -> Predicate {
    let state = sample::STATES[usize::try_from(turn % 5).unwrap_or(0)];
    Predicate::Compare {
        field: vec!["state".into()],
        op: Op::Eq,
        value: Value::text(state),
    }
}

/// An examiner of one office and a second scope, a state, newest arrival first, before some day.
fn desk_list(turn: u64) -> ListQuery {
    let before = jiff::civil::date(2026, 1, 1);
    let day = Predicate::Compare {
        field: vec!["from".into()],
        op: Op::Lt,
        value: Value::Date(before),
    };
    let scopes = vec![
        format!("office:{}", turn % 20),
        format!("municipality:{}", turn % 62),
    ];
    list(scopes, Predicate::And(vec![state_is(turn), day]))
}

fn own_list(turn: u64, size: u64) -> ListQuery {
    list(
        vec![format!("party:{}", sample::mix(turn, 41) % (size / 5))],
        state_is(turn),
    )
}

/// The set: common and rare words, for the whole, an office, and one's own records.
fn searches(size: u64) -> Vec<(&'static str, SearchQuery)> {
    let mut asks = Vec::new();
    let towns: Vec<String> = (0..4).map(sample::town).collect();
    let words = ["展示", "絵本", "書房", "音声"]
        .map(str::to_owned)
        .into_iter()
        .chain(towns);
    for word in words {
        for (name, scope) in [
            ("all", "all".to_owned()),
            ("office", "office:3".into()),
            ("own", format!("party:{}", size / 10)),
        ] {
            let query = SearchQuery {
                service: sample::SERVICE.into(),
                record_types: vec![sample::KIND.into()],
                scopes: vec![scope],
                text: word.clone(),
                before: None,
                limit: 50,
            };
            asks.push((name, query));
        }
    }
    asks
}
