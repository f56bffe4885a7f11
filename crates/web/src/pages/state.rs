//! How the platform is: what waits, what it is asked, disk, memory, evidence, copy, versions. For administrators.

use super::contact;
use super::error::PageError;
use super::layout::{Chrome, ok};
use super::show::instant;
use super::visitor::Visitor;
use crate::gate::Class;
use crate::{Disk, Face, Vitals};
use askama::Template;
use axum::response::Response;
use engine::Pulse;
use jiff::Timestamp;
use kernel::mailroom::Channel;

/// Something that waits.
struct Waits {
    what: String,
    many: u64,
    since: String,
    /// Whether it has waited longer than it should.
    is_late: bool,
}

/// One class of requests.
struct Crowd {
    title: String,
    waiting: usize,
    entered: u64,
    refused: u64,
}

struct Fact {
    title: String,
    value: String,
    is_bad: bool,
}

struct Statement {
    text: String,
    times: u64,
    total: String,
    longest: String,
}

struct Package {
    title: String,
    hash: String,
}

#[derive(Template)]
#[template(path = "state.html")]
struct Page {
    c: Chrome,
    health: Option<String>,
    at: String,
    facts: Vec<Fact>,
    waits: Vec<Waits>,
    crowd: Vec<Crowd>,
    under_way: usize,
    places: usize,
    numbers: Vec<Fact>,
    slow: Vec<Statement>,
    packages: Vec<Package>,
}

pub(super) async fn get(visitor: Visitor) -> Result<Response, PageError> {
    visitor.operates()?;
    let app = &visitor.app;
    let (now, vitals) = (app.engine.now(), (app.vitals)());
    // While the store is away there is nothing to count; the rest is still shown.
    let pulse = app.engine.pulse().await.ok();
    let gates: Vec<_> = app
        .gates
        .lock()
        .iter()
        .map(|(_, gate)| gate.under_way())
        .collect();
    let under_way = gates.iter().map(|(under_way, _)| under_way).sum();
    let places = gates.iter().map(|(_, places)| places).sum();
    Ok(ok(&Page {
        c: visitor.chrome("運用の状況"),
        health: app.engine.health(),
        at: instant(now),
        facts: facts(&visitor, &vitals, pulse.as_ref(), now),
        waits: pulse
            .as_ref()
            .map(|pulse| waits(pulse, now))
            .unwrap_or_default(),
        crowd: crowd(&visitor),
        under_way,
        places,
        numbers: numbers(&vitals),
        slow: slow(&vitals),
        packages: packages(&visitor),
    }))
}

fn facts(visitor: &Visitor, vitals: &Vitals, pulse: Option<&Pulse>, now: Timestamp) -> Vec<Fact> {
    let mut facts = vec![fact(
        "版",
        format!("つむぎ {}（{}）", vitals.version, vitals.store),
        false,
    )];
    if let Some(started) = vitals.started {
        facts.push(fact("動き始めた時", instant(started), false));
    }
    facts.extend(
        vitals
            .disks
            .iter()
            .map(|disk| fact("ディスクの空き", room(disk), disk.is_short())),
    );
    if let Some(bytes) = vitals.memory_bytes {
        facts.push(fact("メモリ", size(bytes), false));
    }
    facts.push(match pulse.and_then(|pulse| pulse.log) {
        None => fact("証拠の台帳", "まだありません".into(), false),
        Some(log) => {
            let text = format!("{}件まで署名済み（{}）", log.size, instant(log.signed_at));
            fact("証拠の台帳", text, log.is_behind(now))
        }
    });
    let copying = visitor.app.engine.copying();
    let lacks_numbers = copying.as_ref().is_some_and(|one| one.lacks_numbers);
    facts.push(match copying {
        None => fact("データの写し", "この機械では取っていません".into(), false),
        Some(copying) => {
            let at = copying.at.map_or_else(|| "まだありません".into(), instant);
            fact(
                "データの写し",
                format!("{at}まで（{}）", copying.to),
                copying.is_behind(now),
            )
        }
    });
    facts.extend(lacks_numbers.then(|| {
        let text = "写されません。docs/operate/backup.md のとおり別に写してください。";
        fact("個人番号の保管庫の写し", text.into(), false)
    }));
    facts.extend(pulse.and_then(scanning));
    let silent = pulse.map(|pulse| {
        pulse
            .silent
            .iter()
            .map(|name| provider(name))
            .collect::<Vec<_>>()
    });
    let silent = silent.filter(|silent| !silent.is_empty());
    facts.extend(silent.map(|silent| fact("答えない相手", silent.join("、"), true)));
    facts
}

/// What of the files that were sent is held; nothing where none is and nobody looks.
fn scanning(pulse: &Pulse) -> Option<Fact> {
    let held = pulse.held;
    let value = match (pulse.scans, held.waiting + held.refused) {
        (false, 0) => return None,
        (true, 0) => "すべて確認済み".into(),
        _ => format!("確認待ち {}件、問題あり {}件", held.waiting, held.refused),
    };
    let value = match pulse.scans {
        true => value,
        false => format!("{value}（--scan がないため、確認が進みません）"),
    };
    Some(fact("送られたファイルの確認", value, held.waiting > 0))
}

fn fact(title: &str, value: String, is_bad: bool) -> Fact {
    Fact {
        title: title.into(),
        value,
        is_bad,
    }
}

fn provider(name: &str) -> String {
    let channel = Channel::parse(name).map(|channel| contact::title(channel).to_owned());
    channel.unwrap_or_else(|| "納付の代行会社".into())
}

fn waits(pulse: &Pulse, now: Timestamp) -> Vec<Waits> {
    const LATE_SECONDS: i64 = 300;
    let late = |since: Timestamp| now.as_second() - since.as_second() > LATE_SECONDS;
    let row = |what: String, (many, since): (u64, Timestamp)| Waits {
        what,
        many,
        since: instant(since),
        is_late: late(since),
    };
    let effects = pulse
        .effects
        .iter()
        .map(|(kind, waits)| row(effect(kind).into(), *waits));
    let deliveries = pulse.deliveries.iter();
    let deliveries = deliveries
        .map(|(channel, waits)| row(format!("{}で送るもの", contact::title(*channel)), *waits));
    let mut all: Vec<Waits> = effects.chain(deliveries).collect();
    for (what, many) in [
        ("期限を過ぎた時計", pulse.late_timers),
        ("途中の一括処理", pulse.open_runs),
    ] {
        if many > 0 {
            let is_late = what == "期限を過ぎた時計";
            all.push(Waits {
                what: what.into(),
                many,
                since: String::new(),
                is_late,
            });
        }
    }
    all
}

fn effect(kind: &str) -> &'static str {
    match kind {
        "notify" => "お知らせ",
        "consent" => "同意の記録",
        "issue" => "文書",
        "charge" => "電子納付の準備",
        "refund" => "返金の依頼",
        "recall" => "電子納付の取りやめ",
        _ => "前の版からのもの",
    }
}

fn crowd(visitor: &Visitor) -> Vec<Crowd> {
    let title = |class| match class {
        Class::Vital => "監視・画面の部品",
        Class::Official => "職員",
        Class::Act => "送る人",
        Class::Read => "見る人",
        Class::Files => "ファイル・文書",
        Class::Password => "ログイン",
    };
    let gates = visitor.app.gates.lock().clone();
    let of_face = |face: Face, class| match face.title() {
        Some(face) => format!("{face}：{}", title(class)),
        None => title(class).to_owned(),
    };
    let passed = gates
        .iter()
        .flat_map(|(face, gate)| gate.passed().into_iter().map(|passed| (*face, passed)));
    passed
        .map(|(face, one)| Crowd {
            title: of_face(face, one.class),
            waiting: one.waiting,
            entered: one.entered,
            refused: one.refused,
        })
        .collect()
}

fn numbers(vitals: &Vitals) -> Vec<Fact> {
    let mut numbers: Vec<Fact> = vitals
        .numbers
        .iter()
        .map(|number| fact(number.title, number.value.to_string(), false))
        .collect();
    for (title, name) in [
        ("1回の確定に入った操作", "tsumugi_store_group_size"),
        ("1回の確定の時間", "tsumugi_store_group_seconds"),
    ] {
        let found = vitals
            .spreads
            .iter()
            .find(|spread| spread.name == name && spread.count > 0);
        numbers.extend(found.map(|spread| {
            let mean = spread.sum / spread.count as f64;
            let text = match name.ends_with("seconds") {
                true => format!("平均 {:.1} ミリ秒", mean * 1e3),
                false => format!("平均 {mean:.1}"),
            };
            fact(title, text, false)
        }));
    }
    numbers
}

fn slow(vitals: &Vitals) -> Vec<Statement> {
    const SHOWN: usize = 20;
    let statements = vitals.slow.iter().take(SHOWN);
    statements
        .map(|one| Statement {
            text: one
                .statement
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            times: one.times,
            total: format!("{:.1}秒", one.total.as_secs_f64()),
            longest: format!("{:.2}秒", one.longest.as_secs_f64()),
        })
        .collect()
}

fn packages(visitor: &Visitor) -> Vec<Package> {
    let catalogue = visitor.app.engine.catalogue();
    let running = catalogue
        .services
        .values()
        .filter(|service| !service.types.is_empty());
    running
        .map(|service| Package {
            title: service.title.clone(),
            hash: service.hash.chars().take(12).collect(),
        })
        .collect()
}

fn room(disk: &Disk) -> String {
    format!(
        "{}（全体 {}）",
        size(disk.free_bytes),
        size(disk.total_bytes)
    )
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        0..1_073_741_824 => format!("{} MB", bytes / MIB),
        _ => format!("{:.1} GB", bytes as f64 / (1024 * MIB) as f64),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Site;

    #[tokio::test]
    async fn an_administrator_sees_how_it_is_and_nobody_else() {
        let site = Site::new().await;
        let page = |login: &str| {
            let client = site.person(login);
            async move {
                client
                    .raw(
                        "GET",
                        "/admin/state",
                        &[("accept", "text/html")],
                        Vec::new(),
                    )
                    .await
            }
        };
        let seen = page("administrator").await;
        let text = String::from_utf8(seen.body).unwrap();
        assert_eq!(seen.status, 200, "{text}");
        for part in [
            "運用の状況",
            "証拠の台帳",
            "データの写し",
            "職員",
            "見本の手続き",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(page("examiner").await.status, 404);
        assert_eq!(page("owner").await.status, 404);
    }
}
