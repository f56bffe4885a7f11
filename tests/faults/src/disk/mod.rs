//! A disk that loses its power: what a child has written and synced, as the shim wrote it down, and what may be left.

pub(crate) mod image;
pub(crate) mod record;
