//! The store alone, in a child whose calls to the system are counted, cut off or failed.

pub(crate) mod calls;
pub(crate) mod child;
pub(crate) mod full;
mod held;
pub(crate) mod power;
