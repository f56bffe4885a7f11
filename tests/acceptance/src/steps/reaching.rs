//! Sentences about reaching people outside My Page: addresses that they prove, hours, languages, and the mail itself.

use anyhow::{Context, Result, ensure};
use engine::outreach::Channel;
use serde_json::{Map, Value as Json};

use super::{Deed, word};
use crate::world::World;

/// Where people say how they want to be reached.
const PAGE: &str = "/my/contact";

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} がメールの宛先 {} を足し、届いた番号で確かめる",
        |world, words, _| prove(world, word(words, 1), word(words, 2)),
    ),
    (
        "{} がお知らせを {} の言葉で、{} から {} までを除いて受け取ることにする",
        |world, words, _| {
            let persona = word(words, 1);
            let way = mail_of(world, persona)?;
            let fields = [
                ("on", way.as_str()),
                ("language", word(words, 2)),
                ("quiet", "yes"),
                ("from", word(words, 3)),
                ("until", word(words, 4)),
            ];
            let answer = world.fill(persona, PAGE, PAGE, &fields)?;
            ensure!(answer.status == 303, "保存できません: {}", answer.told());
            Ok(())
        },
    ),
    ("{n} 時になる", |world, words, _| {
        world.product.set_hour(super::deeds::number(words, 1)?)
    }),
    (
        "{} 宛てにメール {} が届いている",
        |world, words, _| {
            let subjects = subjects(world, word(words, 1));
            ensure!(
                subjects.iter().any(|one| one.contains(word(words, 2))),
                "届いているのは: {}",
                subjects.join("、")
            );
            Ok(())
        },
    ),
    (
        "{} 宛てにメール {} は届いていない",
        |world, words, _| {
            let subjects = subjects(world, word(words, 1));
            ensure!(
                !subjects.iter().any(|one| one.contains(word(words, 2))),
                "届いています: {}",
                subjects.join("、")
            );
            Ok(())
        },
    ),
    (
        "{} 宛てのメールに {} はない",
        |world, words, _| {
            let mails = world.product.mails(word(words, 1));
            let found = mails.iter().find(|(subject, body)| {
                subject.contains(word(words, 2)) || body.contains(word(words, 2))
            });
            ensure!(found.is_none(), "あります: {found:?}");
            Ok(())
        },
    ),
    (
        "{} が窓口 {} に貼ったポスターから、来た人が {} の声を答える",
        |world, words, doc| {
            let (clerk, office) = (word(words, 1), word(words, 2));
            answer_at_counter(world, clerk, office, word(words, 3), doc)
        },
    ),
    (
        "メールのサーバーにつながらない",
        |world, _, _| {
            world.product.channel_down(Channel::Mail, true);
            Ok(())
        },
    ),
    ("メールのサーバーにつながる", |world, _, _| {
        world.product.channel_down(Channel::Mail, false);
        Ok(())
    }),
];

fn subjects(world: &World<'_>, to: &str) -> Vec<String> {
    let mails = world.product.mails(to);
    mails.into_iter().map(|(subject, _)| subject).collect()
}

/// Adds an address, reads the code in the mail that comes there, and gives it.
fn prove(world: &mut World<'_>, persona: &str, address: &str) -> Result<()> {
    world.visit(persona, PAGE)?;
    let fields = [("channel", "mail"), ("address", address)];
    let added = world.fill(persona, PAGE, "/my/contact/add", &fields)?;
    ensure!(added.status == 303, "足せません: {}", added.told());
    let mails = world.product.mails(address);
    let code = mails.first().and_then(|(_, body)| six_digits(body));
    let code = code.context("確認番号のメールが届いていません")?;
    let page = world.visit(persona, PAGE)?;
    let form = page.text.split("action=\"/my/contact/").find_map(|part| {
        let (id, rest) = part.split_once('/')?;
        rest.starts_with("confirm").then(|| id.to_owned())
    });
    let id = form.context("確認番号を入れるところがありません")?;
    let action = format!("{PAGE}/{id}/confirm");
    let given = world.fill(persona, PAGE, &action, &[("code", &code)])?;
    ensure!(given.status == 303, "確かめられません: {}", given.told());
    Ok(())
}

/// Who comes to a counter: at a browser, and nobody.
const CALLER: &str = "来た人";

/// Reads the code off the poster that a clerk prints, and answers as somebody whom nobody knows.
fn answer_at_counter(
    world: &mut World<'_>,
    clerk: &str,
    office: &str,
    service: &str,
    doc: Option<&str>,
) -> Result<()> {
    let poster = format!("/desk/reviews/{service}/poster?office={office}");
    let poster = world.page(clerk, &poster)?;
    let code = poster.text.split_once("/review/p/");
    let code = code.and_then(|(_, rest)| rest.split('"').next());
    let page = format!(
        "/review/p/{}",
        code.context("ポスターに行き先がありません")?
    );
    let asked = world.look_at(CALLER, &page)?;
    let ticket = asked.text.split_once("name=\"ticket\" value=\"");
    let ticket = ticket.and_then(|(_, rest)| rest.split('"').next());
    let ticket = ticket.context("声を答えるところがありません")?;
    let answers: Map<String, Json> = serde_json::from_str(doc.unwrap_or("{}"))?;
    let answers: Vec<(String, String)> = answers
        .into_iter()
        .map(|(name, value)| match value {
            Json::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect();
    let mut fields = vec![("ticket", ticket)];
    fields.extend(
        answers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let done = world.fill(CALLER, &page, "/review", &fields)?;
    ensure!(done.ok(), "答えられません: {}", done.told());
    Ok(())
}

fn six_digits(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit());
    words
        .into_iter()
        .find(|word| word.len() == 6)
        .map(str::to_owned)
}

/// The way that the page offers to switch on.
fn mail_of(world: &mut World<'_>, persona: &str) -> Result<String> {
    let page = world.visit(persona, PAGE)?;
    let way = page.text.split_once("name=\"on\" value=\"");
    let way = way.and_then(|(_, rest)| rest.split('"').next());
    way.map(str::to_owned).context("宛先がありません")
}
