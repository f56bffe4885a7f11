//! Sentences about receipts: fetched by a person, checked by anybody with nothing but the public key.

use anyhow::{Context, Result, ensure};
use evidence::{Receipt, Verifier};
use serde_json::Value as Json;

use super::{Deed, word};
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} の受付の証明を受け取ると、公開された鍵だけで確かめられる",
        |world, words, _| {
            let (persona, name) = (word(words, 1), word(words, 2));
            world.acts_now(persona);
            let file = world.file(persona, &path(world, name)?)?;
            let number = world.read(name)?;
            let number = number["number"].as_str().unwrap_or_default().to_owned();
            let key = world.anybody("/log/keys")?;
            ensure!(key.ok(), "鍵を受け取れません: {}", key.told());
            check(&String::from_utf8(file)?, &key.json, &number)
        },
    ),
    (
        "{} は {} の受付の証明を受け取れず、応答は {n} である",
        |world, words, _| {
            let answer = world.page(word(words, 1), &path(world, word(words, 2))?)?;
            ensure!(
                answer.status.to_string() == word(words, 3),
                "応答は {}",
                answer.told()
            );
            Ok(())
        },
    ),
];

fn path(world: &World<'_>, name: &str) -> Result<String> {
    Ok(format!(
        "/api/v1/services/{}/receipt",
        world.reference(name)?
    ))
}

/// The receipt holds under the published key and names the number; with another number it does not hold.
fn check(file: &str, keys: &Json, number: &str) -> Result<()> {
    let key = keys["items"].as_array().and_then(|keys| keys.last());
    let key = key.and_then(|key| key["key"].as_str());
    let key = Verifier::new(key.context("公開された鍵がありません")?)?;
    let proven = Receipt::read(file)?.verify(&key)?;
    ensure!(
        !number.is_empty() && proven.subject.number == number,
        "証明の番号は {} です",
        proven.subject.number
    );
    let forged = Receipt::read(&file.replace(number, "偽-00001"))?.verify(&key);
    ensure!(forged.is_err(), "番号を書き換えた証明が通ります");
    Ok(())
}
