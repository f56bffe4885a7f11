//! What a provider's claims mean, by the declared mapping and nothing else.

use super::settings::{Provider, Said};
use engine::{Known, Proven, ProviderFault};
use kernel::{Assurance, Seat};
use serde_json::{Map, Value as Json};

type Claims = Map<String, Json>;

/// Longer names are none.
const LONGEST_CHARACTERS: usize = 200;

/// Somebody, as the claims describe them.
pub(super) fn read(provider: &Provider, claims: &Claims) -> Result<Proven, ProviderFault> {
    let said = &provider.said;
    if !said
        .only
        .iter()
        .all(|(claim, values)| values.iter().any(|value| has(claims, claim, value)))
    {
        return Err(ProviderFault::NotThese);
    }
    let text = |name: &str| word(claims, name);
    let (seats, number) = (seats(said, claims), said.number.as_deref().and_then(text));
    if provider.knows == Known::Officials && seats.is_empty() && number.is_none() {
        return Err(ProviderFault::NotThese);
    }
    Ok(Proven {
        issuer: provider.issuer.clone(),
        subject: text("sub").unwrap_or_default(),
        session: text("sid"),
        name: name(said, claims),
        corporation: corporation(provider, claims)?,
        seats,
        number,
        assurance: assurance(said, claims),
    })
}

/// What to say to others.
pub(super) fn turns_away(provider: &Provider) -> String {
    let told = provider.said.otherwise.clone();
    told.unwrap_or_else(|| match provider.knows {
        Known::Officials => {
            "このアカウントには、使える席がありません。所属の管理者に確かめてください。".into()
        }
        _ => format!(
            "この種類の{}では、ここにログインできません。ほかの方法でログインしてください。",
            provider.title
        ),
    })
}

/// How surely somebody is known: the first level that fits; what nothing is said of is low.
pub(super) fn assurance(said: &Said, claims: &Claims) -> Assurance {
    let fits = said.levels.iter().find(|level| {
        let mut when = level.when.iter();
        when.all(|(claim, value)| has(claims, claim, value))
    });
    fits.map_or(Assurance::PASSWORD, |level| level.assurance())
}

fn seats(said: &Said, claims: &Claims) -> Vec<Seat> {
    let given = said
        .seats
        .iter()
        .filter(|rule| has(claims, &rule.claim, &rule.is));
    given.map(super::settings::SeatRule::seat).collect()
}

fn name(said: &Said, claims: &Claims) -> Option<String> {
    let parts = said
        .claims
        .name
        .iter()
        .filter_map(|claim| word(claims, claim));
    let parts: Vec<String> = parts.collect();
    let name = parts.join(" ");
    (!name.is_empty()).then_some(name)
}

/// The corporation; a number whose check digit is wrong names none.
fn corporation(
    provider: &Provider,
    claims: &Claims,
) -> Result<Option<(String, String)>, ProviderFault> {
    let meant = &provider.said.claims;
    let (Some(number), Some(name)) = (&meant.corporate_number, &meant.corporation) else {
        return Ok(None);
    };
    let Some(number) = word(claims, number) else {
        return Ok(None);
    };
    if japanese::check::corporate_number(&number).is_err() {
        return Err(ProviderFault::Unproven("its 法人番号 is none"));
    }
    Ok(Some((
        number,
        word(claims, name).unwrap_or_else(|| "名前の登録のない法人".into()),
    )))
}

/// A claim as a word: texts, numbers and truths; blank is none.
fn word(claims: &Claims, name: &str) -> Option<String> {
    let text = plain(claims.get(name)?)?;
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_CHARACTERS;
    fits.then(|| text.to_owned())
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Whether a claim is, or has among others, this value.
fn has(claims: &Claims, name: &str, value: &str) -> bool {
    let is = |one: &Json| plain(one).is_some_and(|one| one == value);
    match claims.get(name) {
        Some(Json::Array(all)) => all.iter().any(is),
        Some(one) => is(one),
        None => false,
    }
}
