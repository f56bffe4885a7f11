//! What writing down who looked (`docs/decisions/0036`) costs a list of 50: the same notes at the same pace over a store
//! of its own, so that the product needs no switch for it. What the request does for its note is a hash and fifty ids.

use crate::store_part::{cpu, open};
use kernel::looks::{Face, ReadNote, Way};
use kernel::port::Store;
use kernel::{AccountId, RecordId};
use std::path::Path;
use std::time::{Duration, Instant};

const NOTES: usize = 6_000;
/// Records of a list.
const RECORDS: usize = 50;
/// Notes are left in small heaps: a sleep is no shorter than this.
const STEP: Duration = Duration::from_millis(5);

/// Milliseconds of CPU of a note, where one comes every `pace`: building it, its hash, its row, its part of a commit.
pub(super) async fn cost(room: &Path, pace: Duration) -> anyhow::Result<f64> {
    let store = open(&room.join("notes"))?;
    let sleeping = paced(pace, |_| Ok(())).await?;
    let noting = paced(pace, |n| Ok(store.note_read(note(n))?)).await?;
    Ok(noting.saturating_sub(sleeping).as_secs_f64() * 1e3 / NOTES as f64)
}

/// CPU of this process while something is done every `pace`, and until what it left behind is done.
async fn paced(
    pace: Duration,
    mut each: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Duration> {
    let (begun, before) = (Instant::now(), cpu());
    let mut done = 0;
    while done < NOTES {
        tokio::time::sleep(STEP).await;
        let due = (begun.elapsed().as_secs_f64() / pace.as_secs_f64()) as usize;
        while done < due.min(NOTES) {
            each(done)?;
            done += 1;
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(cpu() - before)
}

/// The reading of a list by an official.
fn note(n: usize) -> ReadNote {
    let id =
        |n: usize| uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n as u128);
    let second = i64::try_from(n).unwrap_or_default();
    ReadNote {
        at: jiff::Timestamp::from_second(1_800_000_000 + second).unwrap_or_default(),
        account: Some(AccountId(id(n % 200))),
        role: Some("examiner".into()),
        office: Some("tama-tachikawa".into()),
        session: Some("0123456789abcdef".into()),
        way: Way::List,
        face: Face::Api,
        service: "food-business-permit".into(),
        record_type: "application".into(),
        records: (0..RECORDS).map(|at| RecordId(id(n * 7 + at))).collect(),
        ..ReadNote::default()
    }
}
