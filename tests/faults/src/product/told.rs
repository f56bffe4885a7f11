//! What the journal says, held against what the clients were told.

use super::house::House;
use super::lane::Lane;
use super::place::Place;
use anyhow::{Result, ensure};
use kernel::RecordId;
use kernel::port::Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How far the clocks are put at the end: whatever was to be done by a day has been done.
const LATER_SECONDS: i64 = 40 * 24 * 3_600;

/// How often each action was done to each record.
type Done = BTreeMap<(String, String), u64>;

/// With nobody acting: everything that was acknowledged is there, once, and everything fits.
pub(crate) fn holds(place: &Place, lanes: &[Lane]) -> Result<()> {
    let done = counted(&place.read()?.journal);
    for ((record, action), times) in lanes.iter().flat_map(|lane| &lane.done) {
        let there = done.get(&(record.clone(), (*action).to_owned()));
        let there = there.copied().unwrap_or(0);
        ensure!(
            there >= *times,
            "LOST: {action} of {record} was acknowledged {times} times, {there} are there"
        );
        // One more may have been done and not acknowledged.
        ensure!(
            there <= times + 1,
            "TWICE: {action} of {record}, {there} times instead of {times}"
        );
    }
    place.verify()?;
    Ok(())
}

/// When all was answered: the product is stopped, and the journal holds exactly what was acknowledged. Answers its length.
pub(crate) fn at_the_end(house: &House, lanes: &[Lane]) -> Result<u64> {
    house.stop()?;
    for copy in 0..house.copies() {
        house.restart(copy, LATER_SECONDS)?;
    }
    super::eventually("baskets fall due", || nothing_is_open(house))?;
    // Rounds of the worker and of the log.
    std::thread::sleep(Duration::from_secs(1));
    house.stop()?;
    let place = house.place()?;
    let found = place.read()?;
    let done = counted(&found.journal);
    exactly(&done, lanes)?;
    money(&found.journal, lanes)?;
    timers(&done)?;
    letters(&found.messages)?;
    place.verify()?;
    Ok(found.journal.len() as u64)
}

fn nothing_is_open(house: &House) -> Result<bool> {
    let path = "/api/v1/services/fair/basket?filter=state%20%3D%20%22open%22&limit=1";
    let mut answer = ureq::get(format!("http://{}{path}", house.address(0)))
        .header(
            "Authorization",
            format!("Bearer {}", house.token("resident")),
        )
        .call()?;
    let list: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    Ok(list["items"].as_array().is_some_and(Vec::is_empty))
}

/// Each key was one act, and there is no act without a key.
fn exactly(done: &Done, lanes: &[Lane]) -> Result<()> {
    let mut wanted = Done::new();
    for ((record, action), times) in lanes.iter().flat_map(|lane| &lane.done) {
        let of = (record.clone(), (*action).to_owned());
        *wanted.entry(of).or_default() += times;
    }
    for action in ["start", "write", "take", "ask"] {
        let of = |all: &Done| -> Done {
            let some = all.iter().filter(|((_, name), _)| name == action);
            some.map(|(of, times)| (of.clone(), *times)).collect()
        };
        let (wanted, there) = (of(&wanted), of(done));
        let odd = there
            .iter()
            .find(|(of, times)| wanted.get(*of) != Some(times));
        ensure!(
            odd.is_none(),
            "TWICE: {odd:?} instead of {:?}",
            odd.and_then(|(of, _)| wanted.get(of))
        );
        let lost = wanted.keys().find(|of| !there.contains_key(*of));
        ensure!(lost.is_none(), "LOST: {lost:?}");
    }
    // What comes with an act comes with each, once.
    let times = |action: &str| -> u64 {
        let some = done.iter().filter(|((_, name), _)| name == action);
        some.map(|(_, times)| times).sum()
    };
    ensure!(
        times("bump") == times("take"),
        "{} items were taken, {} counted",
        times("take"),
        times("bump")
    );
    Ok(())
}

/// Each payment was taken once, whatever came.
fn money(journal: &[Stored], lanes: &[Lane]) -> Result<()> {
    let paid = lanes.iter().flat_map(|lane| &lane.paid);
    let paid: BTreeSet<&str> = paid.map(String::as_str).collect();
    let mut received: BTreeMap<String, u64> = BTreeMap::new();
    for stored in journal {
        let header = &stored.event.header;
        if header.record_type == "payment" && header.action == "received" {
            *received.entry(header.record.to_string()).or_default() += 1;
        }
        ensure!(header.action != "stray", "money was not recognised");
    }
    for payment in &paid {
        let times = received.get(*payment).copied().unwrap_or(0);
        ensure!(times == 1, "payment {payment} was received {times} times");
    }
    ensure!(
        received.len() == paid.len(),
        "{} payments received, {} paid",
        received.len(),
        paid.len()
    );
    Ok(())
}

/// No term ended twice.
fn timers(done: &Done) -> Result<()> {
    let mut fired = 0;
    for ((record, action), times) in done {
        if action == "run_out" {
            ensure!(*times == 1, "TWICE: {action} of {record}");
            fired += 1;
        }
    }
    ensure!(fired > 0, "no timer fired: the clock proves nothing");
    Ok(())
}

/// No message stands more often in the mailbox than it was to be said: a term reminds before its day and on it.
fn letters(messages: &[(RecordId, String)]) -> Result<()> {
    let mut seen: BTreeMap<(&RecordId, &str), u64> = BTreeMap::new();
    for (record, subject) in messages {
        *seen.entry((record, subject)).or_default() += 1;
    }
    let most = |subject: &str| 1 + u64::from(subject.contains("期限が近づいて"));
    let twice = seen
        .iter()
        .find(|((_, subject), times)| **times > most(subject));
    ensure!(twice.is_none(), "TWICE: {twice:?}");
    ensure!(!messages.is_empty(), "no message was sent");
    Ok(())
}

fn counted(journal: &[Stored]) -> Done {
    let mut done = Done::new();
    for stored in journal {
        let header = &stored.event.header;
        *done
            .entry((header.record.to_string(), header.action.clone()))
            .or_default() += 1;
    }
    done
}
