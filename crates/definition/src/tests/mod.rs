//! Tests over whole packages.

mod choices;
mod doors;
mod examples;
mod faults;
mod guides;
mod packages;
mod properties;

use crate::{Loaded, Source, load};
use jiff::civil::{Date, date};
use std::path::Path;

pub(crate) const TODAY: Date = date(2026, 11, 22);

/// The repository's packages.
pub(crate) fn services() -> Source {
    Source::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services"))
        .expect("services")
}

pub(crate) fn told(loaded: &Loaded) -> String {
    loaded
        .diagnostics
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Files given as `path`, text pairs, loaded.
pub(crate) fn loaded(files: &[(&str, &str)]) -> Loaded {
    load(
        &Source::from_files(files.iter().map(|(path, text)| (*path, *text))),
        TODAY,
    )
}
