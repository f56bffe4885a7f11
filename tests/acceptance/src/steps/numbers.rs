//! Sentences about individual numbers (個人番号): opened for a purpose, and found nowhere else.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Deed, word};
use crate::world::World;

/// Named in a problem where somebody is refused.
const PURPOSE: &str = "purpose";

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} の個人番号 {} を {} の目的で開く",
        |world, words, _| {
            let path = format!(
                "/api/v1/services/{}/numbers/{}",
                world.reference(word(words, 2))?,
                word(words, 3)
            );
            let body = json!({PURPOSE: word(words, 4)});
            let answer = world.post(word(words, 1), &path, &body)?;
            world.hear(answer);
            Ok(())
        },
    ),
    (
        "開いた個人番号は {} である",
        |world, words, _| {
            let answer = world.answer()?;
            ensure!(
                answer.json["number"] == word(words, 1),
                "応答は {}",
                answer.told()
            );
            Ok(())
        },
    ),
    (
        "{} が見る {} のどこにも、個人番号 {} はない",
        |world, words, _| nowhere(world, [1, 2, 3].map(|at| word(words, at).to_owned())),
    ),
];

/// Reads whatever says something of a record: the record, its history, who looked, its list, its views, a search for the
/// number and for a part of it, the feed of changes.
fn nowhere(world: &World<'_>, [persona, record, number]: [String; 3]) -> Result<()> {
    let reference = world.reference(&record)?;
    let path = format!("/api/v1/services/{reference}");
    let (list, id) = path.rsplit_once('/').context("記録のIDがありません")?;
    let first = number.get(..6).context("番号が短すぎます")?;
    let mut asked = vec![
        path.clone(),
        format!("{path}/history"),
        format!("{path}/looks"),
        format!("{path}/actions"),
        format!("{list}?limit=200"),
        format!("/desk/search?q={first}"),
        "/api/v1/changes?limit=200".to_owned(),
        format!("/r/{reference}"),
        format!("/r/{reference}/looks"),
    ];
    let kind = reference.rsplit_once('/').map_or("", |(kind, _)| kind);
    asked.extend(["", "?format=csv", "&format=csv"].map(|how| format!("/desk/{kind}{how}")));
    let mut read = 0;
    for path in asked {
        let answer = world.page(&persona, &path)?;
        let text = String::from_utf8_lossy(&answer.bytes);
        ensure!(!text.contains(&number), "{path} にあります");
        read += usize::from(answer.ok());
    }
    ensure!(read > 6, "{read} か所しか読めません");
    for words in [&number, first] {
        let answer = world.page(&persona, &format!("{list}?q={words}"))?;
        let found = answer.json["items"].as_array();
        let found = found.is_some_and(|items| items.iter().any(|one| one["id"] == id));
        ensure!(!found, "{words} でさがすと見つかります");
    }
    Ok(())
}
