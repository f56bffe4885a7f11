//! A realistic record: 15 fields, 4 scopes, 3 indexes, about 60 search terms, a timer, an effect.

use feel::Value;
use japanese::fold::search_key;
use jiff::{Timestamp, civil::Date};
use kernel::port::{Commit, Prepared};
use kernel::{
    ActId, Body, Derived, EffectId, EffectOrder, Entry, Event, Expect, Header, MessageTo,
    OutboxEntry, PartyId, PartyRef, Patch, RecordId, Timer, key,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) const SERVICE: &str = "sample-lending";
pub(crate) const KIND: &str = "application";
pub(crate) const STATES: [&str; 5] = ["submitted", "returned", "fee_due", "site_check", "closed"];

const FIRST: &str = "柴青赤白黒金銀上下東西南北中大小高新古松竹梅桜柳杉森林山川谷";
const SECOND: &str = "崎木羽山川田村町野原谷沢島浜橋宮井坂台丘池淵瀬戸岡塚森江本";
const GIVEN: &str = "太一花子美咲健翔結衣陽菜蓮葵悠真大和凛咲良樹直人恵介";
const GOODS: [&str; 12] = [
    "児童書",
    "写真集",
    "地図帳",
    "楽譜",
    "雑誌",
    "画集",
    "古文書",
    "絵本",
    "辞典",
    "新聞",
    "論文集",
    "録音",
];

/// Chooses as if at random, always alike for one number.
pub(crate) fn mix(number: u64, salt: u64) -> u64 {
    let mut z = number
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(salt.wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn of<T: Copy>(all: &[T], number: u64) -> T {
    all[usize::try_from(number % all.len() as u64).unwrap_or(0)]
}

fn character(of: &str, number: u64) -> char {
    let count = of.chars().count() as u64;
    of.chars()
        .nth(usize::try_from(number % count).unwrap_or(0))
        .unwrap_or('山')
}

fn pair(first: &str, second: &str, number: u64) -> String {
    [character(first, number), character(second, number >> 20)]
        .iter()
        .collect()
}

/// A town: one of about 900.
pub(crate) fn town(number: u64) -> String {
    pair(FIRST, SECOND, mix(number, 1))
}

/// The id of a record by its number.
pub(crate) fn record(number: u64) -> RecordId {
    RecordId(uuid(number, 1))
}

fn uuid(number: u64, salt: u64) -> Uuid {
    let head = u128::from(0x0197_0000_0000_u64 + number) << 80 | 0x7000_u128 << 64;
    Uuid::from_u128(head | 0x8000_0000_0000_0000 | u128::from(mix(number, salt) >> 2))
}

/// Who sees a record.
pub(crate) fn scopes(number: u64) -> [String; 4] {
    [
        "all".into(),
        format!("office:{}", mix(number, 2) % 20),
        format!("municipality:{}", mix(number, 3) % 62),
        format!("party:{}", mix(number, 4) % (number / 5 + 1)),
    ]
}

fn day(number: u64) -> Date {
    let days = i64::try_from(mix(number, 5) % 1_000).unwrap_or(0);
    jiff::civil::date(2024, 1, 1).saturating_add(jiff::Span::new().days(days))
}

fn fields(number: u64) -> Vec<(&'static str, Json)> {
    let m = |salt| mix(number, salt);
    vec![
        (
            "name",
            json!(format!(
                "{}{}",
                pair(FIRST, SECOND, m(6)),
                pair(GIVEN, GIVEN, m(7))
            )),
        ),
        ("kana", json!("ミホン タロウ")),
        ("postal_code", json!(format!("{:07}", m(8) % 10_000_000))),
        ("municipality", json!(format!("{}", 13_100 + m(3) % 62))),
        (
            "address",
            json!(format!(
                "{}町{}丁目{}番{}号",
                town(number),
                m(9) % 9 + 1,
                m(10) % 40 + 1,
                m(11) % 20 + 1
            )),
        ),
        (
            "shop",
            json!(format!(
                "{}{}書房",
                pair(FIRST, SECOND, m(12)),
                of(&GOODS, m(13))
            )),
        ),
        (
            "phone",
            json!(format!("042-{:03}-{:04}", m(14) % 1_000, m(15) % 10_000)),
        ),
        ("goods", json!(of(&GOODS, m(13)))),
        ("copies", json!(m(16) % 500)),
        ("fee", json!(m(17) % 90 * 100)),
        ("from", json!(day(number).to_string())),
        ("kind", json!(of(&["new", "renewal", "conversion"], m(18)))),
        ("water", json!("public")),
        (
            "remarks",
            json!(format!(
                "{}の展示のため、{}を借り受けたい。",
                town(m(19)),
                of(&GOODS, m(20))
            )),
        ),
        ("agreed", json!(true)),
    ]
}

fn text(value: &str) -> Vec<u8> {
    key::encode(&Value::text(value))
}

fn derived(number: u64, fields: &[(&str, Json)], serial: &str) -> Derived {
    let words: Vec<&str> = fields
        .iter()
        .filter(|(name, _)| ["name", "kana", "address", "shop", "goods", "remarks"].contains(name))
        .filter_map(|(_, value)| value.as_str())
        .collect();
    let day = day(number);
    let entry = |index: &str, keys: Vec<Vec<u8>>| Entry {
        index: index.into(),
        keys,
    };
    Derived {
        scopes: scopes(number).into(),
        entries: vec![
            entry(
                "by_day",
                vec![text(state(number)), key::encode(&Value::Date(day))],
            ),
            entry(
                "by_goods",
                vec![
                    text(of(&GOODS, mix(number, 13))),
                    key::encode(&Value::from(mix(number, 17) % 90 * 100)),
                    key::encode(&Value::Date(day)),
                ],
            ),
            entry("by_number", vec![text(serial)]),
        ],
        search: search_key(&format!("{serial} {}", words.join(" "))),
        unique: Vec::new(),
        timers: vec![Timer {
            clock: "standard".into(),
            what: "due".into(),
            on: day.saturating_add(jiff::Span::new().days(30)),
        }],
    }
}

fn state(number: u64) -> &'static str {
    of(&STATES, mix(number, 21))
}

/// The opening of record `number`.
pub(crate) fn commit(number: u64) -> anyhow::Result<Commit> {
    let (id, act) = (record(number), ActId(uuid(number, 30)));
    let at = Timestamp::from_second(1_790_000_000 + i64::try_from(number)?)?;
    let serial = format!("貸-2026-{number:07}");
    let fields = fields(number);
    let derived = derived(number, &fields, &serial);
    let mut patches: Vec<Patch> = fields
        .into_iter()
        .map(|(name, value)| Patch::Field {
            id: name.into(),
            value,
        })
        .collect();
    let party = PartyRef {
        role: "applicant".into(),
        id: PartyId(uuid(mix(number, 4), 31)),
        kind: "person".into(),
        name: "見本 太郎".into(),
        counter: false,
    };
    patches.push(Patch::State(state(number).into()));
    patches.push(Patch::Number(serial));
    patches.push(Patch::Place {
        authority: Some("13000".into()),
        office: Some(scopes(number)[1].clone()),
        municipality: Some("13202".into()),
    });
    patches.push(Patch::Party(party));
    let header = Header {
        record: id,
        service: SERVICE.into(),
        record_type: KIND.into(),
        seq: 1,
        act,
        action: "submit".into(),
        recorded_at: at,
        occurred_at: at,
        effective_on: day(number),
        actor: None,
        on_behalf_of: None,
        acted_as: "applicant".into(),
        seat_office: None,
        definition: "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8".into(),
    };
    let event = Event {
        header,
        body: Body {
            actor_name: "見本 太郎".into(),
            run: None,
            purpose: None,
            patches,
            note: None,
            postings: None,
        },
    };
    let snapshot = kernel::evolve(None, &event)?;
    let order = EffectOrder::Notify {
        record: id,
        service: SERVICE.into(),
        record_type: KIND.into(),
        to: MessageTo::Desk {
            office: scopes(number)[1].clone(),
            role: Some("examiner".into()),
        },
        message: "arrived".into(),
        subject: "申込みが届きました".into(),
        body: "内容を確かめて、審査を始めてください。".into(),
        others: BTreeMap::new(),
        reach: kernel::Reach::default(),
    };
    let prepared = Prepared {
        events: vec![event],
        records: vec![(snapshot, derived)],
        postings: vec![],
        effects: vec![OutboxEntry {
            id: EffectId(uuid(number, 32)),
            order,
        }],
        attachments: vec![],
        idempotency: None,
    };
    Ok(Commit {
        expects: vec![Expect {
            record: id,
            version: 0,
        }],
        draws: vec![],
        finish: Box::new(move |_| prepared),
    })
}
