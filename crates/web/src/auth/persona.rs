//! The demo's people. They exist only in a data directory that was made as a demo. All names are invented; the
//! corporate numbers have right check digits and run 123… and 234…, as no real one does.

use super::{hash_password, sign_in::in_hours};
use crate::{Problem, Random};
use engine::Engine;
use kernel::port::{Account, Party};
use kernel::{AccountId, Assurance, PartyId, Seat};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The password of every persona; the demo's sign-in page shows it.
pub const DEMO_PASSWORD: &str = "tsumugi-mihon";

const OFFICE: &str = "多摩立川保健所";
const METROPOLIS: &str = "13000";
const TACHIKAWA: &str = "13202";
/// A demo shows every action: its people count as known and as having proved it with two factors.
pub const ASSURANCE: Assurance = Assurance {
    identity: 2,
    authentication: 2,
};
/// Ten years: the demo's tokens need no renewing.
const TOKEN_HOURS: i64 = 10 * 365 * 24;

/// One of the demo's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persona {
    /// Sign-in name, and the value of the sign-in page's button.
    pub login: &'static str,
    /// Invented name.
    pub name: &'static str,
    /// Who this is, in a few words.
    pub title: &'static str,
    /// The corporation for which the person may act: name and 法人番号.
    pub hat: Option<(&'static str, &'static str)>,
    seat: Option<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Office,
    Municipality,
    Metropolis,
}

const fn citizen(
    login: &'static str,
    name: &'static str,
    title: &'static str,
    hat: Option<(&'static str, &'static str)>,
) -> Persona {
    Persona {
        login,
        name,
        title,
        hat,
        seat: None,
    }
}

const fn official(
    login: &'static str,
    name: &'static str,
    title: &'static str,
    seat: Place,
) -> Persona {
    Persona {
        login,
        name,
        title,
        hat: None,
        seat: Some(seat),
    }
}

impl Persona {
    /// Whether this is an official.
    #[must_use]
    pub const fn is_official(&self) -> bool {
        self.seat.is_some()
    }
}

/// The personas, in the order of the sign-in page. An official's role has the persona's name.
pub const PERSONAS: &[Persona] = &[
    citizen("resident", "鈴木 一郎", "都民", None),
    citizen(
        "business",
        "佐藤 花子",
        "事業者（株式会社ひまわり食堂の代表）",
        Some(("株式会社ひまわり食堂", "7123456789012")),
    ),
    citizen(
        "other_business",
        "田中 次郎",
        "別の事業者（株式会社すみれ屋の代表）",
        Some(("株式会社すみれ屋", "9234567890123")),
    ),
    official(
        "examiner",
        "高橋 真由美",
        "多摩立川保健所 審査担当",
        Place::Office,
    ),
    official(
        "chief",
        "山本 聡",
        "多摩立川保健所 係長（審査・専決）",
        Place::Office,
    ),
    official(
        "approver",
        "伊藤 健一",
        "多摩立川保健所 決裁者",
        Place::Office,
    ),
    official(
        "inspector",
        "渡辺 直樹",
        "多摩立川保健所 監視員",
        Place::Office,
    ),
    official(
        "municipality",
        "中村 恵",
        "立川市 担当者",
        Place::Municipality,
    ),
    official(
        "administrator",
        "小林 誠",
        "東京都 管理者",
        Place::Metropolis,
    ),
    official("auditor", "加藤 典子", "東京都 監査", Place::Metropolis),
    official(
        "maintainer",
        "保坂 守",
        "保守の担当（事業者）",
        Place::Metropolis,
    ),
];

/// The persona with this sign-in name.
pub(super) fn find(login: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|persona| persona.login == login)
}

/// Makes the personas' accounts and a bearer token for each, by sign-in name. Those that exist keep their ids.
/// Only for a data directory that is being made as a demo.
///
/// # Errors
/// A fault of the store.
pub async fn make_personas(
    engine: &Engine,
    random: &Random,
) -> Result<BTreeMap<String, String>, Problem> {
    let salt = random.clone();
    let hashed = tokio::task::spawn_blocking(move || hash_password(DEMO_PASSWORD, &salt)).await;
    let password = hashed.map_err(|error| Problem::internal(error.to_string()))??;
    let mut tokens = BTreeMap::new();
    for persona in PERSONAS {
        let account = match engine.account_by_login(persona.login).await? {
            Some(account) => account,
            None => {
                let account = account(engine, random, persona, &password);
                engine.put_account(account.clone()).await?;
                account
            }
        };
        let token = secret(random);
        engine
            .open_known(
                &token,
                account.id,
                ("bearer", ASSURANCE),
                in_hours(engine.now(), TOKEN_HOURS),
            )
            .await?;
        tokens.insert(persona.login.to_owned(), token);
    }
    Ok(tokens)
}

fn account(engine: &Engine, random: &Random, persona: &Persona, password: &str) -> Account {
    let hats = persona.hat.map(|(name, number)| Party {
        id: PartyId(uuid(engine, random)),
        kind: "corporation".into(),
        name: name.into(),
        corporate_number: Some(number.into()),
        mandates: None,
    });
    Account {
        id: AccountId(uuid(engine, random)),
        login: persona.login.into(),
        name: persona.name.into(),
        password: Some(password.into()),
        party: PartyId(uuid(engine, random)),
        hats: hats.into_iter().collect(),
        seats: persona
            .seat
            .map(|place| seat(persona.login, place))
            .into_iter()
            .collect(),
        passes: Vec::new(),
        demo: true,
        closed: None,
    }
}

fn seat(role: &str, place: Place) -> Seat {
    let (office, authority, municipality) = match place {
        Place::Office => (Some(OFFICE), METROPOLIS, None),
        Place::Municipality => (None, TACHIKAWA, Some(TACHIKAWA)),
        Place::Metropolis => (None, METROPOLIS, None),
    };
    Seat {
        role: role.into(),
        office: office.map(Into::into),
        authority: Some(authority.into()),
        municipality: municipality.map(Into::into),
        substitute: None,
    }
}

fn secret(random: &Random) -> String {
    let mut bytes = [0_u8; 32];
    random(&mut bytes);
    super::hex(&bytes)
}

fn uuid(engine: &Engine, random: &Random) -> Uuid {
    let mut bytes = [0_u8; 10];
    random(&mut bytes);
    let millis = u64::try_from(engine.now().as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_numbers_pass_their_check_digit() {
        for (_, number) in PERSONAS.iter().filter_map(|persona| persona.hat) {
            assert!(
                japanese::check::corporate_number(number).is_ok(),
                "{number}"
            );
        }
    }

    #[test]
    fn every_persona_of_the_brief_is_there_once() {
        let mut logins: Vec<_> = PERSONAS.iter().map(|persona| persona.login).collect();
        logins.sort_unstable();
        logins.dedup();
        assert_eq!(logins.len(), PERSONAS.len());
        for login in [
            "resident",
            "business",
            "examiner",
            "approver",
            "inspector",
            "municipality",
            "administrator",
            "auditor",
        ] {
            assert!(find(login).is_some(), "{login}");
        }
    }
}
