//! Which files are in scope: those below one directory, but not the shared memory beside a database, which no power cut
//! is expected to leave.

use crate::real;
use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

/// Longest path that is looked at.
pub(crate) const LONGEST: usize = 1024;

/// A setting of the environment, as it stood when it was first asked for.
pub(crate) fn setting(name: &CStr) -> Option<&'static CStr> {
    // SAFETY: `name` ends with a zero; nobody changes the environment of a child of the suite.
    let found = unsafe { libc::getenv(name.as_ptr()) };
    // SAFETY: what was found ends with a zero and lasts as long as the process.
    (!found.is_null()).then(|| unsafe { CStr::from_ptr(found) })
}

fn scope() -> Option<&'static [u8]> {
    static SCOPE: OnceLock<Option<&'static [u8]>> = OnceLock::new();
    *SCOPE.get_or_init(|| setting(c"TSUMUGI_FAULTS_SCOPE").map(CStr::to_bytes))
}

/// A path in scope.
pub(crate) struct Place {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Place {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Of an open file.
    pub(crate) fn of_file(file: c_int) -> Option<Self> {
        scope()?;
        let mut place = Self {
            bytes: [0; LONGEST],
            len: 0,
        };
        place.len = real::path_of(file, &mut place.bytes)?;
        place.in_scope()
    }

    /// Of a path as a program gives it; one that is not absolute is not in scope.
    ///
    /// # Safety
    /// `path` ends with a zero.
    pub(crate) unsafe fn of_path(path: *const c_char) -> Option<Self> {
        scope()?;
        if path.is_null() {
            return None;
        }
        // SAFETY: as the caller says.
        let given = unsafe { CStr::from_ptr(path) }.to_bytes();
        let mut place = Self {
            bytes: [0; LONGEST],
            len: given.len(),
        };
        place.bytes.get_mut(..given.len())?.copy_from_slice(given);
        place.in_scope()
    }

    fn in_scope(self) -> Option<Self> {
        let scope = scope()?;
        let path = self.bytes();
        let below = path.starts_with(scope) && matches!(path.get(scope.len()), None | Some(b'/'));
        (below && !path.ends_with(b"-shm")).then_some(self)
    }
}
