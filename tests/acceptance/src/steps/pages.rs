//! Sentences about PDF drawings and their pages.

use anyhow::{Result, ensure};
use regex::Captures;

use super::deeds::number;
use super::{Deed, word};
use crate::picture;
use crate::world::World;

/// Opens with a password only.
const LOCKED: &[u8] = include_bytes!("../../../../crates/document/fixtures/locked.pdf");
const PDF: &str = "application/pdf";

pub(super) const ALL: &[(&str, Deed)] = &[
    (
        "{} が {n} ページのPDFの図面 {} をアップロードして {} とする",
        |world, words, _| {
            let drawing = picture::pdf(number(words, 2)?)?;
            world.send_file(
                word(words, 1),
                (word(words, 3), PDF, &drawing),
                word(words, 4),
            )
        },
    ),
    (
        "{} が鍵のかかったPDFの図面 {} をアップロードして {} とする",
        |world, words, _| {
            world.send_file(
                word(words, 1),
                (word(words, 2), PDF, LOCKED),
                word(words, 3),
            )
        },
    ),
    (
        "{} は {} の {n} ページ目を画像で見られる",
        |world, words, _| {
            for path in paths(world, words)? {
                let picture = world.file(word(words, 1), &path)?;
                let drawn = picture.starts_with(b"\x89PNG") || picture.starts_with(&[0xff, 0xd8]);
                ensure!(drawn, "{path} は画像ではありません");
            }
            Ok(())
        },
    ),
    (
        "{} は {} の {n} ページ目を見られない",
        |world, words, _| {
            for path in paths(world, words)? {
                let answer = world.page(word(words, 1), &path)?;
                ensure!(answer.status == 404, "{path}: {}", answer.told());
            }
            Ok(())
        },
    ),
    (
        "{} は {} のファイルを受け取れる",
        |world, words, _| {
            let path = format!("/api/v1/uploads/{}", world.uploaded(word(words, 2))?);
            world.file(word(words, 1), &path).map(|_| ())
        },
    ),
];

/// Where a page lies: of the API, and of the site.
fn paths(world: &World<'_>, words: &Captures<'_>) -> Result<[String; 2]> {
    let file = world.uploaded(word(words, 2))?;
    let page = number(words, 3)?;
    Ok([
        format!("/api/v1/uploads/{file}/pages/{page}"),
        format!("/files/{file}/pages/{page}?width=640"),
    ])
}
