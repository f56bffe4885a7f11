//! Further identities of an account: proved both, one account's alone, and never the last way in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{Bench, Issuer, catalogue};
use engine::linked::{Linking, Unlinking, link_name};
use engine::{Engine, IdentityProvider, Known, Proven, Vouched};
use kernel::port::Account;
use kernel::{AccountId, Assurance, PartyId};
use std::sync::Arc;
use uuid::Uuid;

fn proven(issuer: &str, subject: &str, corporation: Option<(&str, &str)>) -> Proven {
    Proven {
        issuer: issuer.into(),
        subject: subject.into(),
        session: None,
        name: Some("佐藤 花子".into()),
        corporation: corporation.map(|(number, name)| (number.into(), name.into())),
        seats: Vec::new(),
        number: None,
        assurance: Assurance::PASSWORD,
    }
}

async fn account(engine: &Engine, number: u128, password: Option<&str>) -> Account {
    let account = Account {
        id: AccountId(Uuid::from_u128(number)),
        login: format!("p{number}@mail.example"),
        name: "花子".into(),
        password: password.map(str::to_owned),
        party: PartyId(Uuid::from_u128(number + 1_000)),
        hats: Vec::new(),
        seats: Vec::new(),
        demo: false,
        closed: None,
        passes: Vec::new(),
    };
    engine.put_account(account.clone()).await.unwrap();
    account
}

async fn comes_in(engine: &Engine, by: &Issuer, proven: &Proven) -> Account {
    match engine.account_from(by, proven).await.unwrap() {
        Vouched::Open(account) => *account,
        _ => panic!("not let in"),
    }
}

#[tokio::test]
async fn an_identity_is_added_leads_to_the_same_account_and_is_one_accounts_alone() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let engine = &bench.engine;
    let gbiz = Issuer("gbiz", Known::Businesses);
    let mine = account(engine, 1, Some("hash")).await;
    let other = account(engine, 2, Some("hash")).await;
    let shop = proven("gbiz", "s1", Some(("7123456789012", "株式会社ひまわり")));
    let link = async |account: &Account| {
        engine
            .link_identity(account.id, &gbiz, &shop)
            .await
            .unwrap()
    };
    assert_eq!(link(&mine).await, Linking::Done);
    assert_eq!(link(&mine).await, Linking::Already);
    assert_eq!(link(&other).await, Linking::Anothers);
    let found = comes_in(engine, &gbiz, &shop).await;
    assert_eq!((found.id, found.hats.len()), (mine.id, 1));
    let actor = engine.actor(&mine, None).unwrap();
    let told = bench.messages(&actor).await;
    assert!(
        told.iter()
            .any(|one| one.body.contains("「gbiz」でもログインできる")),
        "told"
    );
    // An issuer of officials gives nobody's account a seat.
    let staff = Issuer("staff", Known::Officials);
    let official = proven("staff", "x", None);
    let outcome = engine.link_identity(mine.id, &staff, &official);
    assert_eq!(outcome.await.unwrap(), Linking::NotThese);
    // Gone: the corporation's hat goes with it, and the identity has an account of its own next time.
    let name = link_name(&engine.links_of(mine.id).await.unwrap()[0]);
    assert_eq!(
        engine.unlink_identity(other.id, &name, None).await.unwrap(),
        Unlinking::Done
    );
    assert_eq!(
        engine.links_of(mine.id).await.unwrap().len(),
        1,
        "another's stays"
    );
    assert_eq!(
        engine.unlink_identity(mine.id, &name, None).await.unwrap(),
        Unlinking::Done
    );
    let left = engine.open_account(mine.id).await.unwrap().unwrap();
    assert!(left.hats.is_empty());
    assert_ne!(comes_in(engine, &gbiz, &shop).await.id, mine.id);
}

#[tokio::test]
async fn the_last_way_in_stays_though_two_are_taken_away_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue(), 1);
    let engine = &bench.engine;
    let providers: [Arc<dyn IdentityProvider>; 2] = [
        Arc::new(Issuer("card", Known::Residents)),
        Arc::new(Issuer("gbiz", Known::Businesses)),
    ];
    engine.vouch(providers.to_vec());
    let mine = account(engine, 1, None).await;
    for (provider, key) in providers.iter().zip(["card", "gbiz"]) {
        let person = proven(key, "s", None);
        let outcome = engine.link_identity(mine.id, &**provider, &person);
        assert_eq!(outcome.await.unwrap(), Linking::Done);
    }
    let names: Vec<String> = engine
        .links_of(mine.id)
        .await
        .unwrap()
        .iter()
        .map(link_name)
        .collect();
    let (one, two) = tokio::join!(
        engine.unlink_identity(mine.id, &names[0], None),
        engine.unlink_identity(mine.id, &names[1], None)
    );
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|one| *one == Unlinking::Last);
    assert_eq!(outcomes, [Unlinking::Done, Unlinking::Last]);
    assert_eq!(engine.links_of(mine.id).await.unwrap().len(), 1);
}
