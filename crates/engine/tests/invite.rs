//! 続きを頼む: another person goes on with a draft by a link and a code, until its owner revokes it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, acting, catalogue, done, opening, seat};
use engine::{Failure, IdempotencyKey, InviteRequest, InvitedView, ListRequest, RecordView};
use jiff::SignedDuration;
use kernel::port::Store as _;
use kernel::{Actor, Refusal, RefusalKind};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const CODE: &str = "314159";
const KIND: (&str, &str) = ("reference", "application");

/// A draft, its owner, and people whom the owner may ask.
struct Town {
    bench: Bench,
    owner: Actor,
    one: Actor,
    two: Actor,
    draft: RecordView,
    _dir: tempfile::TempDir,
}

impl Town {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        let owner = bench.person("owner", vec![]).await;
        let one = bench.person("one", vec![]).await;
        let two = bench.person("two", vec![]).await;
        let saved = opening(
            &owner,
            KIND.0,
            KIND.1,
            "save",
            json!({"group": "みどりの会"}),
        );
        let draft = done(bench.engine.perform(saved).await);
        Self {
            bench,
            owner,
            one,
            two,
            draft,
            _dir: dir,
        }
    }

    async fn invite_as(
        &self,
        actor: &Actor,
        to: &str,
        key: Option<&str>,
    ) -> Result<InvitedView, Failure> {
        let request = InviteRequest {
            actor: actor.clone(),
            service: KIND.0.into(),
            record_type: KIND.1.into(),
            record: self.draft.id,
            role: None,
            to: to.into(),
            mail: None,
            secret: format!("{to}-secret"),
            code: CODE.into(),
            idempotency: key.map(|key| IdempotencyKey {
                key: key.into(),
                request: to.into(),
            }),
        };
        self.bench.engine.invite(request).await
    }

    /// The token of a fresh link.
    async fn link(&self, to: &str) -> String {
        let made = self.invite_as(&self.owner, to, None).await;
        let (path, code) = made
            .unwrap_or_else(|fault| panic!("{fault:?}"))
            .secrets
            .unwrap();
        assert_eq!(code, CODE);
        path.strip_prefix("/invite/").unwrap().to_owned()
    }

    async fn accept(&self, actor: &Actor, token: &str, code: &str) -> Result<RecordView, Failure> {
        self.bench
            .engine
            .accept_invitation(actor, token, code, None)
            .await
    }

    async fn see(&self, actor: &Actor) -> Result<RecordView, Failure> {
        let engine = &self.bench.engine;
        engine
            .record(actor, None, KIND.0, KIND.1, self.draft.id, None)
            .await
    }

    async fn act(&self, actor: &Actor, action: &str, input: Json) -> Result<RecordView, Failure> {
        let version = self.see(&self.owner).await.unwrap().version;
        let on = (KIND.0, KIND.1, self.draft.id);
        let performed = self
            .bench
            .engine
            .perform(acting(actor, on, version, action, input));
        performed.await.map(|outcome| outcome.view)
    }

    async fn revoke(&self, actor: &Actor, at: usize) -> Result<(), Failure> {
        let id = self.see(&self.owner).await.unwrap().invitations[at].id;
        self.bench
            .engine
            .revoke_invitation(actor, KIND, self.draft.id, id)
            .await
    }

    async fn snapshot(&self) -> kernel::Snapshot {
        let found = self.bench.store.snapshots(&[self.draft.id]).await;
        found.unwrap().remove(0)
    }

    async fn listed(&self, actor: &Actor) -> usize {
        let engine = &self.bench.engine;
        let asked = ListRequest::default();
        let page = engine.list(actor, KIND.0, KIND.1, &asked);
        page.await.unwrap().items.len()
    }

    fn later(&self, hours: i64) {
        let now = self.bench.engine.now();
        self.bench
            .clock
            .set(now.checked_add(SignedDuration::from_hours(hours)).unwrap());
    }
}

fn refused<T>(outcome: Result<T, Failure>) -> Refusal {
    match outcome {
        Err(Failure::Refused(refusal)) => refusal,
        Err(failure) => panic!("{failure:?}"),
        Ok(_) => panic!("done"),
    }
}

/// How a refusal reads: its kind, and all that it says.
fn said<T>(outcome: Result<T, Failure>) -> (RefusalKind, String) {
    let refusal = refused(outcome);
    let faults = refusal.faults.iter().map(|fault| fault.detail.clone());
    (
        refusal.kind,
        std::iter::once(refusal.title.clone())
            .chain(faults)
            .collect(),
    )
}

fn whole() -> Json {
    json!({
        "representative": {"full": "見本 太郎"}, "phone": "03-0000-0000",
        "place": {"municipality": "13202", "line": "柴崎町2-21"}, "plot": "north", "area": 12,
        "helpers": [{"who": "見本 太郎", "hours": 6}], "agreement": true,
    })
}

#[tokio::test]
async fn another_goes_on_submits_mends_and_is_gone_when_revoked() {
    let town = Town::new().await;
    assert!(town.see(&town.one).await.is_err());
    let token = town.link("行政書士").await;
    let knock = town
        .bench
        .engine
        .knock(&Actor::public(), &token)
        .await
        .unwrap();
    assert_eq!(
        (
            knock.title.as_str(),
            knock.until.to_string().as_str(),
            knock.obstacle
        ),
        ("登録の申請", "2026-11-29", None)
    );
    let seen = town
        .accept(&town.one, &token, "３１４ １５９")
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    let names: Vec<&str> = seen
        .actions
        .iter()
        .map(|action| action.name.as_str())
        .collect();
    assert_eq!(names, ["save", "submit"], "neither withdraws nor invites");
    assert!(seen.invites.is_empty() && seen.invitations.len() == 1 && seen.invitations[0].own);
    town.bench.tick().await;
    let subjects = |rows: Vec<kernel::port::MessageRow>| {
        rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
    };
    assert_eq!(
        subjects(town.bench.messages(&town.owner).await),
        ["one さんが続きを引き受けました"]
    );
    // What the invited person writes and sends, the owner is told of and sees.
    let sent = town
        .act(&town.one, "submit", whole())
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!(sent.state, "submitted");
    town.bench.tick().await;
    let told = subjects(town.bench.messages(&town.owner).await);
    assert!(
        told.iter()
            .any(|subject| subject == "one さんが申請を進めました"),
        "{told:?}"
    );
    let history = town
        .bench
        .engine
        .history(&town.owner, KIND.0, KIND.1, town.draft.id, 0, 50);
    let history = history.await.unwrap().items;
    let titles: Vec<&str> = history
        .iter()
        .map(|entry| entry.action_title.as_str())
        .collect();
    assert_eq!(titles[1..4], ["続きを頼む", "続きを引き受ける", "申請する"]);
    let journal = town.bench.journal().await;
    let deeds: Vec<(&str, &str)> = journal
        .iter()
        .take(4)
        .map(|one| {
            (
                one.event.body.actor_name.as_str(),
                one.event.header.acted_as.as_str(),
            )
        })
        .collect();
    assert_eq!(
        deeds,
        [
            ("owner", "applicant"),
            ("owner", "applicant"),
            ("one", "aide"),
            ("one", "aide")
        ]
    );
    // It answers the office too.
    let examiner = town
        .bench
        .person("examiner", vec![seat("examiner", Some("緑化係"))])
        .await;
    let remarks =
        json!({"remarks": [{"pointer": "/fields/area", "text": "広さを確かめてください"}]});
    town.act(&examiner, "return", remarks)
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    town.act(&town.one, "save", json!({"area": 13}))
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!(
        said(town.act(&town.one, "withdraw", json!({})).await).0,
        RefusalKind::WrongState
    );
    // Only the owner, or the person for themselves, ends it.
    assert_eq!(
        said(town.revoke(&town.two, 0).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(
        said(town.revoke(&examiner, 0).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(town.listed(&town.one).await, 1);
    town.revoke(&town.owner, 0).await.unwrap();
    assert_eq!(said(town.see(&town.one).await).0, RefusalKind::NotFound);
    assert_eq!(
        said(town.act(&town.one, "save", json!({})).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(town.listed(&town.one).await, 0, "lists lose it too");
    assert_eq!(
        said(town.accept(&town.one, &token, CODE).await).0,
        RefusalKind::WrongState
    );
    assert_eq!(
        town.see(&town.owner).await.unwrap().fields["area"],
        json!(13)
    );
    assert_eq!(town.bench.store.replay().unwrap().difference, None);
}

#[tokio::test]
async fn neither_link_nor_code_is_kept() {
    let town = Town::new().await;
    let token = town.link("配偶者").await;
    for stored in town.bench.journal().await {
        let text = serde_json::to_string(&stored.event).unwrap();
        assert!(
            !text.contains(CODE) && !text.contains(&token) && !text.contains("-secret"),
            "{text}"
        );
        assert!(
            !format!("{:?}", stored.event).contains("配偶者"),
            "names do not print"
        );
    }
}

#[tokio::test]
async fn every_link_that_is_of_no_use_says_why() {
    let town = Town::new().await;
    let unknown = format!("{}{}", town.draft.id.0.simple(), "x");
    for token in ["", "x", "あいうえおかきくけこさしすせそ", unknown.as_str()] {
        assert_eq!(
            said(town.accept(&town.one, token, CODE).await).0,
            RefusalKind::NotFound,
            "{token}"
        );
    }
    let says = |outcome, word: &str| {
        let (kind, text) = said::<RecordView>(outcome);
        assert!(
            kind == RefusalKind::WrongState && text.contains(word),
            "{kind:?} {text}"
        );
    };
    let first = town.link("一").await;
    says(town.accept(&town.owner, &first, CODE).await, "自分");
    says(
        town.accept(
            &Actor {
                on_behalf_of: town.two.party,
                ..town.one.clone()
            },
            &first,
            CODE,
        )
        .await,
        "個人として",
    );
    assert_eq!(
        said(town.accept(&Actor::public(), &first, CODE).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(
        said(town.accept(&town.one, &first, " ").await).0,
        RefusalKind::Invalid
    );
    town.accept(&town.one, &first, CODE)
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    says(
        town.accept(&town.two, &first, CODE).await,
        "もう使われています",
    );
    let second = town.link("二").await;
    says(
        town.accept(&town.one, &second, CODE).await,
        "もう、引き受けて".replace('、', "").as_str(),
    );
    assert!(
        said(town.invite_as(&town.owner, "三", None).await)
            .1
            .contains("2人まで")
    );
    town.revoke(&town.owner, 1).await.unwrap();
    says(
        town.accept(&town.two, &second, CODE).await,
        "取りやめました",
    );
    assert_eq!(
        said(town.revoke(&town.owner, 1).await).0,
        RefusalKind::WrongState
    );
    let third = town.link("三").await;
    town.later(24 * 5 + 14);
    assert!(
        town.bench
            .engine
            .knock(&town.two, &third)
            .await
            .unwrap()
            .obstacle
            .is_none(),
        "23時"
    );
    town.later(2);
    says(
        town.accept(&town.two, &third, CODE).await,
        "期限（11月29日まで）",
    );
    assert_eq!(
        town.see(&town.owner).await.unwrap().invitations[2].standing,
        "expired"
    );
    // What is over takes no place.
    let fourth = town.link("四").await;
    town.act(&town.owner, "submit", whole())
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    says(
        town.accept(&town.two, &fourth, CODE).await,
        "いまは「審査中」",
    );
    assert!(
        said(town.invite_as(&town.owner, "五", None).await)
            .1
            .contains("いまは「審査中」")
    );
}

#[tokio::test]
async fn five_wrong_codes_and_the_link_is_of_no_use() {
    let town = Town::new().await;
    let token = town.link("一").await;
    for left in (0..5).rev() {
        let (kind, text) = said(town.accept(&town.one, &token, "000000").await);
        assert_eq!(kind, RefusalKind::Invalid);
        let says = if left == 0 {
            "使えなくなりました".to_owned()
        } else {
            format!("あと{left}回")
        };
        assert!(text.contains(&says), "{text}");
    }
    let (kind, text) = said(town.accept(&town.one, &token, CODE).await);
    assert!(
        kind == RefusalKind::WrongState && text.contains("使えなくなりました"),
        "{text}"
    );
    assert!(town.see(&town.one).await.is_err());
    assert_eq!(
        town.see(&town.owner).await.unwrap().invitations[0].standing,
        "spent"
    );
    assert_eq!(town.bench.store.replay().unwrap().difference, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_accept_at_once_one_does() {
    let town = Town::new().await;
    let token = town.link("だれか").await;
    let (one, two) = tokio::join!(
        town.accept(&town.one, &token, CODE),
        town.accept(&town.two, &token, CODE)
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    let (winner, loser) = if one.is_ok() {
        (&town.one, &town.two)
    } else {
        (&town.two, &town.one)
    };
    assert!(town.see(winner).await.is_ok() && town.see(loser).await.is_err());
    let snapshot = town.snapshot().await;
    let aides = snapshot.parties.iter().filter(|party| party.role == "aide");
    assert_eq!(aides.count(), 1);
}

#[tokio::test]
async fn a_request_that_is_sent_again_invites_once() {
    let town = Town::new().await;
    let first = town
        .invite_as(&town.owner, "一", Some("k"))
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    let again = town
        .invite_as(&town.owner, "一", Some("k"))
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!(first.invitation.id, again.invitation.id);
    assert!(
        first.secrets.is_some() && again.secrets.is_none(),
        "what is not kept is not given again"
    );
    assert_eq!(town.see(&town.owner).await.unwrap().invitations.len(), 1);
    assert_eq!(
        said(town.invite_as(&town.owner, "二", Some("k")).await).0,
        RefusalKind::Invalid
    );
    let (kind, text) = said(town.invite_as(&town.owner, " ", None).await);
    assert!(
        kind == RefusalKind::Invalid && text.contains("だれに"),
        "{text}"
    );
    assert_eq!(
        said(town.invite_as(&town.two, "二", None).await).0,
        RefusalKind::NotFound
    );
}

#[tokio::test]
async fn the_role_gives_nothing_beyond_the_record() {
    let town = Town::new().await;
    let token = town.link("一").await;
    town.accept(&town.one, &token, CODE)
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    assert!(
        said(town.invite_as(&town.one, "二", None).await)
            .1
            .contains("続きを頼めるのは申請者")
    );
    town.act(&town.one, "submit", whole())
        .await
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    let seen = town.see(&town.one).await.unwrap();
    // A file of the owner's does not go on into an application of the invited person's own.
    let snapshot = town.snapshot().await;
    assert!(kernel::may_name(&seen.record_type, &town.owner, &snapshot));
    assert!(!kernel::may_name(&seen.record_type, &town.one, &snapshot));
    // Stepping back is theirs.
    town.revoke(&town.one, 0).await.unwrap();
    assert!(town.see(&town.one).await.is_err());
    let own = opening(
        &town.one,
        KIND.0,
        KIND.1,
        "save",
        json!({"group": "別の会"}),
    );
    let own = done(town.bench.engine.perform(own).await);
    let may = |name: &str| own.actions.iter().any(|action| action.name == name);
    assert!(may("withdraw"), "one begins as oneself");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// Whatever three people do with links and codes: who accepted and was not revoked sees the record, nobody else; no
    /// more are invited than the definition allows; and the journal gives the same again.
    #[test]
    fn whoever_accepted_and_was_not_revoked_sees_it(steps in prop::collection::vec((0..4_u8, 0..2_usize, 0..4_usize), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let town = Town::new().await;
            let people = [&town.one, &town.two];
            let mut links: Vec<String> = Vec::new();
            let mut holds: Vec<Option<usize>> = Vec::new();
            let mut over: Vec<bool> = Vec::new();
            let mut tries: Vec<u8> = Vec::new();
            for (what, who, at) in steps {
                match what {
                    0 => {
                        let full = (0..links.len()).filter(|at| !over[*at]).count() >= 2;
                        let made = town.invite_as(&town.owner, &format!("人{}", links.len()), None).await;
                        assert_eq!(made.is_err(), full);
                        if let Ok(made) = made {
                            let (path, _) = made.secrets.unwrap();
                            links.push(path.trim_start_matches("/invite/").to_owned());
                            holds.push(None);
                            over.push(false);
                            tries.push(5);
                        }
                    }
                    1 | 2 if at < links.len() => {
                        let right = what == 1;
                        let code = if right { CODE } else { "000000" };
                        let free = !over[at] && holds[at].is_none() && !holds.contains(&Some(who));
                        let accepted = town.accept(people[who], &links[at], code).await;
                        assert_eq!(accepted.is_ok(), free && right);
                        if free && right {
                            holds[at] = Some(who);
                        } else if free {
                            tries[at] -= 1;
                            over[at] = tries[at] == 0;
                        }
                    }
                    3 if at < links.len() => {
                        assert_eq!(town.revoke(&town.owner, at).await.is_ok(), !over[at]);
                        over[at] = true;
                        holds[at] = None;
                    }
                    _ => {}
                }
                for (who, person) in people.iter().enumerate() {
                    assert_eq!(town.see(person).await.is_ok(), holds.contains(&Some(who)));
                    assert_eq!(town.listed(person).await, usize::from(holds.contains(&Some(who))));
                }
            }
            assert_eq!(town.bench.store.replay().unwrap().difference, None);
        });
    }
}
