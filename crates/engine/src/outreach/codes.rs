//! Codes that prove that an address is its reader's.

use crate::Failure;
use jiff::{SignedDuration, Timestamp};
use kernel::mailroom::{Awaited, Contact, Way};
use uuid::Uuid;

/// How long a code is taken.
const VALID: SignedDuration = SignedDuration::from_mins(30);
/// Wrong codes that may be given for one that was sent.
const TRIES: u8 = 5;
/// Codes that are sent to one reader's addresses within an hour: nobody is flooded, no bill is run up.
const CODES_AN_HOUR: usize = 5;

/// The hash under which a code is kept.
pub(super) fn hash(way: &str, code: &str) -> String {
    crate::hash::sha256(format!("{way}/{code}").as_bytes())
}

/// What a way awaits once the code is sent.
pub(super) fn awaited(way: Uuid, code: &str, now: Timestamp) -> Awaited {
    Awaited {
        hash: hash(&way.to_string(), code),
        until: until(now),
        tries: TRIES,
    }
}

/// Until when a code is taken.
pub(super) fn until(now: Timestamp) -> Timestamp {
    now.checked_add(VALID).unwrap_or(now)
}

/// Counts a code that is about to be sent.
pub(super) fn count(contact: &mut Contact, now: Timestamp) -> Result<(), Failure> {
    let hour_ago = now
        .checked_sub(SignedDuration::from_hours(1))
        .unwrap_or(now);
    contact.codes_sent.retain(|at| *at > hour_ago);
    if contact.codes_sent.len() >= CODES_AN_HOUR {
        let detail = "確認番号を続けて送ったため、いまは送れません。1時間ほど待ってからもう一度お試しください。";
        return Err(Failure::invalid("/input/address", "too_many", detail));
    }
    contact.codes_sent.push(now);
    Ok(())
}

/// What came of a code.
pub(super) enum Given {
    /// Right: the way is open.
    Right,
    /// Wrong: so many tries are left.
    Wrong(u8),
    /// Its time or its tries are over: a new one must be sent.
    Over,
}

/// Takes a code for a way.
pub(super) fn give(way: &mut Way, code: &str, now: Timestamp) -> Given {
    let id = way.id.to_string();
    let Some(awaited) = &mut way.awaited else {
        return Given::Over;
    };
    if awaited.until <= now || awaited.tries == 0 {
        return Given::Over;
    }
    if awaited.hash != hash(&id, code) {
        awaited.tries -= 1;
        return Given::Wrong(awaited.tries);
    }
    way.confirmed = Some(now);
    way.on = true;
    way.awaited = None;
    way.fault = None;
    Given::Right
}
