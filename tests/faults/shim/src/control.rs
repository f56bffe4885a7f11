//! The page of numbers that the suite and the child share. The suite's side of it is `tests/faults/src/control.rs`.

use crate::{place, real};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

/// Words of the page.
const CALLS: usize = 0;
const DEED: usize = 1;
const FIRST: usize = 2;
const LAST: usize = 3;
const KINDS: usize = 4;
const MET: usize = 5;
const NO_SYNC: usize = 6;
const CLOCK: usize = 7;
const WORDS: usize = 8;

/// Kinds of calls, as bits.
pub(crate) const WRITE: u64 = 1;
pub(crate) const SYNC: u64 = 2;
pub(crate) const TRUNCATE: u64 = 4;
pub(crate) const NAME: u64 = 8;

/// What is done at a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The call itself.
    Pass,
    /// The end of the process, before the call.
    KillBefore,
    /// The call, then the end of the process.
    KillAfter,
    /// Half of a write, then the end of the process.
    KillWithin,
    /// The error of a full disk.
    NoSpace,
    /// The error of a failing disk.
    Broken,
    /// Half of a write, as the system may do at any time.
    Short,
}

struct Page(&'static [AtomicU64; WORDS]);

/// The page; none where the process was not started by the suite.
fn page() -> Option<&'static Page> {
    static PAGE: OnceLock<Option<Page>> = OnceLock::new();
    PAGE.get_or_init(|| {
        let path = place::setting(c"TSUMUGI_FAULTS_CONTROL")?;
        let address = real::map(path, WORDS * 8)?;
        // SAFETY: the mapping is as long, aligned to a page, lasts as long as the process, and is only used atomically.
        Some(Page(unsafe { &*address.cast() }))
    })
    .as_ref()
}

fn word(at: usize) -> u64 {
    page().map_or(0, |page| page.0[at].load(SeqCst))
}

/// Counts a call, and says what is to be done at it.
pub(crate) fn deed(kind: u64) -> Deed {
    let Some(Page(words)) = page() else {
        return Deed::Pass;
    };
    if words[KINDS].load(SeqCst) & kind == 0 {
        return Deed::Pass;
    }
    let call = words[CALLS].fetch_add(1, SeqCst) + 1;
    if call < words[FIRST].load(SeqCst) || call > words[LAST].load(SeqCst) {
        return Deed::Pass;
    }
    let deed = match words[DEED].load(SeqCst) {
        1 => Deed::KillBefore,
        2 => Deed::KillAfter,
        3 => Deed::KillWithin,
        4 => Deed::NoSpace,
        5 => Deed::Broken,
        6 => Deed::Short,
        _ => Deed::Pass,
    };
    if deed != Deed::Pass {
        words[MET].fetch_add(1, SeqCst);
    }
    deed
}

/// Whether syncing does nothing: the control of the suite, which must then find losses.
pub(crate) fn no_sync() -> bool {
    word(NO_SYNC) != 0
}

/// Seconds by which the wall clock is put elsewhere.
pub(crate) fn clock_seconds() -> i64 {
    word(CLOCK).cast_signed()
}

/// One call at a time, so that what is written down stands in the order in which it was done.
pub(crate) struct Turn;

static TAKEN: AtomicBool = AtomicBool::new(false);

impl Turn {
    pub(crate) fn take() -> Self {
        while TAKEN.swap(true, SeqCst) {
            std::hint::spin_loop();
            real::give_way();
        }
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.store(false, SeqCst);
    }
}
