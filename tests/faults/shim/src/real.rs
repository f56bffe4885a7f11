//! The calls themselves, straight to the system: none of them comes back through a hook.

use crate::place::LONGEST;
use std::ffi::{CStr, c_char, c_int, c_long, c_void};

/// Whether a call did its work is left to whoever made it; `errno` is set by `syscall`.
macro_rules! system {
    ($number:expr $(, $argument:expr)*) => {
        // SAFETY: the arguments are those that the hooked function was called with, or live on this stack.
        unsafe { libc::syscall($number $(, $argument)*) }
    };
}
pub(crate) use system;

/// Sets the error that the caller reads.
pub(crate) fn fail(errno: c_int) -> isize {
    // SAFETY: the address is this thread's own.
    unsafe { *libc::__errno_location() = errno };
    -1
}

/// Ends this process as `kill -9` does.
pub(crate) fn end() -> ! {
    loop {
        // SAFETY: ends the process; there is nothing to keep.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

pub(crate) fn give_way() {
    system!(libc::SYS_sched_yield);
}

/// A shared mapping of a file.
pub(crate) fn map(path: &CStr, bytes: usize) -> Option<*mut c_void> {
    let file = open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC, 0);
    let file = c_int::try_from(file).ok().filter(|file| *file >= 0)?;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping of an open file, placed by the system.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            access,
            libc::MAP_SHARED,
            file,
            0,
        )
    };
    (address != libc::MAP_FAILED).then_some(address)
}

pub(crate) fn open(path: *const c_char, flags: c_int, mode: libc::mode_t) -> isize {
    system!(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) as isize
}

pub(crate) fn is_there(path: *const c_char) -> bool {
    system!(libc::SYS_faccessat, libc::AT_FDCWD, path, libc::F_OK) == 0
}

pub(crate) fn write_at(file: c_int, bytes: *const c_void, len: usize, at: i64) -> isize {
    system!(libc::SYS_pwrite64, file, bytes, len, at) as isize
}

pub(crate) fn write(file: c_int, bytes: *const c_void, len: usize) -> isize {
    system!(libc::SYS_write, file, bytes, len) as isize
}

/// Where a plain write to the file goes.
pub(crate) fn position(file: c_int) -> i64 {
    let flags = system!(libc::SYS_fcntl, file, libc::F_GETFL);
    let appends = flags >= 0 && flags & c_long::from(libc::O_APPEND) != 0;
    let here = system!(libc::SYS_lseek, file, 0, libc::SEEK_CUR);
    if !appends {
        return here;
    }
    let end = system!(libc::SYS_lseek, file, 0, libc::SEEK_END);
    system!(libc::SYS_lseek, file, here, libc::SEEK_SET);
    end
}

/// The path of an open file; its length.
pub(crate) fn path_of(file: c_int, into: &mut [u8; LONGEST]) -> Option<usize> {
    let mut link = *b"/proc/self/fd/\0\0\0\0\0\0\0\0\0\0\0\0";
    let (mut digits, mut left, mut count) = ([0_u8; 10], u32::try_from(file).ok()?, 0);
    loop {
        digits[count] = b'0' + u8::try_from(left % 10).ok()?;
        (left, count) = (left / 10, count + 1);
        if left == 0 {
            break;
        }
    }
    for (at, digit) in digits[..count].iter().rev().enumerate() {
        link[14 + at] = *digit;
    }
    let len = system!(
        libc::SYS_readlinkat,
        libc::AT_FDCWD,
        link.as_ptr(),
        into.as_mut_ptr(),
        into.len()
    );
    usize::try_from(len).ok().filter(|len| *len < LONGEST)
}
