//! Sentences that look whether something is so.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use super::deeds::number;
use super::{Deed, word};
use crate::value;
use crate::world::World;

/// About the last answer, which may be a refusal.
pub(super) const OF_ANSWERS: &[(&str, Deed)] = &[
    ("応答は {n} である", |world, words, _| {
        let expected = number(words, 1)?;
        let answer = world.answer()?;
        ensure!(
            u32::from(answer.status) == expected,
            "応答は {}",
            answer.told()
        );
        Ok(())
    }),
    ("誤り {} は {} である", |world, words, _| {
        fault(world, word(words, 1), word(words, 2))
    }),
    ("誤りの文に {} がある", |world, words, _| {
        let answer = world.answer()?;
        ensure!(!answer.ok(), "断られていません: {}", answer.told());
        ensure!(
            texts(&answer.json).any(|text| text.contains(word(words, 1))),
            "文にありません: {}",
            answer.told()
        );
        Ok(())
    }),
];

/// About records, lists, messages and histories.
pub(super) const OF_RECORDS: &[(&str, Deed)] = &[
    ("{} の {} は {n} 件である", |world, words, _| {
        let json = world.read(word(words, 1))?;
        let found = value::at(&json, word(words, 2))
            .and_then(Json::as_array)
            .map_or(0, Vec::len);
        ensure!(
            u32::try_from(found)? == number(words, 3)?,
            "{found} 件です: {json}"
        );
        Ok(())
    }),
    ("{} の {} は {value} である", |world, words, _| {
        let json = world.read(word(words, 1))?;
        let found = value::at(&json, word(words, 2))
            .with_context(|| format!("{} がありません: {json}", word(words, 2)))?;
        ensure!(value::same(found, word(words, 3)), "{found} です");
        Ok(())
    }),
    ("{} の {} は {value} でない", |world, words, _| {
        let json = world.read(word(words, 1))?;
        let found = value::at(&json, word(words, 2))
            .with_context(|| format!("{} がありません: {json}", word(words, 2)))?;
        ensure!(!value::same(found, word(words, 3)), "{found} です");
        Ok(())
    }),
    ("{} の {} はない", |world, words, _| {
        let json = world.read(word(words, 1))?;
        match value::at(&json, word(words, 2)) {
            None | Some(Json::Null) => Ok(()),
            Some(found) => bail!("{found} があります"),
        }
    }),
    ("一覧は {n} 件である", |world, words, _| {
        let list = world.read("一覧")?;
        let found = list
            .get("items")
            .and_then(Json::as_array)
            .with_context(|| format!("一覧がありません: {list}"))?;
        ensure!(
            u32::try_from(found.len())? == number(words, 1)?,
            "{} 件です: {list}",
            found.len()
        );
        Ok(())
    }),
    ("{} に通知 {} が届いている", |world, words, _| {
        let subjects = subjects(world, word(words, 1))?;
        ensure!(
            subjects
                .iter()
                .any(|subject| subject.contains(word(words, 2))),
            "届いているのは: {}",
            subjects.join("、")
        );
        Ok(())
    }),
    (
        "{} に通知 {} は届いていない",
        |world, words, _| {
            let subjects = subjects(world, word(words, 1))?;
            ensure!(
                !subjects
                    .iter()
                    .any(|subject| subject.contains(word(words, 2))),
                "届いています: {}",
                subjects.join("、")
            );
            Ok(())
        },
    ),
    ("公開 {} は {n} 行である", |world, words, _| {
        rows(world, word(words, 1), None, number(words, 2)?)
    }),
    (
        "{day} の公開 {} は {n} 行である",
        |world, words, _| {
            rows(
                world,
                word(words, 2),
                Some(word(words, 1)),
                number(words, 3)?,
            )
        },
    ),
    (
        "公開 {} の {} が {} の行の {} は {value} である",
        |world, words, _| {
            let all = world.published(word(words, 1), None)?;
            let cell = all
                .iter()
                .find(|row| row.get(word(words, 2)).and_then(Json::as_str) == Some(word(words, 3)))
                .and_then(|row| row.get(word(words, 4)))
                .with_context(|| format!("ありません: {all:?}"))?;
            ensure!(value::same(cell, word(words, 5)), "{cell} です");
            Ok(())
        },
    ),
    ("公開 {} に {} はない", |world, words, _| {
        let all = Json::Array(world.published(word(words, 1), None)?).to_string();
        ensure!(!all.contains(word(words, 2)), "あります: {all}");
        Ok(())
    }),
    ("履歴に {} がある", |world, words, _| {
        in_history(world, None, word(words, 1), true)
    }),
    ("履歴に {} がない", |world, words, _| {
        in_history(world, None, word(words, 1), false)
    }),
    ("{} の履歴に {} がある", |world, words, _| {
        in_history(world, Some(word(words, 1)), word(words, 2), true)
    }),
    ("{} の履歴に {} がない", |world, words, _| {
        in_history(world, Some(word(words, 1)), word(words, 2), false)
    }),
    (
        "{} は {} の声をまだ答えられない",
        |world, words, _| {
            let status = world.review_status(word(words, 1), word(words, 2))?;
            ensure!(status == 404, "応答は {status} です");
            Ok(())
        },
    ),
    ("{} には {} が見えない", |world, words, _| {
        let status = world.status_for(word(words, 1), word(words, 2))?;
        ensure!(status == 404, "応答は {status} です");
        Ok(())
    }),
    ("{} には {} が見える", |world, words, _| {
        let status = world.status_for(word(words, 1), word(words, 2))?;
        ensure!(status == 200, "応答は {status} です");
        Ok(())
    }),
];

fn rows(world: &World<'_>, publication: &str, as_of: Option<&str>, expected: u32) -> Result<()> {
    let found = world.published(publication, as_of)?.len();
    ensure!(u32::try_from(found)? == expected, "{found} 行です");
    Ok(())
}

fn fault(world: &mut World<'_>, pointer: &str, code: &str) -> Result<()> {
    let answer = world.answer()?;
    let errors = answer.json.get("errors").and_then(Json::as_array);
    let errors = errors.with_context(|| format!("誤りがありません: {}", answer.told()))?;
    let is =
        |error: &&Json, key: &str, text: &str| error.get(key).and_then(Json::as_str) == Some(text);
    let found = errors
        .iter()
        .any(|error| is(&error, "pointer", pointer) && is(&error, "code", code));
    ensure!(found, "誤りは {}", answer.told());
    Ok(())
}

/// Title, detail and the details of all faults.
fn texts(problem: &Json) -> impl Iterator<Item = &str> {
    let own = ["title", "detail"]
        .into_iter()
        .filter_map(|key| problem.get(key)?.as_str());
    let errors = problem
        .get("errors")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    own.chain(errors.filter_map(|error| error.get("detail")?.as_str()))
}

fn subjects(world: &World<'_>, persona: &str) -> Result<Vec<String>> {
    Ok(world
        .product
        .messages(persona)?
        .into_iter()
        .map(|message| message.subject)
        .collect())
}

fn in_history(world: &World<'_>, record: Option<&str>, action: &str, expected: bool) -> Result<()> {
    let actions = world.history(record)?;
    ensure!(
        actions.iter().any(|found| found == action) == expected,
        "履歴にあるのは: {}",
        actions.join("、")
    );
    Ok(())
}
