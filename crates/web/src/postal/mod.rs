//! Postal codes: a table of all of Japan, compact in memory, read in the background after the start.
//!
//! Source: Japan Post's KEN_ALL as `cargo xtask assets` writes it, `postal_codes.csv` with the columns `code`,
//! `prefecture`, `municipality_code`, `municipality`, `town`, `municipality_kana`, `town_kana`, sorted by code.

mod load;
mod table;

use parking_lot::RwLock;
use std::path::Path;
use std::sync::Arc;
use table::Table;

pub use table::Place;

/// Name of the file in the assets' folder.
pub const POSTAL_FILE: &str = "postal_codes.csv";

/// Postal codes, once they are loaded.
pub struct Postal(RwLock<State>);

enum State {
    Loading,
    Missing(String),
    Ready(Arc<Table>),
}

/// Why no place was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostalError {
    /// Not a postal code.
    #[error("郵便番号は7桁の数字で入力してください。例：190-0023")]
    Malformed,
    /// No place has it.
    #[error("この郵便番号は見つかりません。番号を確かめるか、住所を直接入力してください。")]
    Unknown,
    /// Not loaded yet.
    #[error("郵便番号のデータを読み込んでいます。少し待ってからもう一度お試しください。")]
    Loading,
    /// There is no table on this machine.
    #[error("郵便番号のデータがこのサーバーにありません。住所を直接入力してください。")]
    Missing,
}

impl Postal {
    /// Begins to load the table of an assets' folder on a thread of its own; answers at once.
    #[must_use]
    pub fn load(assets: &Path) -> Arc<Self> {
        let postal = Arc::new(Self(RwLock::new(State::Loading)));
        let (shared, path) = (Arc::clone(&postal), assets.join(POSTAL_FILE));
        let work = move || *shared.0.write() = State::of(load::read(&path));
        if let Err(error) = std::thread::Builder::new()
            .name("postal-codes".into())
            .spawn(work)
        {
            *postal.0.write() = State::Missing(error.to_string());
        }
        postal
    }

    /// A table from text in the file's form.
    ///
    /// # Errors
    /// The line that cannot be read.
    pub fn from_csv(text: &str) -> Result<Arc<Self>, String> {
        load::parse(text).map(|table| Arc::new(Self(RwLock::new(State::Ready(Arc::new(table))))))
    }

    /// No table: every question is answered with [`PostalError::Missing`].
    #[must_use]
    pub fn none() -> Arc<Self> {
        Arc::new(Self(RwLock::new(State::Missing("no assets".into()))))
    }

    /// The places with a code, written as `1900023`, `190-0023` or in full width.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn find(&self, code: &str) -> Result<Vec<Place>, PostalError> {
        let code = japanese::check::postal_code(code).map_err(|_| PostalError::Malformed)?;
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let number = digits.parse().map_err(|_| PostalError::Malformed)?;
        let table = match &*self.0.read() {
            State::Ready(table) => Arc::clone(table),
            State::Loading => return Err(PostalError::Loading),
            State::Missing(_) => return Err(PostalError::Missing),
        };
        let found = table.find(number);
        if found.is_empty() {
            Err(PostalError::Unknown)
        } else {
            Ok(found)
        }
    }

    /// Why there is no table; none while it loads and once it is there.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        match &*self.0.read() {
            State::Missing(why) => Some(why.clone()),
            State::Loading | State::Ready(_) => None,
        }
    }
}

impl State {
    fn of(read: Result<Table, String>) -> Self {
        match read {
            Ok(table) => Self::Ready(Arc::new(table)),
            Err(why) => {
                tracing::warn!(
                    error = why,
                    "no postal codes: run `cargo xtask assets`, or give --assets"
                );
                Self::Missing(why)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "code,prefecture,municipality_code,municipality,town,municipality_kana,town_kana\n\
        1000001,東京都,13101,千代田区,千代田,チヨダク,チヨダ\n\
        1900023,東京都,13202,立川市,柴崎町,タチカワシ,シバサキチョウ\n\
        4980000,愛知県,23235,弥富市,,ヤトミシ,\n\
        4980000,三重県,24303,桑名郡木曽岬町,,クワナグンキソサキチョウ,\n";

    #[test]
    fn a_code_in_any_writing_is_found() {
        let postal = Postal::from_csv(TEXT).unwrap();
        for code in ["1900023", "190-0023", "１９０－００２３"] {
            let found = postal.find(code).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(
                (found[0].municipality.as_str(), found[0].town.as_str()),
                ("13202", "柴崎町")
            );
            assert_eq!(
                (
                    found[0].prefecture.as_str(),
                    found[0].municipality_kana.as_str()
                ),
                ("東京都", "タチカワシ")
            );
        }
        assert_eq!(postal.find("4980000").unwrap().len(), 2);
    }

    #[test]
    fn each_failure_has_its_sentence() {
        let postal = Postal::from_csv(TEXT).unwrap();
        assert_eq!(postal.find("9999999"), Err(PostalError::Unknown));
        assert_eq!(postal.find("12"), Err(PostalError::Malformed));
        assert_eq!(Postal::none().find("1900023"), Err(PostalError::Missing));
        assert!(Postal::from_csv("code\nx\n").is_err());
    }

    #[test]
    fn a_missing_folder_is_said_so() {
        let folder = std::env::temp_dir().join("no-such-folder-of-assets");
        let postal = Postal::load(&folder);
        for _ in 0..200 {
            if postal.fault().is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(postal.find("1900023"), Err(PostalError::Missing));
    }
}
