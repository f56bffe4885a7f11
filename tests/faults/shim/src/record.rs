//! Every change written down, in the order in which it was done. Read by `tests/faults/src/disk/record.rs`.

use crate::place::{self, Place};
use crate::real::{self, system};
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

/// What was done.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Create = 1,
    Write = 2,
    Truncate = 3,
    Sync = 4,
    Rename = 5,
    Unlink = 6,
    Link = 7,
    MakeDir = 8,
    /// What was not synced yet may be lost now, whatever is synced later.
    SyncFailed = 9,
}

fn file() -> Option<c_int> {
    static FILE: OnceLock<Option<c_int>> = OnceLock::new();
    *FILE.get_or_init(|| {
        let path = place::setting(c"TSUMUGI_FAULTS_RECORD")?;
        let flags = libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT | libc::O_CLOEXEC;
        let file = c_int::try_from(real::open(path.as_ptr(), flags, 0o600)).ok()?;
        (file >= 0).then_some(file)
    })
}

/// One line: five numbers, the path, a second path, the bytes.
pub(crate) fn put(
    step: Step,
    place: &Place,
    other: Option<&Place>,
    offset: i64,
    bytes: (*const c_void, usize),
) {
    let Some(file) = file() else { return };
    let other = other.map_or(&[][..], Place::bytes);
    let head = [
        step as u64,
        offset.cast_unsigned(),
        place.bytes().len() as u64,
        other.len() as u64,
        bytes.1 as u64,
    ];
    let part = |start: *const c_void, len: usize| libc::iovec {
        iov_base: start.cast_mut(),
        iov_len: len,
    };
    let parts = [
        part(head.as_ptr().cast(), std::mem::size_of_val(&head)),
        part(place.bytes().as_ptr().cast(), place.bytes().len()),
        part(other.as_ptr().cast(), other.len()),
        part(bytes.0, bytes.1),
    ];
    system!(libc::SYS_writev, file, parts.as_ptr(), parts.len());
}

/// A step without bytes.
pub(crate) fn note(step: Step, place: &Place, other: Option<&Place>, offset: i64) {
    put(step, place, other, offset, (std::ptr::null(), 0));
}
