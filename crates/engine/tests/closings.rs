//! A closed month keeps its figures whatever happens later; what is different is a correction with a reason.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Bench, TODAY, acting, done, opening, seat};
use definition::Catalogue;
use engine::{Failure, IdempotencyKey, MonthDeed, MonthPlace, NumbersView, Pick};
use kernel::port::Store as _;
use kernel::{Actor, RefusalKind};
use serde_json::json;

const SERVICE: &str = "
title: 締めの試し
initiatives: []
area: 共通
category: \"01\"
audience: [staff]
status: running
owner: 見本係
summary: 締めの試しです。
roles: { clerk: 係, manager: 統計の担当 }
messages:
  filed: { subject: 届きました, body: 届きました。 }
";
const NOTE: &str = r#"
title: 届出
office: place
label: kind
authority: '"13000"'
fields:
  kind: { type: choice, title: 種類, options: { a: 甲, b: 乙 }, required: true }
  place: { type: text, title: 所, required: true }
  filed_on: { type: date, title: 届け出た日, required: true }
states:
  filed: { title: 届出済み, waits_for: desk.clerk, line: 届いています。 }
  void: { title: 取消し, ended: true }
actions:
  file: { title: 届け出る, by: desk.manager, opens: true, to: filed, form: [kind, place, filed_on], effect: [{ notify: { to: desk.clerk, message: filed } }] }
  cancel: { title: 取り消す, by: desk.manager, from: filed, to: void }
see:
  - { who: desk.clerk, scope: office }
  - { who: desk.manager, scope: all }
measures:
  filed: { title: 届出, only: 'state = "filed"', by: { 月: 'month of(filed_on)', 種類: kind, 所: office } }
views:
  monthly:
    title: 月報
    kind: report
    for: [desk.clerk, desk.manager]
    measures: [filed]
    across: 種類
    month: 月
    periods: [month, quarter, fiscal_year, year]
    close: { by: desk.manager, reopen: desk.manager }
  each:
    title: 所ごとの月報
    kind: report
    for: [desk.clerk, desk.manager]
    measures: [filed]
    across: 種類
    month: 月
    close: { by: [desk.clerk, desk.manager], reopen: desk.manager, per: office }
"#;
const PURSE: &str = r#"
title: 収納
label: '"収納"'
fields:
  received_amount: { type: yen, title: 額 }
  received_on: { type: date, title: 日 }
states: { open: { title: 預かり, ended: true } }
gateway: { stray: keep }
actions:
  keep: { title: 預かる, by: system, opens: true, to: open, form: [received_amount, received_on] }
see:
  - { who: desk.manager, scope: all }
"#;
/// The month before the tests' today.
const MONTH: &str = "2026-10";

fn catalogue() -> Catalogue {
    common::sound(&common::beside_registers([
        ("common/900-closing/service.yaml", SERVICE),
        ("common/900-closing/records/note.yaml", NOTE),
        ("common/900-closing/records/purse.yaml", PURSE),
    ]))
}

struct Office {
    bench: Bench,
    manager: Actor,
    clerk: Actor,
}

impl Office {
    async fn new(dir: &std::path::Path) -> Self {
        let bench = Bench::new(dir, catalogue(), 1);
        let manager = bench.person("manager", vec![seat("manager", None)]).await;
        let clerk = bench.person("clerk", vec![seat("clerk", Some("北"))]).await;
        Self {
            bench,
            manager,
            clerk,
        }
    }

    async fn file(&self, kind: &str, place: &str, on: &str) -> engine::RecordView {
        let input = json!({"kind": kind, "place": place, "filed_on": on});
        let act = opening(&self.manager, "closing", "note", "file", input);
        done(self.bench.engine.perform(act).await)
    }

    async fn cancel(&self, note: &engine::RecordView) {
        let on = ("closing", "note", note.id);
        let act = acting(&self.manager, on, note.version, "cancel", json!({}));
        done(self.bench.engine.perform(act).await);
    }

    async fn read(&self, actor: &Actor) -> NumbersView {
        self.read_in(actor, "monthly", MONTH, None).await.unwrap()
    }

    async fn read_in(
        &self,
        actor: &Actor,
        view: &str,
        month: &str,
        office: Option<&str>,
    ) -> Result<NumbersView, Failure> {
        let pick = Pick {
            month: Some(month),
            office,
        };
        let engine = &self.bench.engine;
        engine.numbers(actor, "closing", "note", view, pick).await
    }

    async fn deed(&self, actor: &Actor, deed: MonthDeed) -> Result<NumbersView, Failure> {
        self.deed_in(actor, MONTH, deed).await
    }

    async fn deed_in(
        &self,
        actor: &Actor,
        month: &str,
        deed: MonthDeed,
    ) -> Result<NumbersView, Failure> {
        self.deed_at(actor, ("monthly", month, None), deed).await
    }

    async fn deed_at(
        &self,
        actor: &Actor,
        (view, month, office): (&str, &str, Option<&str>),
        deed: MonthDeed,
    ) -> Result<NumbersView, Failure> {
        let at = MonthPlace {
            service: "closing",
            record_type: "note",
            view,
            month,
            office,
        };
        self.bench.engine.month_deed(actor, at, deed, None).await
    }
}

const CLOSE: MonthDeed = MonthDeed::Close {
    acknowledged: false,
};

fn correct(reason: &str) -> MonthDeed {
    MonthDeed::Correct {
        reason: reason.into(),
    }
}

fn reopen(reason: &str) -> MonthDeed {
    MonthDeed::Reopen {
        reason: reason.into(),
    }
}

fn refused(result: Result<NumbersView, Failure>) -> (RefusalKind, String, String) {
    match result {
        Err(Failure::Refused(refusal)) => {
            let fault = refusal.faults.first().cloned();
            let (pointer, code) = fault.map(|f| (f.pointer, f.code)).unwrap_or_default();
            (refusal.kind, pointer, code)
        }
        Err(failure) => panic!("{failure:?}"),
        Ok(_) => panic!("done"),
    }
}

/// Rows of what is shown: title and first number.
fn rows(found: &NumbersView) -> Vec<(String, i64)> {
    let sheet = found.sheet.as_ref().unwrap();
    let one = |row: &engine::SheetRow| {
        (
            row.title.clone(),
            i64::try_from(row.numbers[0].unwrap()).unwrap(),
        )
    };
    sheet.rows.iter().map(one).collect()
}

fn changes(found: &[engine::Change]) -> Vec<(String, i64, i64)> {
    let whole = |n: rust_decimal::Decimal| i64::try_from(n).unwrap();
    found
        .iter()
        .map(|c| (c.row.clone(), whole(c.was), whole(c.is)))
        .collect()
}

fn row(title: &str, number: i64) -> (String, i64) {
    (title.to_owned(), number)
}

#[tokio::test]
async fn a_closed_month_keeps_its_figures() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    let first = office.file("a", "北", "2026-10-05").await;
    office.file("a", "南", "2026-10-31").await;
    office.file("b", "北", "2026-10-06").await;
    office.file("b", "北", "2026-11-02").await;
    office.bench.tick().await;

    let open = office.read(&office.manager).await;
    let book = open.book.clone().unwrap();
    assert!(book.over && book.may_close && book.closed.is_none() && book.warnings.is_empty());
    let asked = office
        .deed_in(&office.manager, &TODAY.strftime("%Y-%m").to_string(), CLOSE)
        .await;
    assert_eq!(
        refused(asked),
        (RefusalKind::Invalid, "/month".into(), "not_over".into())
    );
    assert_eq!(
        refused(office.deed(&office.clerk, CLOSE).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(
        refused(office.deed(&office.manager, correct("早い")).await).0,
        RefusalKind::WrongState
    );

    let closed = office.deed(&office.manager, CLOSE).await.unwrap();
    assert_eq!(closed.sheet, open.sheet, "closing changes no number");
    assert_eq!(
        refused(office.deed(&office.manager, CLOSE).await).0,
        RefusalKind::WrongState
    );

    // What comes later changes no closed figure.
    office.file("b", "北", "2026-10-30").await;
    office.cancel(&first).await;
    office.bench.tick().await;
    let after = office.read(&office.manager).await;
    assert_eq!(after.sheet, closed.sheet);
    assert_eq!(rows(&after), [row("甲", 2), row("乙", 1)]);
    let book = after.book.unwrap().closed.unwrap();
    assert_eq!((&*book.by, &*book.on), ("manager", &*TODAY.to_string()));
    let moved = [("甲".to_owned(), 2, 1), ("乙".to_owned(), 1, 2)];
    assert_eq!(changes(&book.since), moved);

    // One office reads its own part of the closed month.
    let own = office.read(&office.clerk).await;
    assert_eq!(rows(&own), [row("甲", 1), row("乙", 1)]);
    assert!(!own.book.unwrap().may_close);

    let empty = office.deed(&office.manager, correct(" ")).await;
    assert_eq!(
        refused(empty),
        (RefusalKind::Invalid, "/reason".into(), "required".into())
    );
    let corrected = office
        .deed(&office.manager, correct("取消しと遅れた届出"))
        .await
        .unwrap();
    assert_eq!(corrected.sheet, closed.sheet, "the closed figures stay");
    let book = corrected.book.unwrap().closed.unwrap();
    assert!(book.since.is_empty());
    assert_eq!(book.corrections.len(), 1);
    assert_eq!(book.corrections[0].reason, "取消しと遅れた届出");
    assert_eq!(changes(&book.corrections[0].changes), moved);
    let sum: i64 = book
        .corrected
        .unwrap()
        .totals
        .iter()
        .map(|n| i64::try_from(n.unwrap()).unwrap())
        .sum();
    assert_eq!(sum, 3);
    let same = office.deed(&office.manager, correct("もう一度")).await;
    assert_eq!(
        refused(same),
        (RefusalKind::Invalid, "/month".into(), "same".into())
    );

    // Opened again only with a reason, and closed anew by a record of its own.
    let empty = office.deed(&office.manager, reopen("")).await;
    assert_eq!(
        refused(empty),
        (RefusalKind::Invalid, "/reason".into(), "required".into())
    );
    let again = office
        .deed(&office.manager, reopen("様式の誤り"))
        .await
        .unwrap();
    assert_eq!(rows(&again), [row("甲", 1), row("乙", 2)]);
    let told = again.book.unwrap().reopened.unwrap();
    assert_eq!((&*told.0, &*told.2), ("manager", "様式の誤り"));
    let closed = office.deed(&office.manager, CLOSE).await.unwrap();
    assert_eq!(rows(&closed), [row("甲", 1), row("乙", 2)]);
    assert!(closed.book.unwrap().closed.unwrap().corrections.is_empty());

    let journal = office.bench.journal().await;
    let acts = journal
        .iter()
        .filter(|one| one.event.header.service == "closings");
    let acts: Vec<_> = acts.map(|one| &one.event.header).collect();
    let names: Vec<&str> = acts.iter().map(|header| &*header.action).collect();
    assert_eq!(names, ["close", "correct", "reopen", "close"]);
    assert!(
        acts.iter()
            .all(|header| header.actor == office.manager.account)
    );
}

#[tokio::test]
async fn what_is_stuck_and_money_that_does_not_agree_is_told_first() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    office.file("a", "北", "2026-10-05").await;
    let store = &office.bench.store;
    let now = office.bench.engine.now();
    for row in store
        .outbox(kernel::port::Lane::Inside, now, 10)
        .await
        .unwrap()
    {
        store
            .effect_failed(row.entry.id, "つながらない", Some(now))
            .await
            .unwrap();
    }
    let day = json!({"settled_on": "2026-10-07", "gateway_name": "見本", "difference": -300});
    let compared = opening(&Actor::system(), "treasury", "day", "compare", day);
    done(office.bench.engine.perform(compared).await);
    let other = json!({"settled_on": "2026-09-07", "gateway_name": "見本", "difference": -300});
    let compared = opening(&Actor::system(), "treasury", "day", "compare", other);
    done(office.bench.engine.perform(compared).await);

    let warnings = office.read(&office.manager).await.book.unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].contains("1件") && warnings[1].contains("（7日）"),
        "{warnings:?}"
    );
    assert!(
        office
            .read(&office.clerk)
            .await
            .book
            .unwrap()
            .warnings
            .is_empty()
    );
    let unread = office.deed(&office.manager, CLOSE).await;
    assert_eq!(
        refused(unread),
        (
            RefusalKind::Invalid,
            "/acknowledged".into(),
            "warning".into()
        )
    );
    let read = MonthDeed::Close { acknowledged: true };
    let closed = office.deed(&office.manager, read).await.unwrap();
    let warned = closed.book.unwrap().closed.unwrap().warned.unwrap();
    assert!(warned.contains("1件") && warned.contains("7日"), "{warned}");
}

#[tokio::test]
async fn an_office_hears_of_its_own_money_only() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    office.file("a", "北", "2026-10-05").await;
    office.bench.tick().await;
    for (day, service, place, unequal) in [
        ("2026-10-07", "締めの試し", "北", 1),
        ("2026-10-08", "締めの試し", "南", 1),
        ("2026-10-09", "収納と突合", "出納の担当", 1),
        ("2026-10-10", "わからないもの", "", 1),
        ("2026-10-11", "締めの試し", "北", 0),
    ] {
        let agreed =
            json!({"service": "締めの試し", "office": "西", "difference": 0, "unequal": 0});
        let one = json!({"service": service, "office": place, "difference": 0, "unequal": unequal});
        let day = json!({"settled_on": day, "gateway_name": "見本", "difference": 0, "offices": [one, agreed]});
        let compared = opening(&Actor::system(), "treasury", "day", "compare", day);
        done(office.bench.engine.perform(compared).await);
    }
    let told = async |actor: &Actor, view: &str, place: Option<&str>| {
        let read = office.read_in(actor, view, MONTH, place).await.unwrap();
        read.book.unwrap().warnings
    };
    let all = told(&office.manager, "monthly", None).await;
    assert!(
        all[0].contains("明細と収納が") && all[0].contains("（7日、8日、10日）"),
        "{all:?}"
    );
    let north = told(&office.clerk, "each", None).await;
    assert!(
        north[0].contains("明細と北の収納が") && north[0].contains("（7日、10日）"),
        "{north:?}"
    );
    let west = told(&office.manager, "each", Some("西")).await;
    assert!(west[0].contains("（10日）"), "{west:?}");
}

#[tokio::test]
async fn a_repeated_request_closes_once() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    office.file("a", "北", "2026-10-05").await;
    office.bench.tick().await;
    let at = MonthPlace {
        service: "closing",
        record_type: "note",
        view: "monthly",
        month: MONTH,
        office: None,
    };
    let key = |request: &str| {
        Some(IdempotencyKey {
            key: "k".into(),
            request: request.into(),
        })
    };
    let engine = &office.bench.engine;
    for _ in 0..2 {
        let closed = engine
            .month_deed(&office.manager, at, CLOSE, key("x"))
            .await
            .unwrap();
        assert!(closed.book.unwrap().closed.is_some());
    }
    let other = engine
        .month_deed(&office.manager, at, reopen("別"), key("y"))
        .await;
    assert_eq!(refused(other).1, "/headers/Idempotency-Key");
    let journal = office.bench.journal().await;
    let closings = journal
        .iter()
        .filter(|one| one.event.header.service == "closings");
    assert_eq!(closings.count(), 1);
}

#[tokio::test]
async fn a_quarter_and_a_year_are_closed_like_a_month() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    office.file("a", "北", "2026-07-05").await;
    let august = office.file("a", "南", "2026-08-31").await;
    office.file("b", "北", "2026-09-30").await;
    office.file("b", "北", "2026-10-01").await;
    office.file("a", "北", "2026-03-31").await;
    office.bench.tick().await;
    let manager = &office.manager;
    let read = async |period: &str| office.read_in(manager, "monthly", period, None).await;
    let sum = |found: &NumbersView| -> i64 { rows(found).iter().map(|(_, n)| n).sum() };
    for (period, wanted) in [("FY2026Q2", 3), ("FY2026", 4), ("FY2025Q4", 1), ("2026", 5)] {
        assert_eq!(sum(&read(period).await.unwrap()), wanted, "{period}");
    }
    for nonsense in ["FY2026Q9", "七月", "2026-13"] {
        assert_eq!(refused(read(nonsense).await).0, RefusalKind::NotFound);
    }
    let offered = read(MONTH).await.unwrap().months;
    for period in [MONTH, "FY2026Q2", "FY2026", "FY2025", "2026"] {
        assert!(
            offered.contains(&period.to_owned()),
            "{period}: {offered:?}"
        );
    }

    // A fiscal year that still runs is not closed; one whose months are open says so first.
    let year = office.deed_in(manager, "FY2026", CLOSE).await;
    assert_eq!(refused(year).2, "not_over");
    let warned = refused(office.deed_in(manager, "FY2026Q2", CLOSE).await);
    assert_eq!(warned.1, "/acknowledged");
    for month in ["2026-07", "2026-08", "2026-09"] {
        office.deed_in(manager, month, CLOSE).await.unwrap();
    }
    office.cancel(&august).await;
    office.bench.tick().await;
    let warnings = read("FY2026Q2").await.unwrap().book.unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("（8月）"), "{warnings:?}");
    let corrected = office.deed_in(manager, "2026-08", correct("取消し")).await;
    assert!(corrected.is_ok());
    let closed = office.deed_in(manager, "FY2026Q2", CLOSE).await.unwrap();
    assert_eq!(rows(&closed), [row("甲", 1), row("乙", 1)]);
    office.file("a", "北", "2026-07-30").await;
    office.bench.tick().await;
    let after = read("FY2026Q2").await.unwrap();
    assert_eq!(after.sheet, closed.sheet);
    assert_eq!(
        changes(&after.book.unwrap().closed.unwrap().since),
        [("甲".to_owned(), 1, 2)]
    );
}

#[tokio::test]
async fn each_office_closes_its_own_figures() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::new(dir.path()).await;
    let south = office
        .bench
        .person("south", vec![seat("clerk", Some("南"))])
        .await;
    office.file("a", "北", "2026-10-05").await;
    office.file("b", "北", "2026-10-06").await;
    office.file("a", "南", "2026-10-07").await;
    office.bench.tick().await;
    let (clerk, manager) = (&office.clerk, &office.manager);
    let each = |place| ("each", MONTH, place);

    // Another's office is not there, neither to read nor to close; all of them together are nobody's to close.
    let other = office.read_in(clerk, "each", MONTH, Some("南")).await;
    assert_eq!(refused(other).0, RefusalKind::NotFound);
    let other = office.deed_at(clerk, each(Some("南")), CLOSE).await;
    assert_eq!(refused(other).0, RefusalKind::NotFound);
    let whole = office.deed_at(manager, each(None), CLOSE).await;
    assert_eq!(refused(whole).0, RefusalKind::NotFound);

    let closed = office.deed_at(clerk, each(None), CLOSE).await.unwrap();
    assert_eq!(closed.book.as_ref().unwrap().office.as_deref(), Some("北"));
    assert_eq!(rows(&closed), [row("甲", 1), row("乙", 1)]);
    let own = office.read_in(&south, "each", MONTH, None).await.unwrap();
    assert!(
        own.book.as_ref().unwrap().closed.is_none(),
        "the south has not closed"
    );
    assert_eq!(rows(&own), [row("甲", 1)]);

    // Together: the north as it was closed, the south as it is now.
    office.file("b", "北", "2026-10-30").await;
    office.file("b", "南", "2026-10-30").await;
    office.bench.tick().await;
    let all = office.read_in(manager, "each", MONTH, None).await.unwrap();
    assert_eq!(rows(&all), [row("甲", 2), row("乙", 2)]);
    assert_eq!(all.offices, ["北", "南"]);
    let book = all.book.unwrap();
    let stands: Vec<(&str, bool)> = book
        .offices
        .iter()
        .map(|one| (&*one.office, one.closed.is_some()))
        .collect();
    assert_eq!(stands, [("北", true), ("南", false)]);
    assert!(!book.may_close && !book.may_reopen);

    // Who sees all closes for an office, and opens it again; its own clerk may not open it.
    let asked = office.deed_at(clerk, each(None), reopen("誤り")).await;
    assert_eq!(refused(asked).0, RefusalKind::NotFound);
    let opened = office
        .deed_at(manager, each(Some("北")), reopen("誤り"))
        .await
        .unwrap();
    assert_eq!(rows(&opened), [row("甲", 1), row("乙", 2)]);
    assert_eq!(opened.offices, ["北", "南"]);
    let south = office
        .deed_at(manager, each(Some("南")), CLOSE)
        .await
        .unwrap();
    assert_eq!(south.book.unwrap().closed.unwrap().by, "manager");
}
