//! What needs no store.

use super::*;
use kernel::AccountId;

#[test]
fn a_challenge_is_answered_once() {
    let mut proofs = Proofs::none(AccountId(Uuid::nil()));
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(spend(&mut proofs, "a", now), Ok(()));
    assert_eq!(spend(&mut proofs, "b", now), Ok(()));
    assert_eq!(spend(&mut proofs, "a", now), Err(ProofFault::Twice));
}

#[test]
fn a_recovery_code_is_read_as_it_was_written_down() {
    assert_eq!(plain_code(" abcd-EFGH 2345 "), "ABCDEFGH2345");
    assert_eq!(plain_code("ＡＢ"), "");
}

#[test]
fn names_are_short_and_never_empty() {
    assert_eq!(named("  \n", "パスキー"), "パスキー");
    assert_eq!(named("会社の\u{7}電話", "x"), "会社の電話");
    assert_eq!(named(&"あ".repeat(99), "x").chars().count(), LONGEST_NAME);
}

#[test]
fn an_answer_is_read_or_none() {
    let text = r#"{"id":"AQI","response":{"clientDataJSON":"e30","userHandle":"Aw"}}"#;
    let answer = PasskeyAnswer::read(text).unwrap();
    assert_eq!(answer.credential, [1, 2]);
    assert_eq!(answer.user, Some(vec![3]));
    for bad in ["", "{}", "[1]", &text.replace("AQI", "A!")] {
        assert!(PasskeyAnswer::read(bad).is_none());
    }
    assert!(PasskeyAnswer::read(&" ".repeat(70_000)).is_none());
}
