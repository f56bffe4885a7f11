//! Sentences about asking another person to go on with a record.

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use super::{Deed, word};
use crate::http::Request;
use crate::world::World;

/// What an owner was given to hand over.
#[derive(Clone)]
pub(crate) struct Invited {
    /// The record's name in the scenario.
    record: String,
    /// Path of the invitation.
    path: String,
    /// Last word of the link.
    token: String,
    code: String,
}

pub(super) const ALL: &[(&str, Deed)] = &[
    ("{} が {} の続きを {} に頼む", |world, words, _| {
        let input = json!({"to": word(words, 3)});
        ask(world, word(words, 1), word(words, 2), &input).map(drop)
    }),
    (
        "{} が {} の続きを {} に頼んで {} とする",
        |world, words, _| {
            let input = json!({"to": word(words, 3)});
            name(
                world,
                word(words, 1),
                word(words, 2),
                &input,
                word(words, 4),
            )
        },
    ),
    (
        "{} が {} の続きをメール {} に頼んで {} とする",
        |world, words, _| {
            let input = json!({"to": word(words, 3), "mail": word(words, 3)});
            name(
                world,
                word(words, 1),
                word(words, 2),
                &input,
                word(words, 4),
            )
        },
    ),
    (
        "{} が {} の続きを引き受ける",
        |world, words, _| {
            let code = invited(world, word(words, 2))?.code;
            accept(world, word(words, 1), word(words, 2), &code)
        },
    ),
    (
        "{} が {} にまちがった番号を入れる",
        |world, words, _| {
            let right = invited(world, word(words, 2))?.code;
            let wrong: String = right
                .chars()
                .map(|c| if c == '0' { '1' } else { '0' })
                .collect();
            accept(world, word(words, 1), word(words, 2), &wrong)
        },
    ),
    ("{} が {} を取りやめる", |world, words, _| {
        let invited = invited(world, word(words, 2))?;
        let answer = world.send(
            word(words, 1),
            Request {
                method: "DELETE".into(),
                path: invited.path,
                ..Request::default()
            },
        )?;
        world.spoken_of(&invited.record);
        world.heard(word(words, 1), answer)
    }),
];

fn ask(world: &mut World<'_>, persona: &str, record: &str, input: &Json) -> Result<Option<Json>> {
    let path = format!("{}/invitations", world.path(record)?);
    let answer = world.post(persona, &path, &json!({"input": input}))?;
    let made = answer.ok().then(|| answer.json.clone());
    world.spoken_of(record);
    world.heard(persona, answer)?;
    Ok(made)
}

fn name(
    world: &mut World<'_>,
    persona: &str,
    record: &str,
    input: &Json,
    name: &str,
) -> Result<()> {
    let made = ask(world, persona, record, input)?.context("頼めませんでした")?;
    let text = |pointer: &str| {
        let found = made
            .pointer(pointer)
            .and_then(Json::as_str)
            .map(str::to_owned);
        found.with_context(|| format!("{pointer} がありません: {made}"))
    };
    let link = text("/link")?;
    let token = link.rsplit('/').next().unwrap_or_default().to_owned();
    let invited = Invited {
        record: record.to_owned(),
        path: format!(
            "{}/invitations/{}",
            world.path(record)?,
            text("/invitation/id")?
        ),
        token,
        code: text("/code")?,
    };
    ensure!(
        made.pointer("/mailed") != Some(&Json::Bool(false)),
        "メールを送れませんでした"
    );
    world.invited.insert(name.to_owned(), invited);
    Ok(())
}

fn invited(world: &World<'_>, name: &str) -> Result<Invited> {
    let found = world.invited.get(name).cloned();
    found.with_context(|| format!("「{name}」という招待はありません"))
}

fn accept(world: &mut World<'_>, persona: &str, name: &str, code: &str) -> Result<()> {
    let invited = invited(world, name)?;
    let path = format!("/api/v1/invitations/{}", invited.token);
    let answer = world.post(persona, &path, &json!({"input": {"code": code}}))?;
    world.spoken_of(&invited.record);
    world.heard(persona, answer)
}
