//! Passkeys, authenticator apps and recovery codes.

use super::common::{World, at, id};
use kernel::AccountId;
use kernel::proofs::{Authenticator, Passkey, Proofs};

fn passkey(credential: u8) -> Passkey {
    Passkey {
        id: id(),
        credential: vec![credential; 16],
        algorithm: -7,
        key: vec![4; 65],
        counter: 3,
        copied: true,
        name: "電話".into(),
        made: at(1),
        used: None,
    }
}

pub(crate) async fn proofs_are_sealed_written_in_turn_and_a_passkey_is_one_accounts(world: World) {
    let store = world.open().await;
    let (one, two) = (AccountId(id()), AccountId(id()));
    assert!(store.proofs(one).await.unwrap().is_none());
    let mut kept = Proofs::none(one);
    kept.passkeys.push(passkey(1));
    kept.apps.push(Authenticator {
        id: id(),
        secret: b"12345678901234567890".to_vec(),
        step: 7,
        name: "アプリ".into(),
        made: at(2),
        used: Some(at(3)),
    });
    kept.recovery.push("digest".into());
    kept.spent.push(("challenge".into(), at(9)));
    let put = |proofs: &Proofs, credentials: &[&str]| {
        let credentials = credentials.iter().map(|one| (*one).to_owned()).collect();
        store.put_proofs(proofs.clone(), credentials)
    };
    assert!(put(&kept, &["a", "b"]).await.unwrap());
    // Another writing came first.
    assert!(!put(&kept, &["a"]).await.unwrap());
    kept.revision = 1;
    assert!(store.proofs(one).await.unwrap() == Some(kept.clone()));
    assert_eq!(store.passkey_owner("b").await.unwrap(), Some(one));
    assert!(put(&kept, &["a"]).await.unwrap());
    assert_eq!(store.passkey_owner("b").await.unwrap(), None);
    assert!(!put(&kept, &["b"]).await.unwrap(), "revision 1 is past");
    // A passkey is one account's, and a refused writing leaves nothing behind.
    let mut other = Proofs::none(two);
    other.passkeys.push(passkey(1));
    assert!(!put(&other, &["c", "a"]).await.unwrap());
    assert!(store.proofs(two).await.unwrap().is_none());
    assert_eq!(store.passkey_owner("c").await.unwrap(), None);
    assert!(put(&other, &["b"]).await.unwrap());
    assert_eq!(store.passkey_owner("b").await.unwrap(), Some(two));
}
