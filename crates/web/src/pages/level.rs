//! Where somebody is led whose sign-in proves less than an action demands: what is lacking, and the ways to mend it. The
//! way back is the form, where what was typed stands.

use super::error::PageError;
use super::layout::{Chrome, encode, ok, see};
use super::visitor::Visitor;
use crate::auth::safe_next;
use crate::auth::second::TWO_FACTORS;
use crate::i18n::{say, with};
use askama::Template;
use axum::extract::Query;
use axum::response::{Redirect, Response};
use engine::Known;
use kernel::Assurance;
use kernel::port::Account;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    level: Option<String>,
    next: Option<String>,
}

/// A way to prove more: words of its button and its address.
struct Way {
    title: String,
    href: String,
}

#[derive(Template)]
#[template(path = "level.html")]
struct Page {
    c: Chrome,
    /// What is lacking, with the level demanded and that of now.
    lacking: Vec<String>,
    identity: bool,
    /// A factor that the account has, or setting one up.
    own: Option<Way>,
    /// Whether the account has a factor already.
    has_factor: bool,
    providers: Vec<Way>,
    next: String,
}

/// A level as an address writes it: `identity.authentication`, each 0 to 3.
pub(super) fn read(text: &str) -> Option<Assurance> {
    let (identity, authentication) = text.split_once('.')?;
    let one = |text: &str| text.parse().ok().filter(|level: &u8| *level <= 3);
    Some(Assurance {
        identity: one(identity)?,
        authentication: one(authentication)?,
    })
}

fn written(level: Assurance) -> String {
    format!("{}.{}", level.identity, level.authentication)
}

/// The way to this page, and from it to where the person was.
pub(super) fn href(demanded: Assurance, next: &str) -> String {
    let (level, next) = (written(demanded), encode(next));
    format!("/my/sign-in/level?level={level}&next={next}")
}

/// Goes on only with somebody who is known as surely as demanded; leads there otherwise.
pub(super) fn held(demanded: Option<Assurance>, next: &str) -> Result<(), PageError> {
    match demanded {
        None => Ok(()),
        Some(demanded) => Err(Redirect::to(&href(demanded, next)).into()),
    }
}

pub(super) async fn get(
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let account = visitor.account()?;
    let next = safe_next(asked.next.as_deref()).to_owned();
    let demanded = asked.level.as_deref().and_then(read);
    let demanded = demanded.ok_or_else(PageError::not_found)?;
    let known = visitor.signed.actor.assurance;
    if known.reaches(demanded) {
        return Ok(see(&next));
    }
    let lacking = [
        (
            say("どなたかの確認（身元確認）"),
            demanded.identity,
            known.identity,
        ),
        (
            say("ご本人が操作していることの確認（当人認証）"),
            demanded.authentication,
            known.authentication,
        ),
    ];
    let has_factor = visitor.app.engine.proofs_of(account.id).await?.any();
    let own = own(&visitor, demanded, has_factor, &next);
    Ok(ok(&Page {
        c: visitor.chrome(say("より確かなご本人の確認")),
        lacking: lacking
            .into_iter()
            .filter(|(_, demanded, known)| known < demanded)
            .map(|(title, demanded, known)| {
                let parts: [&dyn std::fmt::Display; 3] = [&title, &demanded, &known];
                with("{0}：レベル{1}が必要です（いまは{2}）", &parts)
            })
            .collect(),
        identity: known.identity < demanded.identity,
        providers: providers(&visitor, account, demanded, &next),
        own,
        has_factor,
        next,
    }))
}

/// A second factor, where that is all that lacks and suffices.
fn own(visitor: &Visitor, demanded: Assurance, has_factor: bool, next: &str) -> Option<Way> {
    let raised = Assurance {
        authentication: TWO_FACTORS,
        ..visitor.signed.actor.assurance
    };
    if !raised.reaches(demanded) {
        return None;
    }
    Some(match has_factor {
        true => Way {
            title: say("もう1つの確認をする").to_owned(),
            href: format!("/my/sign-in/prove?next={}", encode(next)),
        },
        false => Way {
            title: say("パスキーか認証アプリを登録する").to_owned(),
            href: "/my/sign-in/factors".to_owned(),
        },
    })
}

/// Providers that can say so much, of those who know people like this one.
fn providers(visitor: &Visitor, account: &Account, demanded: Assurance, next: &str) -> Vec<Way> {
    let official = !account.seats.is_empty();
    let level = written(demanded);
    let all = visitor.app.engine.providers().iter();
    all.filter(|one| one.reaches().reaches(demanded))
        .filter(|one| (one.knows() == Known::Officials) == official)
        .map(|one| Way {
            title: with("{0}で確かめる", &[&one.title()]),
            href: format!(
                "/sign-in/with/{}?level={level}&next={}",
                one.key(),
                encode(next)
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests;
