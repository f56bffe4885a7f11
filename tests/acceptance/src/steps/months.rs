//! Sentences about periods of a report: closing, correcting, opening again, and the files of their figures.

use anyhow::{Result, ensure};
use serde_json::{Value as Json, json};

use super::{Deed, word};
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} の月報 {} の {} を締める",
        |world, words, _| deed(world, words, "close", &json!({"acknowledged": true})),
    ),
    (
        "{} が {} の月報 {} の {} を {} という理由で訂正する",
        |world, words, _| deed(world, words, "correct", &json!({"reason": word(words, 5)})),
    ),
    (
        "{} が {} の月報 {} の {} の締めを {} という理由で解く",
        |world, words, _| deed(world, words, "reopen", &json!({"reason": word(words, 5)})),
    ),
    (
        "{} が {} の月報 {} の {} の {} の締めを {} という理由で解く",
        |world, words, _| {
            let body = json!({"office": word(words, 5), "reason": word(words, 6)});
            deed(world, words, "reopen", &body)
        },
    ),
    (
        "{} が {} の月報 {} の {} の表を {} として受け取る",
        |world, words, _| {
            let (kind, view, month) = (word(words, 2), word(words, 3), word(words, 4));
            for form in ["csv", "xlsx"] {
                let path = format!(
                    "/desk/{}/{kind}/views/{view}/file?as={form}&month={month}",
                    world.service
                );
                let bytes = world.file(word(words, 1), &path)?;
                world
                    .files
                    .insert(format!("{}.{form}", word(words, 5)), bytes);
            }
            Ok(())
        },
    ),
    ("表 {} と表 {} は同じである", |world, words, _| {
        for form in ["csv", "xlsx"] {
            let file = |n: usize| world.files.get(&format!("{}.{form}", word(words, n)));
            ensure!(file(1).is_some(), "{} を受け取っていません", word(words, 1));
            ensure!(file(1) == file(2), "{form} のバイトが違います");
        }
        Ok(())
    }),
    ("表 {} に {} がある", |world, words, _| {
        let name = format!("{}.csv", word(words, 1));
        let text = world
            .files
            .get(&name)
            .map(|bytes| String::from_utf8_lossy(bytes));
        let text = text.unwrap_or_default();
        ensure!(text.contains(word(words, 2)), "表にありません: {text}");
        Ok(())
    }),
];

fn deed(world: &mut World<'_>, words: &regex::Captures<'_>, name: &str, body: &Json) -> Result<()> {
    let (kind, view, month) = (word(words, 2), word(words, 3), word(words, 4));
    let path = format!(
        "/api/v1/services/{}/{kind}/views/{view}/months/{month}/{name}",
        world.service
    );
    let answer = world.post(word(words, 1), &path, body)?;
    world.hear(answer);
    Ok(())
}
