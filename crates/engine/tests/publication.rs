//! Open data: any past day can be made anew, byte for byte, whatever happened since.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bench, TODAY, acting, catalogue, done, morning, opening, packages, seat};
use kernel::{Actor, RecordId};
use serde_json::json;

const ON: (&str, &str) = ("reference", "permit");

struct Town {
    bench: Bench,
    examiner: Actor,
    approver: Actor,
    _dir: tempfile::TempDir,
}

impl Town {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bench = Bench::new(dir.path(), catalogue(), 1);
        bench.engine.publish(catalogue(), packages()).await.unwrap();
        Self {
            examiner: bench
                .person("e", vec![seat("examiner", Some("緑化係"))])
                .await,
            approver: bench
                .person("a", vec![seat("approver", Some("緑化係"))])
                .await,
            bench,
            _dir: dir,
        }
    }

    async fn enter(&self, group: &str, plot: &str, holder: Option<(&str, &str)>) -> RecordId {
        let mut actor = self.examiner.clone();
        if let Some((kind, name)) = holder {
            actor.on_behalf_of = Some(kernel::PartyId(uuid::Uuid::from_u128(
                name.bytes()
                    .fold(1, |sum, byte| sum * 31 + u128::from(byte)),
            )));
            actor.on_behalf_kind = Some(kind.into());
            actor.on_behalf_name = Some(name.into());
        }
        let input = json!({
            "group": group, "plot": plot, "phone": "042-000-1111",
            "place": {"municipality": "13202", "line": "柴崎町2-21-19"},
            "decided_on": "2026-11-01", "valid_from": "2026-11-01", "valid_until": "2030-10-31",
        });
        done(
            self.bench
                .engine
                .perform(opening(&actor, ON.0, ON.1, "enter", input))
                .await,
        )
        .id
    }

    async fn publish(&self) -> kernel::shelf::Edition {
        self.bench
            .engine
            .publish_now(&self.approver, ON.0, "beds")
            .await
            .unwrap()
    }

    async fn files(&self, as_of: Option<jiff::civil::Date>) -> Vec<Vec<u8>> {
        let data = self
            .bench
            .engine
            .open_data(ON.0, "beds", as_of)
            .await
            .unwrap();
        ["csv", "json", "xlsx"]
            .iter()
            .map(|format| data.file(format).unwrap().bytes.to_vec())
            .collect()
    }

    fn day(&self, days: i64) -> jiff::civil::Date {
        let day = TODAY.checked_add(jiff::Span::new().days(days)).unwrap();
        self.bench.clock.set(morning(day));
        day
    }
}

fn plots() -> Vec<String> {
    catalogue().services["reference"].tables["plots"]
        .options_on(TODAY)
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

#[tokio::test]
async fn a_past_day_is_made_anew_byte_for_byte() {
    let town = Town::new().await;
    let plots = plots();
    let first = town
        .enter("花の会", &plots[0], Some(("corporation", "花の会株式会社")))
        .await;
    let edition = town.publish().await;
    assert_eq!((edition.rows, edition.opted_out), (1, 0));
    let then = town.files(None).await;

    // More happens on the same day, and on later ones; then the definition itself changes.
    let second = town.enter("緑の会", &plots[1], None).await;
    let between = town.day(1);
    let release = json!({"unlisted": true, "name_released": false});
    done(
        town.bench
            .engine
            .perform(acting(
                &town.examiner,
                (ON.0, ON.1, first),
                1,
                "release",
                release,
            ))
            .await,
    );
    town.day(3);
    let mut source = packages().clone();
    let beds = source
        .files
        .get_mut("_reference/publications/beds.yaml")
        .unwrap();
    *beds = String::from_utf8(beds.clone())
        .unwrap()
        .replace("  行番号: line\n", "")
        .into_bytes();
    let changed = definition::load(&source, TODAY).catalogue;
    town.bench.engine.publish(changed, &source).await.unwrap();
    let edition = town.publish().await;
    assert_eq!((edition.rows, edition.opted_out), (1, 1));
    let now = town.files(None).await;
    assert_ne!(now, then);
    assert!(String::from_utf8_lossy(&now[1]).contains("緑の会"));

    assert!(
        town.files(Some(TODAY)).await == then,
        "the file of that day"
    );
    // A day without an edition says how the register stood at its end, by the definition of that day.
    let middle = town.files(Some(between)).await;
    let json: serde_json::Value = serde_json::from_slice(&middle[1]).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(
        (&json[0]["団体"], &json[0]["行番号"]),
        (&"緑の会".into(), &1.into())
    );
    assert!(
        town.bench
            .engine
            .open_data(ON.0, "beds", Some(town.day(9)))
            .await
            .is_err()
    );
    assert_ne!(first, second);
}

#[tokio::test]
async fn who_does_not_see_to_it_cannot_make_it() {
    let town = Town::new().await;
    let refused = town
        .bench
        .engine
        .publish_now(&town.examiner, ON.0, "beds")
        .await;
    assert!(matches!(refused, Err(engine::Failure::Refused(_))));
    assert!(
        town.bench
            .engine
            .open_data(ON.0, "beds", None)
            .await
            .is_err(),
        "nothing is published yet"
    );
}

#[tokio::test]
async fn a_persons_name_waits_for_the_staff() {
    let town = Town::new().await;
    let plots = plots();
    let held = town
        .enter("佐藤　花子", &plots[0], Some(("person", "佐藤 花子")))
        .await;
    town.enter("佐藤園芸", &plots[1], Some(("person", "佐藤 太郎")))
        .await;
    let edition = town.publish().await;
    assert_eq!(
        (edition.rows, edition.held.as_slice()),
        (1, [held].as_slice())
    );
    let text = String::from_utf8_lossy(&town.files(None).await[1]).into_owned();
    assert!(
        !text.contains("花子") && !text.contains("太郎") && !text.contains("042-000"),
        "{text}"
    );

    let release = json!({"name_released": true});
    done(
        town.bench
            .engine
            .perform(acting(
                &town.examiner,
                (ON.0, ON.1, held),
                1,
                "release",
                release,
            ))
            .await,
    );
    let edition = town.publish().await;
    assert_eq!((edition.rows, edition.held.len()), (2, 0));
}
