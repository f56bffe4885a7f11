//! Heads and receipts: what holds, and that nothing that was changed does.

use evidence::{Fault, Growing, Head, LogKey, Receipt, Subject, Tiles, Verifier, prove_entry};
use jiff::Timestamp;
use proptest::prelude::*;

fn key() -> Result<LogKey, Fault> {
    LogKey::new("permits.example", &[7; 32])
}

fn subject(number: &str, index: u64) -> Subject {
    Subject {
        number: number.into(),
        header: r#"[["tsumugi-1","r",1],["t"]]"#.into(),
        sealed: vec![3; 80],
        previous: [0; 32],
        index,
    }
}

/// A receipt for the last of some entries.
fn receipt(number: &str, before: u64) -> Result<Receipt, Fault> {
    let subject = subject(number, before);
    let mut log = Growing::default();
    (0..before).for_each(|n| log.push(&[n as u8; 32]));
    log.push(&subject.hash());
    (0..5).for_each(|n| log.push(&[n; 32]));
    let tiles: Tiles = log
        .take()
        .into_iter()
        .map(|tile| (tile.name, tile.data))
        .collect();
    let proof = prove_entry(&subject.hash(), before, (log.size(), &log.root()), &tiles)?;
    let head = Head {
        size: log.size(),
        root: log.root(),
        at: Timestamp::UNIX_EPOCH,
    };
    let key = key()?;
    Receipt::new(&key, &subject, &proof, key.sign_head(&head)?)
}

#[test]
fn a_receipt_is_checked_with_nothing_but_the_key() {
    let receipt = receipt("7港み生食あ第12号", 300).unwrap();
    let text = serde_json::to_string(&receipt).unwrap();
    let read = Receipt::read(&text).unwrap();
    let proven = read.verify(&Verifier::new(read.key()).unwrap()).unwrap();
    assert_eq!(proven.subject, subject("7港み生食あ第12号", 300));
    assert_eq!(proven.head.size, 306);
    assert_eq!(proven.head.at, Timestamp::UNIX_EPOCH);
}

#[test]
fn another_key_or_another_log_is_refused() {
    let receipt = receipt("12", 3).unwrap();
    for other in [
        LogKey::new("permits.example", &[8; 32]).unwrap(),
        LogKey::new("other.example", &[7; 32]).unwrap(),
    ] {
        let refused = receipt.verify(other.verifier());
        assert_eq!(refused, Err(Fault::Signature("the statement")));
    }
    assert!(LogKey::new("a name", &[7; 32]).is_err());
    assert!(Verifier::new("permits.example+00000000+AQ==").is_err());
}

#[test]
fn a_number_cannot_smuggle_lines() {
    assert_eq!(receipt("12\n5", 3), Err(Fault::Unreadable("the number")));
}

#[test]
fn a_head_carries_other_signatures_and_stays_ours() {
    let head = Head {
        size: 9,
        root: [4; 32],
        at: "2026-11-22T09:00:00.5Z".parse().unwrap(),
    };
    let signed = key().unwrap().sign_head(&head).unwrap();
    let witness = "— witness.example AAAAAQIDBAUGBwg=\n";
    let cosigned = format!("{signed}{witness}");
    assert_eq!(key().unwrap().verifier().head(&cosigned), Ok(head.clone()));
    let later = signed.replacen("\n9\n", "\n10\n", 1);
    assert_eq!(
        key().unwrap().verifier().head(&later),
        Err(Fault::Signature("the head"))
    );
    assert!(!format!("{:?}", key().unwrap()).contains("PRIVATE"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// One changed character of a receipt is found, whatever it is.
    #[test]
    fn no_changed_receipt_holds(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9+/=\"一]") {
        let whole = receipt("12", 40).unwrap();
        let text = serde_json::to_string(&whole).unwrap();
        let characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let with = with.chars().next().unwrap();
        prop_assume!(characters[at] != with);
        let mut changed = characters;
        changed[at] = with;
        let changed: String = changed.into_iter().collect();
        let key = key().unwrap();
        if let Ok(read) = Receipt::read(&changed) {
            // The key in it is a convenience: who checks brings their own.
            let same = Receipt::read(&text).unwrap();
            let only_the_key = read.key() != same.key();
            prop_assert!(only_the_key || read.verify(key.verifier()).is_err(), "{changed}");
        }
    }
}
