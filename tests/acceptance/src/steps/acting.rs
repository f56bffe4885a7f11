//! Sentences about acting for others.

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;

use super::{Deed, word};
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} のために手続きする",
        |world, words, _| {
            let (persona, name) = (word(words, 1), word(words, 2));
            let party = hat(world, persona, name)?
                .with_context(|| format!("{persona} は「{name}」のために手続きできません"))?;
            world.hats.insert(persona.to_owned(), party);
            Ok(())
        },
    ),
    (
        "{} がパスワードだけでログインしている",
        |world, words, _| world.product.weaken(word(words, 1), true),
    ),
    (
        "{} がもう1つの確認を済ませる",
        |world, words, _| world.product.weaken(word(words, 1), false),
    ),
    ("{} が自分の手続きに戻る", |world, words, _| {
        world.hats.remove(word(words, 1));
        Ok(())
    }),
    (
        "{} が見る {} の履歴に {} の名がある",
        |world, words, _| {
            let (persona, record, name) = (word(words, 1), word(words, 2), word(words, 3));
            let answer = world.page(persona, &format!("{}/history", world.path(record)?))?;
            ensure!(answer.text.contains(name), "履歴は: {}", answer.text);
            Ok(())
        },
    ),
    (
        "{} は {} のために手続きできない",
        |world, words, _| {
            let (persona, name) = (word(words, 1), word(words, 2));
            let found = hat(world, persona, name)?;
            ensure!(
                found.is_none(),
                "{persona} は「{name}」のために手続きできます"
            );
            Ok(())
        },
    ),
];

/// The party of this name for which a persona may act today.
fn hat(world: &mut World<'_>, persona: &str, name: &str) -> Result<Option<String>> {
    let worn = world.hats.remove(persona);
    let answer = world.page(persona, "/api/v1/session")?;
    if let Some(worn) = worn {
        world.hats.insert(persona.to_owned(), worn);
    }
    let hats = answer.json.get("hats").and_then(Json::as_array);
    let hats = hats.context("だれのために手続きできるかが分かりません")?;
    let mut named = hats.iter().filter(|hat| hat["name"] == name);
    let id = named.next().and_then(|hat| hat["id"].as_str());
    Ok(id.map(str::to_owned))
}
