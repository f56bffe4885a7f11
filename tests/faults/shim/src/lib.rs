//! Stands between a child of the fault suite and its libc (`LD_PRELOAD`): counts the calls that change files below one
//! directory, and at the call that it is told kills the process, fails the call, or does half of it. It can write down
//! every change, so that a power cut can be played afterwards, make syncing a nothing, and put the wall clock elsewhere.
//!
//! What it is told stands in a page that the suite shares with the child (`control`). Nothing here allocates or panics.

mod control;
mod hooks;
mod place;
mod real;
mod record;
