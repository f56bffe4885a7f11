//! A map of the municipalities as tiles: each lies about where it is, all are of one size, so that the smallest is seen.
//! Where a tile lies stands in the table `municipality_tiles` of the registers.

use super::numbers::{number, told};
use definition::model::Service;
use engine::Sheet;
use feel::Value;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

const TABLE: &str = "municipality_tiles";
const SIDE: i64 = 46;
/// Shades.
const SHADES: usize = 5;

/// One municipality.
pub(super) struct Tile {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) name: String,
    pub(super) text: String,
    /// 0 for none, to 5.
    pub(super) shade: usize,
}

/// The tiles of the first column of a sheet, and what the shades mean.
pub(super) fn tiles(service: &Service, sheet: &Sheet) -> (Vec<Tile>, Vec<(String, usize)>) {
    let Some(table) = service.tables.get(TABLE) else {
        return Default::default();
    };
    let amount = |code: &str| {
        let row = sheet.rows.iter().find(|row| row.value == code);
        row.and_then(|row| row.numbers.first().copied())
            .unwrap_or(Some(Decimal::ZERO))
    };
    let highest = sheet
        .rows
        .iter()
        .filter_map(|row| row.numbers.first().copied().flatten())
        .max()
        .unwrap_or_default();
    let column = |name: &str| table.outputs.iter().position(|(output, _)| output == name);
    let mut tiles = Vec::new();
    for row in &table.rows {
        let Some(definition::model::CellTest::Is(Value::Text(code))) = row.tests.first() else {
            continue;
        };
        let number_at = |name: &str| match row.outputs.get(column(name)?) {
            Some(Value::Number(n)) => n.to_i64(),
            _ => None,
        };
        let (Some(x), Some(y)) = (number_at("x"), number_at("y")) else {
            continue;
        };
        let title = column("title")
            .and_then(|at| row.outputs.get(at))
            .map(ToString::to_string);
        let found = amount(code);
        tiles.push(Tile {
            x: x * SIDE,
            y: y * SIDE,
            name: title.unwrap_or_default(),
            text: match found {
                Some(found) if found.is_zero() => String::new(),
                found => told(&found),
            },
            shade: shade(found.unwrap_or_default(), highest),
        });
    }
    (tiles, legend(highest))
}

fn shade(amount: Decimal, highest: Decimal) -> usize {
    if amount <= Decimal::ZERO || highest <= Decimal::ZERO {
        return 0;
    }
    let share = amount * Decimal::from(SHADES) / highest;
    share.ceil().to_usize().unwrap_or(1).clamp(1, SHADES)
}

fn legend(highest: Decimal) -> Vec<(String, usize)> {
    if highest <= Decimal::ZERO {
        return Vec::new();
    }
    let bound = |n: usize| (highest * Decimal::from(n) / Decimal::from(SHADES)).floor();
    let words = |n: usize| format!("{}まで", number(&bound(n)));
    let mut all = vec![("なし".to_owned(), 0)];
    let mut last = Decimal::ZERO;
    for n in 1..=SHADES {
        if bound(n) > last {
            all.push((words(n), n));
            last = bound(n);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_darkest_and_nothing_is_blank() {
        let shade = |n: i64| shade(Decimal::from(n), Decimal::from(50));
        assert_eq!([0, 1, 10, 11, 50].map(shade), [0, 1, 1, 2, 5]);
        assert_eq!(legend(Decimal::from(2)).len(), 3);
    }
}
