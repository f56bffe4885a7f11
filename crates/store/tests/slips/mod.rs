//! Letters to addresses with their links.

use super::common::{World, at, id};
use kernel::mailroom::Contact;
use kernel::port::{Account, Session};
use kernel::slips::{Purpose, Slip, SlipRow, Spending};

fn row(about: &str, next: i64) -> SlipRow {
    SlipRow {
        slip: Slip {
            id: id(),
            purpose: Purpose::Recover,
            address: format!("{about}@mail.example"),
            language: "ja".into(),
            account: None,
            next: String::new(),
            words: None,
        },
        about: about.into(),
        tries: 0,
        next_try: Some(at(next)),
        ends: at(1_000),
    }
}

fn account(login: &str) -> Account {
    Account {
        password: Some("hash".into()),
        ..super::common::account(login)
    }
}

pub(crate) async fn a_letter_is_sent_by_one_and_its_link_spent_once(world: World) {
    let store = world.open().await;
    let [first, second] = [row("a", 2), row("a", 1)];
    let other = row("b", 3);
    for one in [&first, &second, &other] {
        store.put_slip(one.clone(), at(0)).await.unwrap();
    }
    let due = store.slips_due(at(2), 10).await.unwrap();
    assert!(due == [second.clone(), first.clone()], "oldest first");
    assert!(
        store
            .claim_slip(first.slip.id, at(2), at(300))
            .await
            .unwrap()
    );
    assert!(
        !store
            .claim_slip(first.slip.id, at(2), at(300))
            .await
            .unwrap(),
        "another copy has it"
    );
    assert_eq!(store.slips_due(at(2), 10).await.unwrap().len(), 1);
    // Its provider was away; then it is back.
    store
        .slip_tried(first.slip.id, Some(at(500)), at(900))
        .await
        .unwrap();
    store.hurry_slips(at(4)).await.unwrap();
    let due = store.slips_due(at(4), 10).await.unwrap();
    assert_eq!(due.last().unwrap().slip.id, first.slip.id);
    store.slip_tried(first.slip.id, None, at(50)).await.unwrap();
    let sent = store.slip(first.slip.id, at(49)).await.unwrap().unwrap();
    assert_eq!((sent.tries, sent.next_try, sent.ends), (2, None, at(50)));
    assert!(store.slip(first.slip.id, at(50)).await.unwrap().is_none());

    let (mut owner, namesake) = (account("a@mail.example"), account("taken@mail.example"));
    store.put_account(namesake).await.unwrap();
    let session = Session::plain("s".into(), id(), owner.id, "browser", (at(0), at(999)));
    store.put_session(session).await.unwrap();
    let spend = |id, account: &Account, now| {
        let spending = Spending {
            account: account.clone(),
            contact: Some(Contact::new(account.party)),
        };
        store.spend_slip(id, at(now), spending)
    };
    // Over; then another's name; neither leaves anything behind.
    assert!(!spend(first.slip.id, &owner, 50).await.unwrap());
    owner.login = "taken@mail.example".into();
    assert!(!spend(first.slip.id, &owner, 10).await.unwrap());
    owner.login = "a@mail.example".into();
    assert!(store.account(owner.id).await.unwrap().is_none());
    assert!(store.contact(owner.party).await.unwrap().is_none());
    assert!(store.session("s").await.unwrap().is_some());
    assert!(spend(first.slip.id, &owner, 10).await.unwrap());
    assert_eq!(
        store.account(owner.id).await.unwrap().unwrap().login,
        "a@mail.example"
    );
    assert!(store.contact(owner.party).await.unwrap().is_some());
    assert!(store.session("s").await.unwrap().is_none());
    // Once; and the other link of the address is worth nothing either.
    assert!(!spend(first.slip.id, &owner, 10).await.unwrap());
    assert!(store.slip(second.slip.id, at(10)).await.unwrap().is_none());
    assert!(store.slip(other.slip.id, at(10)).await.unwrap() == Some(other.clone()));
    store.forget_slips("b").await.unwrap();
    assert!(store.slip(other.slip.id, at(10)).await.unwrap().is_none());
}
