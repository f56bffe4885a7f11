//! What must be so whatever has happened.

use super::steps::wait;
use super::town::{Answer, SLUG, Town};
use anyhow::{Context as _, Result, ensure};
use kernel::port::{Lane, Store as _, Stored};
use kernel::{Patch, RecordId, Snapshot};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Checks everything; answers a text over all events, which follows from the seed alone.
pub(crate) fn all(town: &mut Town<'_>) -> Result<String> {
    let handle = town.runtime.handle().clone();
    let _entered = handle.enter();
    let journal = journal(town)?;
    replays(town)?;
    once(town, &journal)?;
    let records = legal(town, &journal)?;
    stock(town, &journal)?;
    numbers(&records)?;
    payments(town, &journal, &records)?;
    terms(&journal, &records)?;
    effects(town, &journal)?;
    let mut digest = String::new();
    for stored in &journal {
        // Writing to memory cannot fail.
        let _ = write!(digest, "{} {};", stored.event.header.record, stored.hash);
    }
    Ok(digest)
}

fn journal(town: &Town<'_>) -> Result<Vec<Stored>> {
    let store = town.store()?;
    let journal = wait(store.changes(0, 1_000_000))?;
    let positions: Vec<u64> = journal.iter().map(|stored| stored.position).collect();
    ensure!(
        positions == (1..=journal.len() as u64).collect::<Vec<_>>(),
        "the journal has gaps"
    );
    Ok(journal)
}

/// Snapshots are the fold, balances the sum, numbers and indexes as they should be, chains and log whole.
fn replays(town: &Town<'_>) -> Result<()> {
    let (store, engine) = (town.store()?, town.engine()?);
    let own = |snapshot: &Snapshot, definition: &str| engine.own(snapshot, definition);
    let replayed = store.replay_with(&own, &[])?;
    ensure!(
        replayed.difference.is_none(),
        "verify: {:?}",
        replayed.difference
    );
    ensure!(
        replayed.logged == replayed.events,
        "{} of {} events are signed",
        replayed.logged,
        replayed.events
    );
    Ok(())
}

/// What was acknowledged is one act, as it was told; what was refused is none.
fn once(town: &Town<'_>, journal: &[Stored]) -> Result<()> {
    let store = town.store()?;
    let mut acts: BTreeMap<kernel::ActId, BTreeSet<RecordId>> = BTreeMap::new();
    for stored in journal {
        let header = &stored.event.header;
        acts.entry(header.act).or_default().insert(header.record);
    }
    let (mut wanted, mut people) = (BTreeSet::new(), BTreeSet::new());
    for job in &town.memory.lock().jobs {
        let account = job.request.actor.account.context("a stranger")?;
        people.insert(account);
        let sent = job.request.idempotency.as_ref().context("no key")?;
        let known = wait(store.idempotency(&account.to_string(), &sent.key))?;
        match (&job.answer, known) {
            (
                Some(Answer::Done {
                    record, version, ..
                }),
                Some(known),
            ) => {
                ensure!(
                    (known.record, known.version) == (*record, *version),
                    "{}: told another version",
                    sent.key
                );
                let touched = acts.get(&known.act);
                ensure!(
                    touched.is_some_and(|touched| touched.contains(record)),
                    "LOST: {}",
                    sent.key
                );
                ensure!(wanted.insert(known.act), "{} shares its act", sent.key);
            }
            (Some(Answer::Done { .. }), None) => {
                anyhow::bail!("LOST: {} was acknowledged", sent.key)
            }
            // Asked for again, done then, and the answer lost.
            (_, Some(known)) => drop(wanted.insert(known.act)),
            (_, None) => {}
        }
    }
    // No act of theirs beside those.
    for stored in journal {
        let header = &stored.event.header;
        let is_theirs = header.actor.is_some_and(|actor| people.contains(&actor));
        ensure!(
            !is_theirs || wanted.contains(&header.act),
            "TWICE: {} of {}",
            header.action,
            header.record
        );
    }
    Ok(())
}

/// Every act began in a state from which it may, and led where it should.
fn legal(town: &Town<'_>, journal: &[Stored]) -> Result<BTreeMap<RecordId, Snapshot>> {
    let catalogue = town.engine()?.catalogue();
    let service = catalogue.services.get(SLUG).context("no service")?;
    let mut records: BTreeMap<RecordId, Snapshot> = BTreeMap::new();
    for stored in journal {
        let header = &stored.event.header;
        let before = records.remove(&header.record);
        let state = before.as_ref().map(|snapshot| snapshot.state.clone());
        let after = kernel::evolve(before, &stored.event)?;
        if header.service != SLUG {
            // What the platform keeps of its own: days compared with the gateway's file.
            records.insert(header.record, after);
            continue;
        }
        let rt = service.types.get(&header.record_type).context("no type")?;
        ensure!(
            rt.states.contains_key(&after.state),
            "{} is no state",
            after.state
        );
        if let (Some(state), Some(action)) = (&state, rt.actions.get(&header.action)) {
            let moved = *state != after.state;
            ensure!(
                action.from.is_empty() || action.from.contains(state),
                "ILLEGAL: {} of {} in {state}",
                header.action,
                header.record
            );
            ensure!(
                !moved || action.to.as_ref() == Some(&after.state),
                "ILLEGAL: {} led to {}",
                header.action,
                after.state
            );
        }
        records.insert(header.record, after);
    }
    Ok(records)
}

/// Nothing is taken that is not there.
fn stock(town: &Town<'_>, journal: &[Stored]) -> Result<()> {
    let store = town.store()?;
    let (posted, held) = wait(store.balance(&format!("{SLUG}/stock"), "all"))?;
    let taken = journal.iter().filter(|stored| {
        stored.event.header.action == "take" && stored.event.header.record_type == "item"
    });
    let taken = Decimal::from(taken.count());
    let mut booked = Decimal::ZERO;
    for job in &town.memory.lock().jobs {
        if let (Some(Answer::Done { .. }), "book") = (&job.answer, job.request.action.as_str()) {
            booked += Decimal::from(job.request.input["amount"].as_u64().context("no amount")?);
        }
    }
    ensure!(
        posted == booked - taken && held.is_zero(),
        "{booked} came, {taken} went, {posted} are left"
    );
    ensure!(posted >= Decimal::ZERO, "{posted} are left");
    Ok(())
}

/// Numbers run on without a gap, and nobody shares one.
fn numbers(records: &BTreeMap<RecordId, Snapshot>) -> Result<()> {
    let mut drawn: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for snapshot in records.values() {
        if let Some((prefix, last)) = snapshot
            .number
            .as_deref()
            .and_then(|number| number.rsplit_once('-'))
        {
            drawn
                .entry(prefix.to_owned())
                .or_default()
                .push(last.parse()?);
        }
    }
    for (prefix, mut numbers) in drawn {
        numbers.sort_unstable();
        ensure!(
            numbers == (1..=numbers.len() as u64).collect::<Vec<_>>(),
            "{prefix}: {numbers:?}"
        );
    }
    Ok(())
}

/// Each payment that was made was received once, by its own record, whatever letters came.
fn payments(
    town: &Town<'_>,
    journal: &[Stored],
    records: &BTreeMap<RecordId, Snapshot>,
) -> Result<()> {
    let received = |payment: &RecordId| {
        let of = journal.iter().filter(|stored| {
            let header = &stored.event.header;
            header.record == *payment && header.action == "received"
        });
        of.count()
    };
    // Money that its payment did not take would stand in a record of its own.
    let kept = |payment: &RecordId| {
        let number = serde_json::json!(format!("pay-{payment}"));
        let mut first = journal
            .iter()
            .filter(|stored| stored.event.header.service != SLUG && stored.event.header.seq == 1);
        first.find(|stored| {
            let mut patches = stored.event.body.patches.iter();
            patches.any(|patch| matches!(patch, Patch::Field { value, .. } if *value == number))
        })
    };
    for payment in &town.memory.lock().paid {
        let (taken, kept) = (received(payment), kept(payment));
        let why = kept.map(|stored| &stored.event.body.patches);
        ensure!(
            taken == 1 && why.is_none(),
            "payment {payment} was received {taken} times; kept as stray: {why:?}"
        );
    }
    for (id, payment) in records
        .iter()
        .filter(|(_, snapshot)| snapshot.record_type == "payment")
    {
        let parent = payment
            .parent
            .as_ref()
            .and_then(|parent| records.get(&parent.id))
            .context("no application")?;
        let fits = match payment.state.as_str() {
            "paid" => parent.state == "done",
            "cancelled" => parent.state == "withdrawn",
            _ => parent.state == "fee_due",
        };
        ensure!(
            fits,
            "payment {id} is {}, its application {}",
            payment.state,
            parent.state
        );
    }
    Ok(())
}

/// By the end of the year every term has ended, and ended once.
fn terms(journal: &[Stored], records: &BTreeMap<RecordId, Snapshot>) -> Result<()> {
    let mut fired: BTreeMap<(RecordId, &str), u32> = BTreeMap::new();
    for stored in journal {
        let header = &stored.event.header;
        if header.action == "run_out" && header.record_type == "basket" {
            *fired.entry((header.record, "run_out")).or_default() += 1;
        }
    }
    ensure!(fired.values().all(|times| *times == 1), "TWICE: {fired:?}");
    let open = records
        .values()
        .find(|snapshot| snapshot.record_type == "basket" && snapshot.state == "open");
    ensure!(open.is_none(), "a basket is open after its term");
    Ok(())
}

/// Whatever was to be told was told, once; nothing waits.
fn effects(town: &Town<'_>, journal: &[Stored]) -> Result<()> {
    let (store, engine) = (town.store()?, town.engine()?);
    let mut waiting = wait(store.outbox(Lane::Inside, jiff::Timestamp::MAX, 1_000))?;
    waiting.extend(wait(store.outbox(
        Lane::Gateway,
        jiff::Timestamp::MAX,
        1_000,
    ))?);
    ensure!(
        waiting.is_empty(),
        "{} effects wait: {:?}",
        waiting.len(),
        waiting.first().and_then(|row| row.error.clone())
    );
    let mut told: BTreeMap<(String, RecordId, String), u32> = BTreeMap::new();
    for person in super::town::people(&engine)? {
        for message in wait(engine.messages(&person, None, 100_000))? {
            *told
                .entry((message.mailbox, message.record, message.subject))
                .or_default() += 1;
        }
    }
    // A term reminds before its day and on it.
    let most = |subject: &str| {
        if subject.contains("期限が近づいています") {
            2
        } else {
            1
        }
    };
    let twice = told
        .iter()
        .find(|((.., subject), times)| **times > most(subject));
    ensure!(twice.is_none(), "TWICE: {twice:?}");
    let of = |action: &str, kind: &str| {
        let some = journal.iter().filter(|stored| {
            stored.event.header.action == action && stored.event.header.record_type == kind
        });
        some.count()
    };
    let subjects = |start: &str| {
        told.keys()
            .filter(|(_, _, subject)| subject.starts_with(start))
            .count()
    };
    ensure!(
        subjects("納付できるようになりました") == of("ready", "payment"),
        "a notice of a payment is missing"
    );
    ensure!(
        subjects("納付を確かめました") == of("settle", "payment"),
        "a notice of money is missing"
    );
    Ok(())
}
