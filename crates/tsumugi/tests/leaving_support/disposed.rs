//! What was disposed of leaves as what is left of it, and comes back nowhere.

use super::*;
use engine::{Proposal, RoundDeed, Worker};
use kernel::{Actor, RecordId};
use tsumugi::verify;

/// Years after the demo, when what ended in it may go.
const LATER: &str = "2032-04-02T09:00:00+09:00";

async fn actor(running: &Running, login: &str) -> Actor {
    let account = running.engine.account_by_login(login).await;
    running
        .engine
        .actor(&account.unwrap().unwrap(), None)
        .unwrap()
}

struct Gone {
    id: RecordId,
    /// How many went, it and its parts.
    many: u64,
    service: String,
    kind: String,
}

/// Somebody proposes to dispose of a record whose time is over, another decides, the worker carries it out.
async fn dispose_of_one(running: &Running) -> Gone {
    let (proposer, decider) = (
        actor(running, "examiner").await,
        actor(running, "approver").await,
    );
    let engine = &running.engine;
    let kept = engine.kept_types(&proposer).await.unwrap();
    let due = kept.iter().find(|one| one.is_due).unwrap();
    let (service, kind) = (due.service.slug.clone(), due.record_type.name.clone());
    let page = engine
        .expired(&proposer, &service, &kind, None, 10)
        .await
        .unwrap();
    let id = page.items.iter().find(|one| one.is_over).unwrap().view.id;
    let proposal = Proposal {
        deed: "dispose".into(),
        records: vec![id],
        ..Proposal::default()
    };
    let round = engine.propose_round(&proposer, &service, &kind, &proposal, None);
    let round = round.await.unwrap();
    let decided = engine.round_deed(&decider, round.id, RoundDeed::Decide, None);
    decided.await.unwrap();
    Worker::new(Arc::clone(engine)).tick().await.unwrap();
    assert_eq!(
        engine.round(&decider, round.id).await.unwrap().state,
        "done"
    );
    Gone {
        id,
        many: 0,
        service,
        kind,
    }
}

/// Before and after a disposal: two exports of everything, one of the service alone.
async fn around_a_disposal(root: &Path) -> Gone {
    let at = |name: &str| root.join(name);
    drop(demo(&at("a")).await);
    left(&at("a"), None, &at("before"), None).await;
    let mut config = config(&at("a"));
    let clock = Arc::new(ManualClock::new(LATER.parse().unwrap()));
    config.clock = Arc::clone(&clock) as Arc<dyn engine::Clock>;
    let running = start(config).await.unwrap();
    let mut gone = dispose_of_one(&running).await;
    let later = clock.now().checked_add(SignedDuration::from_mins(2));
    clock.set(later.unwrap());
    running.engine.sequence().await.unwrap();
    drop(running);
    gone.many = verified(&at("a")).await.disposed;
    assert!(gone.many > 0);
    left(&at("a"), None, &at("all"), None).await;
    left(&at("a"), None, &at("one"), Some(&[&gone.service])).await;
    gone
}

fn text(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The lines of a file that are of a record.
fn lines_of(path: PathBuf, id: RecordId) -> Vec<Json> {
    let all = text(path);
    let lines = all
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    let whose = |line: &Json| {
        let places = [&line["header"]["record"], &line["record"], &line["id"]];
        places.iter().any(|place| **place == id.to_string())
    };
    lines.filter(whose).collect()
}

/// What those who answered for it, and who had it, are told of a record.
async fn is_gone(data: &Path, gone: &Gone) {
    let mut config = config(data);
    config.clock = Arc::new(ManualClock::new(LATER.parse().unwrap()));
    let running = start(config).await.unwrap();
    let place = format!(
        "/api/v1/services/{}/{}/{}",
        gone.service, gone.kind, gone.id
    );
    let (status, said) = http(
        &running,
        "GET",
        &place,
        &running.tokens["examiner"],
        &Json::Null,
    )
    .await;
    assert_eq!(status, 410, "{said}");
    let (status, _) = http(
        &running,
        "GET",
        &place,
        &running.tokens["resident"],
        &Json::Null,
    )
    .await;
    assert_eq!(status, 404);
    let (decider, round) = (
        actor(&running, "approver").await,
        gone_by(&running, gone).await,
    );
    let found = running.engine.round(&decider, round);
    assert_eq!(
        found.await.unwrap().state,
        "done",
        "who decided is told with it"
    );
}

async fn gone_by(running: &Running, gone: &Gone) -> RecordId {
    let proposer = actor(running, "examiner").await;
    let page = running
        .engine
        .expired(&proposer, &gone.service, &gone.kind, None, 10);
    page.await.unwrap().rounds[0].id
}

/// The same but for the places of records and events among each other, which close up where something was disposed of
/// or did not come along, and for who has looked since.
fn assert_same_but_for_places(one: &Path, other: &Path) {
    let read = |root: &Path| {
        let mut all = lasting(root);
        for (path, bytes) in &mut all {
            if path.starts_with("records/") || path.starts_with("events/") {
                let text = String::from_utf8(std::mem::take(bytes)).unwrap();
                let lines = text.lines().map(|line| {
                    let mut line: Json = serde_json::from_str(line).unwrap();
                    for place in ["order", "position"] {
                        line.as_object_mut().unwrap().remove(place);
                    }
                    line.to_string() + "\n"
                });
                *bytes = lines.collect::<String>().into_bytes();
            }
        }
        all
    };
    let (one, other) = (read(one), read(other));
    assert!(one.keys().eq(other.keys()));
    for (path, bytes) in &one {
        let same = match path == "audit/reads.jsonl" {
            true => other[path].starts_with(bytes),
            false => *bytes == other[path],
        };
        assert!(same, "{path} is another");
    }
}

async fn verified(data: &Path) -> store::Replayed {
    let data = data.to_owned();
    aside(move || verify(&data, None, None).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_disposed_of_leaves_as_what_is_left_of_it_and_comes_back_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let at = |name: &str| root.join(name);
    let gone = around_a_disposal(root).await;

    // Its events and their hashes are there; its key and what it said are not.
    let events = lines_of(at("one/events/000001.jsonl"), gone.id);
    let (last, others) = events.split_last().unwrap();
    assert!(!others.is_empty() && others.iter().all(|event| event["body"].is_null()));
    assert_eq!(last["header"]["action"], "@dispose");
    let keys = lines_of(at("one/keys.jsonl"), gone.id);
    let keys: Vec<bool> = keys.iter().map(|line| line["key"].is_string()).collect();
    assert_eq!(keys, [false, true], "only that of its certificate");
    assert!(
        lines_of(
            at(&format!("one/records/{}/{}.jsonl", gone.service, gone.kind)),
            gone.id
        )
        .is_empty()
    );

    for (from, to) in [("all", "b"), ("one", "c")] {
        arrived(&at(to), None, &at(from)).await.unwrap();
        let replayed = verified(&at(to)).await;
        assert_eq!(
            (replayed.difference.as_ref(), replayed.disposed),
            (None, gone.many),
            "{from}"
        );
        is_gone(&at(to), &gone).await;
        assert_eq!(
            verified(&at(to)).await.difference,
            None,
            "{from}, after a start"
        );
    }
    left(&at("c"), None, &at("out-c"), Some(&[&gone.service])).await;
    assert_same_but_for_places(&at("one"), &at("out-c"));
    if let Some(url) = private::server() {
        let database = Database {
            schema: "disposed".into(),
            ..Database::new(url)
        };
        arrived(&at("pg"), Some(&database), &at("one"))
            .await
            .unwrap();
        left(
            &at("pg"),
            Some(&database),
            &at("out-pg"),
            Some(&[&gone.service]),
        )
        .await;
        assert_same_but_for_places(&at("one"), &at("out-pg"));
    }

    nobody_revives(root, &gone).await;
}

/// An older export does not bring a record back where it was disposed of, nor where only the keys know that it was; nor
/// does a key, or a record, that somebody puts into a newer one.
async fn nobody_revives(root: &Path, gone: &Gone) {
    let at = |name: &str| root.join(name);
    let said = arrived(&at("b"), None, &at("before")).await.unwrap_err();
    assert!(said.contains("すでに"), "{said}");

    std::fs::create_dir_all(at("known")).unwrap();
    std::fs::copy(at("a/destroyed.jsonl"), at("known/destroyed.jsonl")).unwrap();
    arrived(&at("known"), None, &at("before")).await.unwrap();
    assert_eq!(verified(&at("known")).await.disposed, gone.many);

    let key = lines_of(at("before/keys.jsonl"), gone.id)[0].to_string();
    forged(&at("all"), "keys.jsonl", |keys| {
        keys.replace(
            &format!("{{\"record\":\"{}\",\"key\":null}}", gone.id),
            &key,
        )
    });
    arrived(&at("keyed"), None, &at("all")).await.unwrap();
    assert_eq!(verified(&at("keyed")).await.disposed, gone.many);
    is_gone(&at("keyed"), gone).await;

    let path = format!("records/{}/{}.jsonl", gone.service, gone.kind);
    let line = lines_of(at("before").join(&path), gone.id)[0].to_string();
    forged(&at("all"), &path, |records| format!("{records}{line}\n"));
    let said = arrived(&at("recorded"), None, &at("all"))
        .await
        .unwrap_err();
    assert!(said.contains(&gone.id.to_string()), "{said}");
}
