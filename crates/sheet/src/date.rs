//! Days as tables hold them.

use jiff::civil::Date;

/// A civil day in any form that offices write: `2026-11-22`, `2026/11/22`, `20261122`, `令和8年11月22日`, `R8.11.22`,
/// also with a time of midnight behind as spreadsheets print it. None for anything else.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let text = ["T00:00:00", " 00:00:00", " 0:00:00", " 0:00"]
        .iter()
        .find_map(|time| text.strip_suffix(time))
        .unwrap_or(text);
    japanese::wareki::parse(text).ok()
}
