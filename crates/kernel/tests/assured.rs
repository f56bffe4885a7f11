//! What `assurance:` holds back: for every level demanded and every level known, an act is refused for want of assurance
//! exactly where it would be done otherwise and the level is not reached; every other refusal stays what it was.
mod common;

use common::build::*;
use common::town::{Town, official, person};
use definition::model::*;
use kernel::*;
use serde_json::json;
use std::sync::Arc;

const LEVELS: [u8; 4] = [0, 1, 2, 3];

fn defined(identity: u8, authentication: u8) -> Arc<Service> {
    let assurance = Assured {
        identity,
        authentication,
    };
    let by = vec![party("applicant"), desk("examiner"), Who::System];
    let go = Action {
        by,
        assurance,
        ..action("go", party("applicant"), &["s0"], "s1")
    };
    let begin = Action {
        opens: true,
        by: vec![Who::SignedIn, desk("examiner")],
        assurance,
        ..action("begin", Who::SignedIn, &[], "s0")
    };
    let free = Action {
        opens: true,
        ..action("free", Who::SignedIn, &[], "s0")
    };
    let see = |who, scope, class: &str| common::build::see(who, scope, None, FieldSet::All, class);
    let rt = RecordType {
        parties: owner("applicant"),
        states: states(vec![
            state("s0", "零", None, false),
            state("s1", "壱", None, false),
        ]),
        actions: common::build::actions(vec![go, begin, free]),
        see: vec![
            see(party("applicant"), ScopeKind::Own, "own"),
            see(desk("examiner"), ScopeKind::All, "all"),
        ],
        ..record_type("thing")
    };
    Arc::new(service("sample", vec![rt]))
}

fn known(actor: Actor, identity: u8, authentication: u8) -> Actor {
    Actor {
        assurance: Assurance {
            identity,
            authentication,
        },
        ..actor
    }
}

fn every(mut check: impl FnMut((u8, u8), (u8, u8))) {
    for identity in LEVELS {
        for authentication in LEVELS {
            for known_identity in LEVELS {
                for known_authentication in LEVELS {
                    check(
                        (identity, authentication),
                        (known_identity, known_authentication),
                    );
                }
            }
        }
    }
}

/// The kind of a refusal, with the places of its faults.
fn told<T>(result: Result<T, Refusal>) -> Result<(), (RefusalKind, Vec<String>)> {
    result.map(drop).map_err(|refusal| {
        let places = refusal.faults.iter().map(|fault| fault.pointer.clone());
        (refusal.kind, places.collect())
    })
}

fn lacking(identity: bool, authentication: bool) -> Result<(), (RefusalKind, Vec<String>)> {
    let places = [
        ("/actor/assurance/identity", identity),
        ("/actor/assurance/authentication", authentication),
    ];
    let places: Vec<String> = places
        .into_iter()
        .filter(|(_, lacks)| *lacks)
        .map(|(place, _)| place.to_owned())
        .collect();
    match places.is_empty() {
        true => Ok(()),
        false => Err((RefusalKind::Unassured, places)),
    }
}

#[test]
fn a_party_needs_both_levels_and_an_official_authentication_alone() {
    every(|asked, has| {
        let short = (has.0 < asked.0, has.1 < asked.1);
        let mut town = Town::new(defined(asked.0, asked.1));
        let owner = known(person(1), has.0, has.1);
        let opened = town.open(&owner, "thing", "begin", json!({}));
        assert_eq!(told(opened), lacking(short.0, short.1), "{asked:?} {has:?}");
        let id = town.open(&owner, "thing", "free", json!({})).unwrap();
        let clerk = known(official(3, "examiner", None), has.0, has.1);
        let counter = Actor {
            on_behalf_of: owner.party,
            counter: true,
            ..clerk.clone()
        };
        let opened = town.open(&counter, "thing", "begin", json!({}));
        assert_eq!(told(opened), lacking(false, short.1), "{asked:?} {has:?}");
        let offered = town.facts(Some(id));
        let offered = kernel::actions(&offered, "thing", &owner);
        assert!(offered.iter().any(|action| action.name == "go"));
        let other = known(person(2), 0, 0);
        let stranger = told(town.go(&other, id, "go", json!({})));
        assert_eq!(stranger, Err((RefusalKind::NotFound, Vec::new())));
        let by_clerk = told(town.clone().go(&clerk, id, "go", json!({})));
        assert_eq!(by_clerk, lacking(false, short.1), "{asked:?} {has:?}");
        let by_system = told(town.clone().go(&Actor::system(), id, "go", json!({})));
        assert_eq!(by_system, Ok(()));
        let version = town.records[&id].version;
        let by_owner = told(town.go(&owner, id, "go", json!({})));
        assert_eq!(by_owner, lacking(short.0, short.1), "{asked:?} {has:?}");
        let moved = town.records[&id].version > version;
        assert_eq!(moved, by_owner.is_ok());
        // Once it has gone, the state says no to everybody, however surely they are known.
        if moved {
            let again = town.go(&known(person(1), 0, 0), id, "go", json!({}));
            assert_eq!(again.unwrap_err().kind, RefusalKind::WrongState);
        }
    });
}

#[test]
fn the_refusal_says_what_lacks_and_how_it_is_mended() {
    let mut town = Town::new(defined(2, 2));
    let known_by_password = known(person(1), 1, 1);
    let refusal = town
        .open(&known_by_password, "thing", "begin", json!({}))
        .unwrap_err();
    let text = format!("{} {:?}", refusal.title, refusal.faults);
    for words in [
        "操作begin",
        "身元確認保証レベル2",
        "当人認証保証レベル2",
        "いまは1",
        "パスキー",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn the_matrix_shows_what_is_demanded_of_whom() {
    let matrix = authority_matrix(&defined(2, 1));
    for line in [
        "applicant thing do go from=s0 assurance=2.1",
        "desk.examiner thing do go from=s0 assurance=0.1",
        "system thing do go from=s0\n",
        "signed_in thing do free opens from=-\n",
    ] {
        assert!(matrix.contains(line), "{line}: {matrix}");
    }
}
