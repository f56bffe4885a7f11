//! Sentences that do something.

use anyhow::{Context, Result};
use regex::Captures;

use super::{Deed, word};
use crate::world::World;

pub(super) const ALL: &[(&str, Deed)] = &[
    ("今日は{day}である", |world, words, _| {
        set_day(world, word(words, 1))
    }),
    ("{n} 営業日たつ", |world, words, _| {
        world.product.pass_business_days(number(words, 1)?)
    }),
    ("{n} 日たつ", |world, words, _| {
        world.product.pass_days(number(words, 1)?)
    }),
    ("{} が {} を {} で開く", |world, words, doc| {
        let service = world.service.clone();
        world.open(
            word(words, 1),
            &service,
            word(words, 2),
            word(words, 3),
            doc,
        )
    }),
    ("{} が {} の {} を {} で開く", |world, words, doc| {
        world.open(
            word(words, 1),
            word(words, 2),
            word(words, 3),
            word(words, 4),
            doc,
        )
    }),
    (
        "{} が {} の {} の席に着いている",
        |world, words, _| {
            let (login, office, role) = (word(words, 1), word(words, 2), word(words, 3));
            world.product.seat(login, role, office)
        },
    ),
    ("順に行う", |world, _, doc| world.in_turn(doc)),
    (
        "{} が窓口で {} に代わって {} を {} で開く",
        |world, words, doc| {
            world.open_at_the_counter(
                word(words, 1),
                word(words, 2),
                word(words, 3),
                word(words, 4),
                doc,
            )
        },
    ),
    ("記録 {} とする", |world, words, _| {
        world.name_last(word(words, 1))
    }),
    ("{} の {} を {} とする", |world, words, _| {
        world.name_inside(word(words, 1), word(words, 2), word(words, 3))
    }),
    ("{} が {} に {} をする", |world, words, doc| {
        world.act(word(words, 1), word(words, 2), word(words, 3), None, doc)
    }),
    (
        "{} が版 {n} で {} に {} をする",
        |world, words, doc| {
            let version = u64::from(number(words, 2)?);
            world.act(
                word(words, 1),
                word(words, 3),
                word(words, 4),
                Some(version),
                doc,
            )
        },
    ),
    (
        "{} が {} に {} を版 {n} でする",
        |world, words, doc| {
            let version = u64::from(number(words, 4)?);
            world.act(
                word(words, 1),
                word(words, 2),
                word(words, 3),
                Some(version),
                doc,
            )
        },
    ),
    ("{} が {} を見る", |world, words, _| {
        world.look(word(words, 1), word(words, 2), None)
    }),
    ("{} が {day} の {} を見る", |world, words, _| {
        world.look(word(words, 1), word(words, 3), Some(word(words, 2)))
    }),
    (
        "{} が {} に、{} の席の代決を {day} まで頼む",
        |world, words, _| {
            world.name_substitute(
                word(words, 1),
                word(words, 2),
                word(words, 3),
                word(words, 4),
            )
        },
    ),
    (
        "{} が {} の {} の全部に {} をまとめて試す",
        |world, words, doc| world.run(words, doc, true),
    ),
    (
        "{} が {} の {} の全部に {} をまとめて行う",
        |world, words, doc| world.run(words, doc, false),
    ),
    (
        "{} が図面 {} をアップロードして {} とする",
        |world, words, _| world.upload(word(words, 1), word(words, 2), word(words, 3)),
    ),
    ("{} が {} の {} を一覧する", |world, words, _| {
        let own = std::mem::replace(&mut world.service, word(words, 2).to_owned());
        let listed = world.list(word(words, 1), word(words, 3), None);
        world.service = own;
        listed
    }),
    ("{} が {} の声を答える", |world, words, doc| {
        world.review(word(words, 1), word(words, 2), doc)
    }),
    ("{} が {} を一覧する", |world, words, _| {
        world.list(word(words, 1), word(words, 2), None)
    }),
    ("{} が公開 {} を作る", |world, words, _| {
        world.publish(word(words, 1), word(words, 2))
    }),
    (
        "{} が公開 {} のファイルを取込み {} で {} に取り込む",
        |world, words, _| {
            let path = format!("/opendata/{}/{}.csv", world.service, word(words, 2));
            let file = world.anybody(&path)?;
            anyhow::ensure!(file.ok(), "公開されていません: {}", file.told());
            world.import(word(words, 1), word(words, 3), word(words, 4), &file.text)
        },
    ),
    (
        "{} が取込み {} で {} を取り込む",
        |world, words, doc| {
            let text = doc.context("取り込む行がありません")?;
            world.import(word(words, 1), word(words, 2), word(words, 3), text)
        },
    ),
    ("{} が {} を一覧する: {query}", |world, words, _| {
        world.list(word(words, 1), word(words, 2), Some(word(words, 3)))
    }),
];

fn set_day(world: &World<'_>, day: &str) -> Result<()> {
    world.product.set_day(
        day.parse()
            .with_context(|| format!("{day} という日はありません"))?,
    )
}

pub(super) fn number(words: &Captures<'_>, n: usize) -> Result<u32> {
    word(words, n)
        .parse()
        .with_context(|| format!("{} は大きすぎます", word(words, n)))
}
