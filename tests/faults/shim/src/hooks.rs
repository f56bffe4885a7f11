//! The functions of libc that change files, and the one that tells the time.

use crate::control::{self, Deed, Turn};
use crate::place::Place;
use crate::real::{self, fail, system};
use crate::record::{self, Step};
use libc::{mode_t, size_t, ssize_t};
use std::ffi::{c_char, c_int, c_void};

/// Does a call as it is told; what was done is written down.
fn told(kind: u64, call: impl FnOnce() -> isize, note: impl FnOnce()) -> isize {
    let deed = control::deed(kind);
    match deed {
        Deed::KillBefore | Deed::KillWithin => real::end(),
        Deed::NoSpace => return fail(libc::ENOSPC),
        Deed::Broken => return fail(libc::EIO),
        Deed::Pass | Deed::KillAfter | Deed::Short => {}
    }
    let done = call();
    if done >= 0 {
        note();
    }
    if deed == Deed::KillAfter {
        real::end();
    }
    done
}

fn write_some(
    place: &Place,
    (bytes, len): (*const c_void, usize),
    at: i64,
    call: impl Fn(usize) -> isize,
) -> isize {
    let deed = control::deed(control::WRITE);
    let len = match deed {
        Deed::KillBefore => real::end(),
        Deed::NoSpace => return fail(libc::ENOSPC),
        Deed::Broken => return fail(libc::EIO),
        Deed::KillWithin | Deed::Short if len > 1 => len / 2,
        _ => len,
    };
    let done = call(len);
    if let Ok(written) = usize::try_from(done) {
        record::put(Step::Write, place, None, at, (bytes, written));
    }
    if matches!(deed, Deed::KillAfter | Deed::KillWithin) {
        real::end();
    }
    done
}

#[unsafe(no_mangle)]
extern "C" fn write(file: c_int, bytes: *const c_void, len: size_t) -> ssize_t {
    let Some(place) = Place::of_file(file) else {
        return real::write(file, bytes, len);
    };
    let _turn = Turn::take();
    let at = real::position(file);
    write_some(&place, (bytes, len), at, |len| {
        real::write(file, bytes, len)
    })
}

#[unsafe(no_mangle)]
extern "C" fn pwrite(file: c_int, bytes: *const c_void, len: size_t, at: i64) -> ssize_t {
    let Some(place) = Place::of_file(file) else {
        return real::write_at(file, bytes, len, at);
    };
    let _turn = Turn::take();
    write_some(&place, (bytes, len), at, |len| {
        real::write_at(file, bytes, len, at)
    })
}

#[unsafe(no_mangle)]
extern "C" fn pwrite64(file: c_int, bytes: *const c_void, len: size_t, at: i64) -> ssize_t {
    pwrite(file, bytes, len, at)
}

/// The parts one by one; out of scope the call itself.
#[unsafe(no_mangle)]
extern "C" fn writev(file: c_int, parts: *const libc::iovec, count: c_int) -> ssize_t {
    if Place::of_file(file).is_none() {
        return system!(libc::SYS_writev, file, parts, count) as isize;
    }
    let mut total = 0;
    for at in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the caller says that so many parts stand there.
        let part = unsafe { *parts.add(at) };
        let done = write(file, part.iov_base, part.iov_len);
        match usize::try_from(done) {
            Ok(done) if done == part.iov_len => total += done,
            Ok(done) => return (total + done).cast_signed(),
            Err(_) if total == 0 => return done,
            Err(_) => break,
        }
    }
    total.cast_signed()
}

fn sync(file: c_int, call: impl Fn() -> isize) -> c_int {
    let Some(place) = Place::of_file(file) else {
        return call() as c_int;
    };
    let _turn = Turn::take();
    if control::no_sync() {
        return 0;
    }
    let done = told(control::SYNC, call, || {
        record::note(Step::Sync, &place, None, 0)
    });
    if done < 0 {
        record::note(Step::SyncFailed, &place, None, 0);
    }
    done as c_int
}

#[unsafe(no_mangle)]
extern "C" fn fsync(file: c_int) -> c_int {
    sync(file, || system!(libc::SYS_fsync, file) as isize)
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(file: c_int) -> c_int {
    sync(file, || system!(libc::SYS_fdatasync, file) as isize)
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate(file: c_int, len: i64) -> c_int {
    let call = || system!(libc::SYS_ftruncate, file, len) as isize;
    let Some(place) = Place::of_file(file) else {
        return call() as c_int;
    };
    let _turn = Turn::take();
    told(control::TRUNCATE, call, || {
        record::note(Step::Truncate, &place, None, len)
    }) as c_int
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate64(file: c_int, len: i64) -> c_int {
    ftruncate(file, len)
}

/// Two names, or one and none.
fn naming(step: Step, names: (Option<Place>, Option<Place>), call: impl Fn() -> isize) -> c_int {
    let (Some(place), other) = names else {
        return call() as c_int;
    };
    let _turn = Turn::take();
    told(control::NAME, call, || {
        record::note(step, &place, other.as_ref(), 0)
    }) as c_int
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: libc's caller gives two paths that end with a zero.
    let names = unsafe { (Place::of_path(from), Place::of_path(to)) };
    naming(Step::Rename, names, || {
        system!(
            libc::SYS_renameat2,
            libc::AT_FDCWD,
            from,
            libc::AT_FDCWD,
            to,
            0
        ) as isize
    })
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: libc's caller gives a path that ends with a zero.
    let name = unsafe { Place::of_path(path) };
    naming(Step::Unlink, (name, None), || {
        system!(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0) as isize
    })
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: libc's caller gives two paths that end with a zero.
    unsafe { linkat(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) }
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn linkat(
    from_dir: c_int,
    from: *const c_char,
    to_dir: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: libc's caller gives two paths that end with a zero.
    let names = unsafe { (Place::of_path(from), Place::of_path(to)) };
    naming(Step::Link, names, || {
        system!(libc::SYS_linkat, from_dir, from, to_dir, to, flags) as isize
    })
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: libc's caller gives a path that ends with a zero.
    let name = unsafe { Place::of_path(path) };
    naming(Step::MakeDir, (name, None), || {
        system!(libc::SYS_mkdirat, libc::AT_FDCWD, path, mode) as isize
    })
}

/// The third argument is there or not; where it is not, nobody looks at it. Both systems that this runs on pass it the same
/// way as the variable arguments of C.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    let call = || real::open(path, flags, mode);
    // SAFETY: libc's caller gives a path that ends with a zero.
    let Some(place) = (unsafe { Place::of_path(path) }) else {
        return call() as c_int;
    };
    let _turn = Turn::take();
    let is_there = real::is_there(path);
    let is_made = flags & libc::O_CREAT != 0 && !is_there;
    if is_made {
        return told(control::NAME, call, || {
            record::note(Step::Create, &place, None, 0)
        }) as c_int;
    }
    if is_there && flags & libc::O_TRUNC != 0 {
        return told(control::TRUNCATE, call, || {
            record::note(Step::Truncate, &place, None, 0)
        }) as c_int;
    }
    call() as c_int
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: as our caller says.
    unsafe { open(path, flags, mode) }
}

/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, into: *mut libc::timespec) -> c_int {
    let done = system!(libc::SYS_clock_gettime, clock, into) as c_int;
    if done == 0 && clock == libc::CLOCK_REALTIME {
        // SAFETY: the system has just written there.
        unsafe { (*into).tv_sec += control::clock_seconds() };
    }
    done
}
