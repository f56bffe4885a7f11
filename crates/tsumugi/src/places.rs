//! Real places for the demo's addresses, from the table of postal codes.

use engine::DemoPlace;
use std::path::Path;
use std::sync::Arc;

/// The prefecture whose places the demo uses.
const PREFECTURE: &str = "東京都";

/// Its places with a postal code; none where the assets are not there. Buildings that have a code of their own and
/// codes of a whole municipality are left out: nobody gives them as an address.
pub(crate) fn load(assets: Option<&Path>) -> Arc<[DemoPlace]> {
    let text = assets.map(|assets| std::fs::read_to_string(assets.join(web::POSTAL_FILE)));
    match text {
        Some(Ok(text)) => text.lines().filter_map(place).collect(),
        _ => Arc::default(),
    }
}

/// A line of the file: `code,prefecture,municipality_code,municipality,town,…`, without quotes.
fn place(line: &str) -> Option<DemoPlace> {
    let mut cells = line.split(',');
    let (code, prefecture) = (cells.next()?, cells.next()?);
    let (municipality, _, town) = (cells.next()?, cells.next()?, cells.next()?);
    let is_building = ["ビル", "タワー", "階"]
        .iter()
        .any(|word| town.contains(word));
    if prefecture != PREFECTURE || town.is_empty() || is_building {
        return None;
    }
    let (area, rest) = code.split_at_checked(3)?;
    Some(DemoPlace {
        postal_code: Some(format!("{area}-{rest}")),
        municipality: municipality.to_owned(),
        town: town.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn towns_of_the_prefecture_only() {
        let found = place("1900023,東京都,13202,立川市,柴崎町,タチカワシ,シバサキチョウ").unwrap();
        assert_eq!(
            (
                found.postal_code.as_deref(),
                found.municipality.as_str(),
                found.town.as_str()
            ),
            (Some("190-0023"), "13202", "柴崎町")
        );
        for line in [
            "code,prefecture,municipality_code,municipality,town,municipality_kana,town_kana",
            "1000000,東京都,13101,千代田区,,チヨダク,",
            "1056222,東京都,13103,港区,愛宕愛宕グリーンヒルズＭＯＲＩタワー,ミナトク,アタゴ",
            "0010010,北海道,01102,札幌市北区,北十条西,サッポロシキタク,キタ１０ジョウニシ",
            "",
        ] {
            assert!(place(line).is_none(), "{line}");
        }
    }
}
