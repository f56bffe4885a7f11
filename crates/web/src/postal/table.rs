//! The table in memory: sorted codes, and texts in one string each, repeated towns once.

use serde::Serialize;

/// A place with a postal code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Prefecture (東京都).
    pub prefecture: String,
    /// Five-digit code of the municipality.
    pub municipality: String,
    /// Its name (立川市).
    pub municipality_name: String,
    /// Its reading in katakana.
    pub municipality_kana: String,
    /// Town; empty where the code covers the whole municipality.
    pub town: String,
    /// Its reading.
    pub town_kana: String,
}

/// About 8 MB for the 146,000 rows of Japan.
#[derive(Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) municipalities: Vec<Municipality>,
    pub(super) texts: String,
}

/// One row: 16 bytes.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) code: u32,
    /// Where town and its reading begin in `texts`; the reading follows the town.
    pub(super) at: u32,
    pub(super) municipality: u16,
    pub(super) town_bytes: u16,
    pub(super) kana_bytes: u16,
}

pub(super) struct Municipality {
    pub(super) code: String,
    pub(super) prefecture: String,
    pub(super) name: String,
    pub(super) kana: String,
}

impl Table {
    /// Rows of a code, in the file's order.
    pub(super) fn find(&self, code: u32) -> Vec<Place> {
        let begin = self.rows.partition_point(|row| row.code < code);
        let rows = self
            .rows
            .iter()
            .skip(begin)
            .take_while(|row| row.code == code);
        rows.filter_map(|row| self.place(row)).collect()
    }

    fn place(&self, row: &Row) -> Option<Place> {
        let municipality = self.municipalities.get(usize::from(row.municipality))?;
        let town_at = usize::try_from(row.at).ok()?;
        let kana_at = town_at + usize::from(row.town_bytes);
        Some(Place {
            prefecture: municipality.prefecture.clone(),
            municipality: municipality.code.clone(),
            municipality_name: municipality.name.clone(),
            municipality_kana: municipality.kana.clone(),
            town: self.texts.get(town_at..kana_at)?.to_owned(),
            town_kana: self
                .texts
                .get(kana_at..kana_at + usize::from(row.kana_bytes))?
                .to_owned(),
        })
    }
}
