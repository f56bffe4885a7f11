//! Sentences about retention: what has run out, proposing what becomes of it, deciding.

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use super::{Deed, word};
use crate::world::World;

/// The name under which a round's list is kept.
const ROUND: &str = "@round";

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {} の {} の {} を起案する",
        |world, words, _| propose(world, words, &json!({})),
    ),
    (
        "{} が {} の {} の {} を {} まで、{} という理由で起案する",
        |world, words, _| {
            let more = json!({"until": word(words, 5), "because": word(words, 6)});
            propose(world, words, &more)
        },
    ),
    ("{} がその起案を決定する", |world, words, _| {
        deed(world, word(words, 1), "decide", &json!({}))
    }),
    ("{} がその起案を引き戻す", |world, words, _| {
        deed(world, word(words, 1), "withdraw", &json!({}))
    }),
    (
        "{} がその起案を {} という理由で差し戻す",
        |world, words, _| {
            let body = json!({"because": word(words, 2)});
            deed(world, word(words, 1), "decline", &body)
        },
    ),
    (
        "{} に見える {} の保存期間の一覧に {} があり、{} である",
        |world, words, _| {
            let id = id_of(world, word(words, 3))?;
            let items = items(world, word(words, 1), word(words, 2))?;
            let found = items.iter().find(|one| one["id"] == id.as_str());
            let found = found.context("一覧にありません")?;
            let expected = match word(words, 4) {
                "満了" => true,
                "満了前" => false,
                other => anyhow::bail!("「満了」か「満了前」です: {other}"),
            };
            ensure!(found["is_over"] == expected, "{found}");
            Ok(())
        },
    ),
    (
        "{} に見える {} の保存期間の一覧に {} はない",
        |world, words, _| {
            let id = id_of(world, word(words, 3))?;
            let items = items(world, word(words, 1), word(words, 2))?;
            ensure!(
                items.iter().all(|one| one["id"] != id.as_str()),
                "一覧にあります"
            );
            Ok(())
        },
    ),
    (
        "{} が見るその起案の状態は {} である",
        |world, words, _| {
            let answer = world.page(word(words, 1), &round(world)?)?;
            ensure!(answer.ok(), "{}", answer.told());
            ensure!(answer.json["state"] == word(words, 2), "{}", answer.told());
            Ok(())
        },
    ),
    (
        "{} が受け取る廃棄簿に {} の番号がある",
        |world, words, _| {
            let number = world.files.get(word(words, 2)).cloned().unwrap_or_default();
            let path = format!("{}/list.csv", round(world)?);
            let file = world.file(word(words, 1), &path)?;
            let file = String::from_utf8(file)?;
            let number = String::from_utf8(number)?;
            ensure!(!number.is_empty() && file.contains(&number), "{file}");
            Ok(())
        },
    ),
    (
        "{} が {} を開くと、応答は {n} である",
        |world, words, _| {
            let status = world.status_for(word(words, 1), word(words, 2))?;
            ensure!(status.to_string() == word(words, 3), "応答は {status} です");
            Ok(())
        },
    ),
];

fn id_of(world: &World<'_>, name: &str) -> Result<String> {
    let reference = world.reference(name)?;
    let id = reference
        .rsplit('/')
        .next()
        .context("記録のIDがありません")?;
    Ok(id.to_owned())
}

fn propose(world: &mut World<'_>, words: &regex::Captures<'_>, more: &Json) -> Result<()> {
    let (persona, kind, name) = (word(words, 1), word(words, 2), word(words, 3));
    let deed = match word(words, 4) {
        "廃棄" => "dispose",
        "移管" => "transfer",
        "延長" => "extend",
        other => anyhow::bail!("廃棄・移管・延長のどれかです: {other}"),
    };
    let id = id_of(world, name)?;
    let known = world.page(
        persona,
        &format!("/api/v1/services/{}", world.reference(name)?),
    )?;
    let number = known.json["number"].as_str().unwrap_or_default().to_owned();
    world.files.insert(name.to_owned(), number.into_bytes());
    let mut body = json!({"deed": deed, "records": [id]});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let path = format!("/api/v1/retention/{}/{kind}", world.service);
    let answer = world.post(persona, &path, &body)?;
    if let Some(round) = answer.json["id"].as_str() {
        world
            .files
            .insert(ROUND.to_owned(), round.as_bytes().to_vec());
    }
    world.hear(answer);
    Ok(())
}

fn round(world: &World<'_>) -> Result<String> {
    let id = world.files.get(ROUND).context("起案していません")?;
    Ok(format!(
        "/api/v1/retention/rounds/{}",
        String::from_utf8(id.clone())?
    ))
}

fn deed(world: &mut World<'_>, persona: &str, name: &str, body: &Json) -> Result<()> {
    let path = format!("{}/deeds/{name}", round(world)?);
    let answer = world.post(persona, &path, body)?;
    world.hear(answer);
    Ok(())
}

fn items(world: &World<'_>, persona: &str, kind: &str) -> Result<Vec<Json>> {
    let path = format!("/api/v1/retention/{}/{kind}?limit=200", world.service);
    let answer = world.page(persona, &path)?;
    ensure!(answer.ok(), "{}", answer.told());
    Ok(answer.json["items"].as_array().cloned().unwrap_or_default())
}
