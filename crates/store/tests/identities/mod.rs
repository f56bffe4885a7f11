//! Sessions, outside identities, and parties by their number.

use super::common::{World, at, id};
use kernel::identity::{Assurance, Link, Origin};
use kernel::port::{Account, Party, Session};
use kernel::{AccountId, PartyId};

fn account(login: &str, hats: Vec<Party>) -> Account {
    Account {
        password: Some("hash".into()),
        hats,
        ..super::common::account(login)
    }
}

fn session(account: AccountId, secret: &str, kind: &str, used: i64) -> Session {
    let mut session = Session::plain(secret.into(), id(), account, kind, (at(0), at(900)));
    session.used = at(used);
    session
}

pub(crate) async fn sessions_are_listed_rotated_noted_and_ended(world: World) {
    let store = world.open().await;
    let (one, two) = (AccountId(id()), AccountId(id()));
    let mut full = session(one, "a", "browser", 1);
    full.idle_seconds = Some(60);
    full.assurance = Assurance {
        identity: 2,
        authentication: 3,
    };
    full.origin = Origin {
        device: "Chrome / Windows".into(),
        place: "192.0.2.x".into(),
        way: "password".into(),
        outside: Some("o".into()),
    };
    store.put_session(full.clone()).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), Some(full.clone()));
    for other in [
        session(one, "b", "bearer", 5),
        session(one, "l", "link", 9),
        session(two, "c", "browser", 3),
    ] {
        store.put_session(other).await.unwrap();
    }
    let names = |sessions: Vec<Session>| -> String {
        let names = sessions.into_iter().map(|one| one.secret);
        names.collect()
    };
    assert_eq!(names(store.sessions_of(one, at(10)).await.unwrap()), "ba");
    assert_eq!(names(store.sessions_of(one, at(900)).await.unwrap()), "");

    // Rotated: the name stays, the old secret is worth nothing.
    let turned = Session {
        secret: "a2".into(),
        ..full.clone()
    };
    store.replace_session("a", turned.clone()).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), None);
    assert_eq!(store.session("a2").await.unwrap(), Some(turned));

    // A use is never noted backwards, and what has ended goes.
    let uses = |second| vec![("a2".to_owned(), at(second)), ("gone".to_owned(), at(7))];
    store.sessions_used(uses(8), at(10)).await.unwrap();
    store.sessions_used(uses(4), at(10)).await.unwrap();
    assert_eq!(store.session("a2").await.unwrap().unwrap().used, at(8));
    assert_eq!(names(store.sessions_of(one, at(10)).await.unwrap()), "a2b");

    // Another's session is not ended by its name.
    store.end_session_of(two, full.id).await.unwrap();
    assert!(store.session("a2").await.unwrap().is_some());
    store.end_sessions_of(one, Some(full.id)).await.unwrap();
    assert_eq!(names(store.sessions_of(one, at(10)).await.unwrap()), "a2");
    assert!(store.session("l").await.unwrap().is_some(), "links stay");
    store.end_session_of(one, full.id).await.unwrap();
    assert_eq!(store.session("a2").await.unwrap(), None);

    store.put_session(full).await.unwrap();
    store.end_sessions_from("o").await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), None);
    assert!(store.session("c").await.unwrap().is_some());
    store.sessions_used(Vec::new(), at(900)).await.unwrap();
    assert_eq!(store.session("c").await.unwrap(), None, "it has ended");
}

pub(crate) async fn too_many_browsers_give_way_and_a_new_password_ends_them(world: World) {
    let store = world.open().await;
    let mut owner = account("owner", Vec::new());
    store.put_account(owner.clone()).await.unwrap();
    for number in 0..25 {
        let one = session(owner.id, &format!("s{number:02}"), "browser", number);
        store.put_session(one).await.unwrap();
    }
    let open = store.sessions_of(owner.id, at(100)).await.unwrap();
    assert_eq!(open.len(), 20);
    assert_eq!(open.last().unwrap().secret, "s05", "the oldest gave way");
    owner.password = Some("new".into());
    owner.closed = Some(at(7));
    let keep = open[3].id;
    store
        .put_account_anew(owner.clone(), Some(keep))
        .await
        .unwrap();
    let left = store.sessions_of(owner.id, at(100)).await.unwrap();
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [keep]);
    assert!(store.account(owner.id).await.unwrap() == Some(owner.clone()));
    store.put_account_anew(owner.clone(), None).await.unwrap();
    assert_eq!(store.sessions_of(owner.id, at(100)).await.unwrap(), []);
}

pub(crate) async fn an_outside_identity_has_one_account_for_ever(world: World) {
    let store = world.open().await;
    let corporation = |party| Party {
        id: party,
        kind: "corporation".into(),
        name: "株式会社見本".into(),
        corporate_number: Some("7123456789012".into()),
        mandates: None,
    };
    let number = "7123456789012";
    assert_eq!(store.party_of_number(number).await.unwrap(), None);
    let party = store.claim_number(number, PartyId(id())).await.unwrap();
    assert_eq!(
        store.claim_number(number, PartyId(id())).await.unwrap(),
        party,
        "whoever came first"
    );
    let first = account("first", vec![corporation(party)]);
    let link = |account: &Account| Link {
        issuer: "https://issuer.example".into(),
        subject: "s".into(),
        account: account.id,
        hats: account.hats.iter().map(|hat| hat.id).collect(),
        seats: false,
    };
    assert!(store.put_linked(first.clone(), link(&first)).await.unwrap());
    let second = account("second", Vec::new());
    assert!(
        !store
            .put_linked(second.clone(), link(&second))
            .await
            .unwrap(),
        "it has another account"
    );
    assert!(store.account(second.id).await.unwrap().is_none());
    let renamed = Account {
        name: "佐藤 華子".into(),
        hats: Vec::new(),
        ..first.clone()
    };
    assert!(
        store
            .put_linked(renamed.clone(), link(&renamed))
            .await
            .unwrap()
    );
    let known = store.link("https://issuer.example", "s").await.unwrap();
    assert!(known == Some(link(&renamed)));
    assert!(store.account(first.id).await.unwrap() == Some(renamed));
    let other = store.link("https://issuer.example", "S").await.unwrap();
    assert!(other.is_none());
    // A hat that came another way is known by its number too.
    let party = PartyId(id());
    let mut hat = corporation(party);
    hat.corporate_number = Some("9234567890123".into());
    store
        .put_account(account("third", vec![hat]))
        .await
        .unwrap();
    assert_eq!(
        store.party_of_number("9234567890123").await.unwrap(),
        Some(party)
    );
}
