//! Reads the file. It is our own output without quotes, so that splitting at commas is enough; a quote is refused.

use super::table::{Municipality, Row, Table};
use std::collections::HashMap;
use std::path::Path;

/// Larger files are not what they claim to be.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
const HEADER: &str =
    "code,prefecture,municipality_code,municipality,town,municipality_kana,town_kana";

pub(super) fn read(path: &Path) -> Result<Table, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let size = std::fs::metadata(path).map_err(told)?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!("{}: {size} bytes are too many", path.display()));
    }
    parse(&std::fs::read_to_string(path).map_err(told)?)
}

pub(super) fn parse(text: &str) -> Result<Table, String> {
    let mut lines = text.lines();
    if lines.next().map(|line| line.trim_start_matches('\u{feff}')) != Some(HEADER) {
        return Err(format!("the first line is not {HEADER}"));
    }
    let mut builder = Builder {
        table: Table::default(),
        known: HashMap::new(),
        last: ("", "", 0),
    };
    builder.table.rows.reserve(text.len() / 90);
    for (index, line) in lines.enumerate() {
        builder
            .add(line)
            .ok_or_else(|| format!("line {} cannot be read", index + 2))?;
    }
    let mut table = builder.table;
    table.rows.sort_by_key(|row| row.code);
    table.rows.shrink_to_fit();
    table.texts.shrink_to_fit();
    Ok(table)
}

struct Builder<'a> {
    table: Table,
    known: HashMap<(&'a str, &'a str), u16>,
    /// The last town with its reading and place: neighbours repeat it.
    last: (&'a str, &'a str, u32),
}

impl<'a> Builder<'a> {
    fn add(&mut self, line: &'a str) -> Option<()> {
        if line.contains('"') {
            return None;
        }
        let mut cells = line.split(',');
        let mut cell = || cells.next();
        let (code, prefecture, municipality) = (cell()?.parse().ok()?, cell()?, cell()?);
        let (name, town, municipality_kana, town_kana) = (cell()?, cell()?, cell()?, cell()?);
        if cells.next().is_some() || municipality.len() != 5 {
            return None;
        }
        let municipality = self.municipality(municipality, prefecture, name, municipality_kana)?;
        let at = self.town(town, town_kana)?;
        let (town_bytes, kana_bytes) = (
            u16::try_from(town.len()).ok()?,
            u16::try_from(town_kana.len()).ok()?,
        );
        self.table.rows.push(Row {
            code,
            at,
            municipality,
            town_bytes,
            kana_bytes,
        });
        Some(())
    }

    /// Codes stand for one name each, but a name is kept as the row writes it.
    fn municipality(
        &mut self,
        code: &'a str,
        prefecture: &str,
        name: &'a str,
        kana: &str,
    ) -> Option<u16> {
        if let Some(index) = self.known.get(&(code, name)) {
            return Some(*index);
        }
        let index = u16::try_from(self.table.municipalities.len()).ok()?;
        let one = Municipality {
            code: code.into(),
            prefecture: prefecture.into(),
            name: name.into(),
            kana: kana.into(),
        };
        self.table.municipalities.push(one);
        self.known.insert((code, name), index);
        Some(index)
    }

    fn town(&mut self, town: &'a str, kana: &'a str) -> Option<u32> {
        if (town, kana) == (self.last.0, self.last.1) {
            return Some(self.last.2);
        }
        let at = u32::try_from(self.table.texts.len()).ok()?;
        self.table.texts.push_str(town);
        self.table.texts.push_str(kana);
        self.last = (town, kana, at);
        Some(at)
    }
}
