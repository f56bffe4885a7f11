//! The vault of individual numbers (個人番号).

use super::common::{World, at, id};
use kernel::RecordId;
use kernel::vault::{Number, NumberPlace};
use uuid::Uuid;

/// The number on the specimen cards.
const DIGITS: &str = "123456789018";

fn place(record: RecordId, second: i64) -> NumberPlace {
    NumberPlace {
        id: id(),
        record,
        field: "my_number".into(),
        at: at(second),
    }
}

pub(crate) async fn a_number_opens_for_its_record_alone_until_it_is_destroyed(world: World) {
    let another = match &world {
        World::Sqlite(_) => Some(World::sqlite()),
        World::Postgres(_) => World::postgres(),
    };
    if let Some(another) = another {
        a_digest_is_the_same_for_ever_and_only_with_the_key(another).await;
    }
    let (one, two) = (RecordId(id()), RecordId(id()));
    let (first, second) = (place(one, 1), place(one, 5));
    {
        let store = world.open().await;
        let vault = store.vault();
        // An installation without numbers has no vault, and answers so.
        assert!(vault.number(first.id, one).await.unwrap().is_none());
        assert!(vault.all_numbers(None, 9).await.unwrap().is_empty());
        assert_eq!(vault.destroyed_numbers().await.unwrap(), 0);
        for place in [&first, &second] {
            let number = Number::read(DIGITS).unwrap();
            vault.keep_number(place.clone(), number).await.unwrap();
        }
    }
    // What was acknowledged is there after a restart.
    let store = world.open().await;
    let vault = store.vault();
    let open = |id: Uuid, record: RecordId| async move {
        let number = vault.number(id, record).await.unwrap();
        number.map(|number| number.reveal().to_owned())
    };
    assert_eq!(open(first.id, one).await.as_deref(), Some(DIGITS));
    assert_eq!(open(first.id, two).await, None, "of another record");
    assert_eq!(open(id(), one).await, None);
    assert_eq!(vault.numbers_of(one).await.unwrap().len(), 2);
    assert!(vault.numbers_of(two).await.unwrap().is_empty());
    // What nobody settled waits to be looked after, oldest first.
    let waiting = vault.unsettled_numbers(at(5), 9).await.unwrap();
    assert_eq!(waiting, std::slice::from_ref(&first));
    vault.settle_number(first.id, true).await.unwrap();
    let waiting = vault.unsettled_numbers(at(9), 9).await.unwrap();
    assert_eq!(waiting, std::slice::from_ref(&second));
    vault.settle_number(first.id, false).await.unwrap();
    let waiting = vault.unsettled_numbers(at(9), 1).await.unwrap();
    assert_eq!(waiting, std::slice::from_ref(&first));
    // Destroyed twice is destroyed once; the other stays.
    for _ in 0..2 {
        let gone = vec![first.id];
        vault.destroy_numbers(gone, at(10)).await.unwrap();
        assert_eq!(vault.destroyed_numbers().await.unwrap(), 1);
    }
    vault.settle_number(first.id, false).await.unwrap();
    assert_eq!(open(first.id, one).await, None);
    assert_eq!(open(second.id, one).await.as_deref(), Some(DIGITS));
    assert_eq!(
        vault.all_numbers(None, 9).await.unwrap(),
        std::slice::from_ref(&second)
    );
    assert!(
        vault
            .all_numbers(Some(second.id), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(vault.unsettled_numbers(at(99), 9).await.unwrap(), [second]);
}

async fn a_digest_is_the_same_for_ever_and_only_with_the_key(world: World) {
    let other = match &world {
        World::Sqlite(_) => Some(World::sqlite()),
        World::Postgres(_) => World::postgres(),
    };
    let first = {
        let store = world.open().await;
        store.vault().blind("request").await.unwrap()
    };
    let store = world.open().await;
    let vault = store.vault();
    assert_eq!(vault.blind("request").await.unwrap(), first);
    assert_ne!(vault.blind("requests").await.unwrap(), first);
    // A key of its own, that no number is sealed under: one that comes later opens.
    let place = place(RecordId(id()), 1);
    let (id, record) = (place.id, place.record);
    let number = Number::read(DIGITS).unwrap();
    vault.keep_number(place, number).await.unwrap();
    assert!(vault.number(id, record).await.unwrap().is_some());
    assert_eq!(vault.blind("request").await.unwrap(), first);
    if let Some(other) = other {
        let store = other.open_with(super::common::options(99)).await;
        assert_ne!(store.vault().blind("request").await.unwrap(), first);
    }
}
