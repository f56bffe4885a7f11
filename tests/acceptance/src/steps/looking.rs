//! Sentences about who looked: what the person is told, and what auditors find.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use super::{Deed, word};
use crate::world::World;

/// The name under which an alert is kept.
const ALERT: &str = "@alert";
/// Notes are written a moment after what was read was answered: so often is asked, so long apart.
const TRIES: u32 = 60;
const APART: Duration = Duration::from_millis(50);

/// The persona who sees every number.
const NUMBERS: &str = "administrator";

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が保守作業 {} を {} から {} まで申し込む",
        |world, words, _| {
            const PAGE: &str = "/admin/maintenance";
            let [who, ticket, starts, until] = [1, 2, 3, 4].map(|at| word(words, at));
            world.visit(who, PAGE)?;
            let fields = [
                ("company", "保守株式会社"),
                ("ticket", ticket),
                ("work", "遅い問い合わせを調べる"),
                ("starts", starts),
                ("until", until),
            ];
            let answer = world.fill(who, PAGE, PAGE, &fields)?;
            ensure!(answer.status == 303, "{}", answer.told());
            Ok(())
        },
    ),
    ("{} は画面 {} を開けない", |world, words, _| {
        let answer = world.page(word(words, 1), word(words, 2))?;
        ensure!(answer.status == 404, "{}", answer.told());
        Ok(())
    }),
    (
        "{} に見える {} の閲覧に、{} の {} が {} で見たものがある",
        |world, words, _| {
            let path = looks(world, word(words, 2))?;
            let [office, role, way] = [3, 4, 5].map(|at| word(words, at).to_owned());
            let fits = |one: &Json| {
                one["office"].as_str().unwrap_or_default() == office
                    && one["role"] == role
                    && one["way"] == way
            };
            found(world, word(words, 1), &path, &fits).map(drop)
        },
    ),
    (
        "{} に見える {} の閲覧に、目的が {} のものがある",
        |world, words, _| {
            let path = looks(world, word(words, 2))?;
            let purpose = word(words, 3).to_owned();
            let fits = |one: &Json| one["purpose"] == purpose;
            found(world, word(words, 1), &path, &fits).map(drop)
        },
    ),
    (
        "{} が {} の {} を根拠にもとづいて読むと、{} が {} のものがある",
        |world, words, _| {
            let path = format!(
                "/api/v1/services/{}/uses/{}",
                world.reference(word(words, 2))?,
                word(words, 3)
            );
            let [field, value] = [4, 5].map(|at| word(words, at).to_owned());
            let fits = |one: &Json| one[&field] == value;
            found(world, word(words, 1), &path, &fits).map(drop)
        },
    ),
    (
        "{} に見える {} の閲覧に、{} が見たものはない",
        |world, words, _| {
            let path = looks(world, word(words, 2))?;
            let answer = world.page(word(words, 1), &path)?;
            ensure!(answer.ok(), "{}", answer.told());
            let items = answer.json["items"]
                .as_array()
                .context("一覧ではありません")?;
            let role = word(words, 3);
            ensure!(
                items.iter().all(|one| one["role"] != role),
                "{}",
                answer.told()
            );
            Ok(())
        },
    ),
    (
        "{} が {} の閲覧を見ようとすると、応答は {n} である",
        |world, words, _| {
            let path = looks(world, word(words, 2))?;
            let answer = world.page(word(words, 1), &path)?;
            ensure!(
                answer.status.to_string() == word(words, 3),
                "{}",
                answer.told()
            );
            Ok(())
        },
    ),
    (
        "{} が {} の閲覧をさがすと、{} を {} で見たものがある",
        |world, words, _| {
            let record = world.reference(word(words, 3))?.to_owned();
            let path = format!("/api/v1/audit/looks?limit=200&reader={}", word(words, 2));
            let way = word(words, 4).to_owned();
            let fits = |one: &Json| {
                let mut records = one["records"].as_array().into_iter().flatten();
                one["way"] == way
                    && records.any(|one| one.as_str().is_some_and(|href| href.ends_with(&record)))
            };
            found(world, word(words, 1), &path, &fits).map(drop)
        },
    ),
    (
        "{} が {} の閲覧による影響を調べると、ファイルに {} がある",
        |world, words, _| {
            let path = format!("/api/v1/audit/affected?reader={}", word(words, 2));
            let file = String::from_utf8(world.file(word(words, 1), &path)?)?;
            ensure!(file.contains(word(words, 3)), "{file}");
            Ok(())
        },
    ),
    (
        "{} が {} の緊急閲覧を、{} の理由で、{} と書いて求める",
        |world, words, _| {
            let reference = world.reference(word(words, 2))?;
            // Whoever asks knows the number from elsewhere: a telephone call, a paper.
            let shown = world.page(NUMBERS, &format!("/api/v1/services/{reference}"))?;
            let number = shown.json["number"].as_str().context("番号がありません")?;
            let mut place = reference.split('/');
            let body = json!({
                "service": place.next(), "type": place.next(), "find": "by_number", "keys": [number],
                "reason": word(words, 3), "words": word(words, 4),
            });
            let answer = world.post(word(words, 1), "/api/v1/emergency", &body)?;
            world.heard(word(words, 1), answer)
        },
    ),
    (
        "{} に見える知らせに、{} の {} がある",
        |world, words, _| {
            let [reader, rule] = [2, 3].map(|at| word(words, at).to_owned());
            let fits = |one: &Json| one["reader"] == reader && one["rule"] == rule;
            let alert = found(world, word(words, 1), "/api/v1/audit/alerts", &fits)?;
            let id = alert["id"].as_str().unwrap_or_default();
            world.files.insert(ALERT.to_owned(), id.as_bytes().to_vec());
            Ok(())
        },
    ),
    (
        "{} がその知らせを {} として、{} という理由で確認済みにする",
        |world, words, _| {
            let id = world.files.get(ALERT).context("知らせを見ていません")?;
            let id = String::from_utf8(id.clone())?;
            let outcome = match word(words, 2) {
                "業務として正しい" => "proper",
                "調べを続ける" => "doubtful",
                "不適切" => "improper",
                other => anyhow::bail!("判断ではありません: {other}"),
            };
            let body = json!({"outcome": outcome, "because": word(words, 3)});
            let path = format!("/api/v1/audit/alerts/{id}/confirm");
            let answer = world.post(word(words, 1), &path, &body)?;
            world.hear(answer);
            Ok(())
        },
    ),
];

/// Where it is told who looked at a record.
fn looks(world: &World<'_>, record: &str) -> Result<String> {
    let reference = world.reference(record)?;
    Ok(format!("/api/v1/services/{reference}/looks"))
}

/// The first line that fits, asked for until it is there.
fn found(
    world: &mut World<'_>,
    persona: &str,
    path: &str,
    fits: &dyn Fn(&Json) -> bool,
) -> Result<Json> {
    let mut said = String::new();
    for _ in 0..TRIES {
        let answer = world.page(persona, path)?;
        ensure!(answer.ok(), "{}", answer.told());
        let items = answer.json["items"]
            .as_array()
            .context("一覧ではありません")?;
        if let Some(one) = items.iter().find(|one| fits(one)) {
            return Ok(one.clone());
        }
        said = answer.told();
        std::thread::sleep(APART);
    }
    anyhow::bail!("その閲覧がありません。{said}")
}
