//! Who may do and see what: the matrix of every running service stands in `tests/golden/authority/` (`UPDATE=1` writes
//! it anew), and the engine does what it says, for every person on every record of the demo.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;
mod opened;

use common::{Bench, acting, catalogue, done, opening, packages, seat};
use definition::model::{RecordType, Service, Status};
use definition::{Catalogue, Source};
use engine::Failure;
use kernel::port::Store;
use kernel::{Actor, RecordId, RefusalKind, Seat, Snapshot};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/authority")
}

fn running(catalogue: &Catalogue) -> Vec<Arc<Service>> {
    catalogue
        .services
        .values()
        .filter(|s| s.status == Status::Running)
        .cloned()
        .collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "UPDATE=1 is how golden files are written anew"
)]
fn the_matrix_of_every_running_service_stands_in_its_golden_file() {
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let mut names = BTreeSet::new();
    for service in running(&catalogue()) {
        let file = golden().join(format!("{}.txt", service.slug));
        names.insert(file.clone());
        let matrix = kernel::authority_matrix(&service);
        if update {
            std::fs::create_dir_all(golden()).unwrap();
            std::fs::write(&file, &matrix).unwrap();
        }
        let stands = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            stands == matrix,
            "{} differs: look at the change of who may do what, then run with UPDATE=1\n{}",
            file.display(),
            difference(&stands, &matrix)
        );
    }
    assert!(!names.is_empty());
    for entry in std::fs::read_dir(golden()).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            names.contains(&path),
            "{} belongs to no running service",
            path.display()
        );
    }
}

fn difference(old: &str, new: &str) -> String {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.lines().collect(), new.lines().collect());
    let gone = old.difference(&new).map(|line| format!("- {line}"));
    gone.chain(new.difference(&old).map(|line| format!("+ {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A line of the matrix.
struct Line {
    who: String,
    record_type: String,
    says: Says,
}

enum Says {
    Do {
        action: String,
        opens: bool,
        from: Vec<String>,
        route: bool,
    },
    See {
        scope: String,
        states: Option<Vec<String>>,
        fields: String,
        names: bool,
    },
    Glass {
        fields: String,
    },
    Invite {
        role: String,
        from: Vec<String>,
    },
    Number {
        field: String,
        purposes: Vec<String>,
    },
}

/// Reads a matrix as a person would: nothing here calls the kernel's own rules.
fn read(matrix: &str) -> Vec<Line> {
    matrix
        .lines()
        .map(|line| line_of(line).unwrap_or_else(|| panic!("cannot read: {line}")))
        .collect()
}

fn line_of(line: &str) -> Option<Line> {
    let mut words = line.split(' ');
    let (_, who, record_type, verb) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let first = words.next()?.to_owned();
    let rest: Vec<&str> = words.collect();
    let after = |name: &str| rest.iter().find_map(|word| word.strip_prefix(name));
    let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let says = match verb {
        "do" => Says::Do {
            action: first,
            opens: rest.contains(&"opens"),
            from: names(after("from=")?),
            route: after("route=").is_some(),
        },
        "see" => Says::See {
            scope: first,
            states: after("states=").filter(|text| *text != "*").map(names),
            fields: after("fields=")?.to_owned(),
            names: after("names=")? == "yes",
        },
        "break-glass" => Says::Glass {
            fields: after("fields=")?.to_owned(),
        },
        "open-number" => Says::Number {
            field: first,
            purposes: names(after("for=")?),
        },
        "invite" => Says::Invite {
            role: first,
            from: names(after("from=")?),
        },
        _ => return None,
    };
    Some(Line {
        who: who.to_owned(),
        record_type: record_type.to_owned(),
        says,
    })
}

fn seat_reaches(seat: &Seat, scope: &str, snapshot: &Snapshot) -> bool {
    match scope {
        "all" => true,
        "office" => seat.office.is_some() && seat.office == snapshot.office,
        "municipality" => seat.municipality.is_some() && seat.municipality == snapshot.municipality,
        "authority" => seat.authority.is_some() && seat.authority == snapshot.authority,
        _ => false,
    }
}

fn is_party(actor: &Actor, role: &str, snapshot: &Snapshot) -> bool {
    snapshot
        .parties
        .iter()
        .any(|party| party.role == role && Some(party.id) == actor.acting_party())
}

/// Whether a see line opens the record to the actor; with a seat, to that seat alone.
fn line_opens(line: &Line, actor: &Actor, seat: Option<&Seat>, snapshot: &Snapshot) -> bool {
    let Says::See { scope, states, .. } = &line.says else {
        return false;
    };
    if line.record_type != snapshot.record_type
        || states
            .as_ref()
            .is_some_and(|states| !states.contains(&snapshot.state))
    {
        return false;
    }
    let seats: Vec<&Seat> = seat.map_or_else(|| actor.seats.iter().collect(), |one| vec![one]);
    match line.who.as_str() {
        "public" => scope == "all" || seats.iter().any(|seat| seat_reaches(seat, scope, snapshot)),
        "signed_in" => {
            actor.account.is_some()
                && (scope == "all" || seats.iter().any(|seat| seat_reaches(seat, scope, snapshot)))
        }
        "system" => false,
        who => match who.strip_prefix("desk.") {
            Some(role) => seats
                .iter()
                .any(|seat| seat.role == role && seat_reaches(seat, scope, snapshot)),
            None => {
                seat.is_none()
                    && if scope == "own" {
                        is_party(actor, who, snapshot)
                    } else {
                        actor.acting_party().is_some()
                    }
            }
        },
    }
}

fn sees(lines: &[Line], actor: &Actor, snapshot: &Snapshot) -> bool {
    lines
        .iter()
        .any(|line| line_opens(line, actor, None, snapshot))
}

/// Whether a line shows a field.
fn line_shows(line: &Line, field: &str) -> bool {
    let (Says::See { fields, .. } | Says::Glass { fields }) = &line.says else {
        return false;
    };
    let among = |names: &str| names.split(',').any(|name| name == field);
    match fields.strip_prefix('-') {
        Some(hidden) if !hidden.is_empty() => !among(hidden),
        _ => fields == "*" || among(fields),
    }
}

/// What is shown of a record is what the lines that open it say: these fields, and names or none.
async fn shows_what_is_said(
    bench: &Bench,
    lines: &[Line],
    actor: &Actor,
    snapshot: &Snapshot,
    view: &engine::RecordView,
    told: &str,
) {
    let open = |line: &&Line| line_opens(line, actor, None, snapshot);
    let open: Vec<&Line> = lines.iter().filter(open).collect();
    let shown = |field: &str| open.iter().any(|line| line_shows(line, field));
    let named = |line: &&Line| matches!(line.says, Says::See { names: true, .. });
    let names = open.iter().any(named);
    for (name, field) in &view.record_type.fields {
        let there = view.fields.contains_key(name);
        let kept = snapshot.fields.get(&field.id).is_some_and(|v| !v.is_null());
        let plain = kept && field.show_if.is_none();
        assert!(!there || shown(name), "{name} shows: {told}");
        assert!(there || !shown(name) || !plain, "{name} is hidden: {told}");
    }
    assert_eq!(
        !view.parties.is_empty(),
        names && !snapshot.parties.is_empty(),
        "parties: {told}"
    );
    let on = (snapshot.service.as_str(), snapshot.record_type.as_str());
    let history = bench.engine.history(actor, on.0, on.1, snapshot.id, 0, 50);
    for entry in history.await.ok().unwrap().items {
        assert_eq!(
            !entry.actor_name.is_empty(),
            names,
            "{}: {told}",
            entry.action
        );
        assert!(names || entry.note.is_none(), "{told}");
        for change in &entry.changes {
            assert!(shown(&change.field), "{} in history: {told}", change.field);
        }
    }
}

/// Whether a do line lets the actor act on the record in its state.
fn line_allows(lines: &[Line], line: &Line, actor: &Actor, snapshot: &Snapshot) -> bool {
    let Says::Do { from, .. } = &line.says else {
        return false;
    };
    if line.record_type != snapshot.record_type || !from.contains(&snapshot.state) {
        return false;
    }
    match line.who.as_str() {
        "public" => true,
        "signed_in" => actor.account.is_some(),
        "system" => false,
        who => match who.strip_prefix("desk.") {
            // An official acts on what the seat itself reaches.
            Some(role) => actor.seats.iter().any(|seat| {
                seat.role == role
                    && lines
                        .iter()
                        .any(|see| line_opens(see, actor, Some(seat), snapshot))
            }),
            None => is_party(actor, who, snapshot),
        },
    }
}

/// The roles into which the actor may invite somebody.
fn invites(lines: &[Line], actor: &Actor, snapshot: &Snapshot) -> BTreeSet<String> {
    let own = |line: &&Line| {
        line.record_type == snapshot.record_type && is_party(actor, &line.who, snapshot)
    };
    let role = |line: &Line| match &line.says {
        Says::Invite { role, from } if from.contains(&snapshot.state) => Some(role.clone()),
        _ => None,
    };
    lines.iter().filter(own).filter_map(role).collect()
}

/// Somebody who has accepted an invitation into every role that there is, each on a draft of the owner's.
async fn guest(bench: &Bench, owner: &Actor) -> Actor {
    let guest = bench.person("guest", Vec::new()).await;
    for service in running(&bench.engine.catalogue()) {
        for rt in service.types.values() {
            for rule in rt.parties.values().filter(|rule| rule.invited.is_some()) {
                let drafts = |action: &&definition::model::Action| {
                    action.opens && action.form == definition::model::Form::Any
                };
                // What is invited into without a draft is walked by its own scenarios.
                let Some(draft) = rt.actions.values().find(drafts) else {
                    continue;
                };
                let opened = opening(owner, &service.slug, &rt.name, &draft.name, json!({}));
                let made = bench
                    .engine
                    .invite(engine::InviteRequest {
                        actor: owner.clone(),
                        service: service.slug.clone(),
                        record_type: rt.name.clone(),
                        record: done(bench.engine.perform(opened).await).id,
                        role: Some(rule.role.clone()),
                        to: "だれか".into(),
                        mail: None,
                        secret: "secret".into(),
                        code: "123456".into(),
                        idempotency: None,
                    })
                    .await;
                let (path, code) = made.ok().and_then(|made| made.secrets).unwrap();
                let token = path.trim_start_matches("/invite/");
                let accepted = bench.engine.accept_invitation(&guest, token, &code, None);
                assert!(accepted.await.is_ok());
            }
        }
    }
    guest
}

struct Allowed {
    plain: BTreeSet<String>,
    routed: BTreeSet<String>,
}

fn allowed(lines: &[Line], actor: &Actor, snapshot: &Snapshot) -> Allowed {
    let mut found = Allowed {
        plain: BTreeSet::new(),
        routed: BTreeSet::new(),
    };
    for line in lines
        .iter()
        .filter(|line| line_allows(lines, line, actor, snapshot))
    {
        let Says::Do { action, route, .. } = &line.says else {
            continue;
        };
        if *route {
            found.routed.insert(action.clone())
        } else {
            found.plain.insert(action.clone())
        };
    }
    found
}

/// Everybody: citizens, each role at all offices, at the office of most records, and at another.
async fn people(bench: &Bench) -> Vec<Actor> {
    let mut people = vec![Actor::public()];
    for login in ["resident", "business", "other_business"] {
        people.push(bench.person(login, Vec::new()).await);
    }
    for role in roles(bench) {
        people.push(
            bench
                .person(&role, common::seats_at_all(bench, &role))
                .await,
        );
    }
    people
}

fn roles(bench: &Bench) -> BTreeSet<String> {
    let catalogue = bench.engine.catalogue();
    catalogue
        .services
        .values()
        .filter(|s| s.status != Status::Preparing)
        .flat_map(|s| s.roles.keys().cloned())
        // Whoever maintains the product is confined before any rule is asked (docs/decisions/0056).
        .filter(|role| role != "maintainer")
        .collect()
}

async fn officials(bench: &Bench, records: &[Snapshot]) -> Vec<Actor> {
    let mut count: BTreeMap<(Option<String>, Option<String>), usize> = BTreeMap::new();
    for snapshot in records {
        *count
            .entry((snapshot.office.clone(), snapshot.municipality.clone()))
            .or_default() += 1;
    }
    let (office, municipality) = count
        .into_iter()
        .max_by_key(|(_, n)| *n)
        .map(|(place, _)| place)
        .unwrap_or_default();
    let mut people = Vec::new();
    for role in roles(bench) {
        people.push(
            bench
                .person(
                    &format!("{role}-here"),
                    vec![seat(&role, office.as_deref())],
                )
                .await,
        );
        people.push(
            bench
                .person(
                    &format!("{role}-elsewhere"),
                    vec![seat(&role, Some("どこにもない係"))],
                )
                .await,
        );
        let town = Seat {
            municipality: municipality.clone(),
            authority: municipality.clone(),
            ..seat(&role, None)
        };
        people.push(bench.person(&format!("{role}-town"), vec![town]).await);
    }
    people
}

async fn records(bench: &Bench) -> Vec<Snapshot> {
    let ids: BTreeSet<RecordId> = bench
        .journal()
        .await
        .iter()
        .map(|one| one.event.header.record)
        .collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let mut all = Vec::new();
    for part in ids.chunks(100) {
        all.extend(bench.store.snapshots(part).await.unwrap());
    }
    all
}

#[tokio::test]
async fn the_engine_does_what_the_matrix_says_for_everybody_on_every_record() {
    let (tried, refused) = walk(packages(), catalogue()).await;
    assert_eq!(refused, Vec::<String>::new());
    for outcome in ["hidden", "allowed", "not theirs"] {
        assert!(
            tried.get(outcome).is_some_and(|count| *count > 20),
            "{outcome}: {tried:?}"
        );
    }
}

/// The same where a field is sensitive: it hides itself, and nobody's name.
#[tokio::test]
async fn the_engine_does_what_the_matrix_says_of_the_reference_package() {
    let source = common::reference();
    let catalogue = definition::load(&source, common::TODAY).catalogue;
    let sensitive = |rt: &Arc<RecordType>| rt.fields.values().any(|field| field.sensitive);
    let mut types = catalogue.services.values().flat_map(|s| s.types.values());
    assert!(types.any(sensitive));
    let (tried, _) = walk(&source, catalogue).await;
    assert!(tried.contains_key("hidden") && tried.contains_key("allowed"));
    // One record is of an office, and one person sits there in the role.
    let tried = |outcome| tried.get(outcome).copied().unwrap_or_default();
    assert!(tried("opened") > 0 && tried("not opened") > 20);
}

/// Everybody tries everything on every record of the demo. How often what came of it, and what the demo was refused.
async fn walk(
    source: &Source,
    catalogue: Catalogue,
) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new(dir.path(), catalogue.clone(), 1);
    let mut people = people(&bench).await;
    bench
        .engine
        .publish(catalogue.clone(), source)
        .await
        .unwrap();
    let scale = engine::DemoScale::Small;
    let made = bench
        .engine
        .make_demo(&bench.clock, source, &scale, &|_, _| {})
        .await
        .unwrap();
    let owner = people.iter().find(|one| one.name == "resident").unwrap();
    people.push(guest(&bench, &owner.clone()).await);
    let records = records(&bench).await;
    people.extend(officials(&bench, &records).await);
    assert!(!records.is_empty() && people.len() > 10);
    let before = bench.journal().await.len();
    let mut tried = BTreeMap::new();
    for service in running(&catalogue) {
        let lines = read(&kernel::authority_matrix(&service));
        for snapshot in records
            .iter()
            .filter(|snapshot| snapshot.service == service.slug)
        {
            for actor in &people {
                one(&bench, &service, &lines, actor, snapshot, &mut tried).await;
            }
        }
        for actor in &people {
            opens(&bench, &service, &lines, actor).await;
        }
    }
    assert_eq!(bench.journal().await.len(), before, "trying leaves nothing");
    (tried, made.refused)
}

async fn one(
    bench: &Bench,
    service: &Service,
    lines: &[Line],
    actor: &Actor,
    snapshot: &Snapshot,
    tried: &mut BTreeMap<&'static str, usize>,
) {
    let rt = &service.types[&snapshot.record_type];
    let told = || {
        format!(
            "{} {:?} on {} {} in {}",
            actor.name, actor.seats, rt.name, snapshot.id, snapshot.state
        )
    };
    let seen = bench
        .engine
        .record(actor, None, &service.slug, &rt.name, snapshot.id, None)
        .await;
    let may = allowed(lines, actor, snapshot);
    match seen {
        Err(Failure::Refused(refusal)) => {
            assert_eq!(refusal.kind, RefusalKind::NotFound, "{}", told());
            assert!(!sees(lines, actor, snapshot), "hidden: {}", told());
            opened::in_an_emergency(bench, lines, actor, snapshot).await;
            let history = bench
                .engine
                .history(actor, &service.slug, &rt.name, snapshot.id, 0, 10)
                .await
                .err();
            assert!(
                matches!(history, Some(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound),
                "{}",
                told()
            );
        }
        Err(fault) => panic!("{fault:?}: {}", told()),
        Ok(view) => {
            assert!(sees(lines, actor, snapshot), "shown: {}", told());
            shows_what_is_said(bench, lines, actor, snapshot, &view, &told()).await;
            let offered: BTreeSet<String> = view
                .actions
                .iter()
                .map(|action| action.name.clone())
                .collect();
            let asks: BTreeSet<String> = view.invites.iter().cloned().collect();
            assert_eq!(asks, invites(lines, actor, snapshot), "{}", told());
            let all: BTreeSet<String> = may.plain.union(&may.routed).cloned().collect();
            assert!(
                offered.is_subset(&all),
                "offers {offered:?}, may {all:?}: {}",
                told()
            );
            assert!(
                may.plain.is_subset(&offered) || snapshot.route.is_some(),
                "offers {offered:?}, may {:?}: {}",
                may.plain,
                told()
            );
        }
    }
    opened::numbers(bench, lines, actor, snapshot, tried).await;
    for action in rt.actions.keys() {
        let outcome = attempt(bench, rt, actor, snapshot, action).await;
        let expected: &[&str] = match (
            sees(lines, actor, snapshot),
            may.plain.contains(action),
            may.routed.contains(action),
        ) {
            (false, ..) => &["hidden"],
            (true, true, _) if snapshot.route.is_none() => &["allowed"],
            (true, true, _) | (true, _, true) => &["allowed", "not theirs"],
            (true, false, false) => &["not theirs"],
        };
        assert!(
            expected.contains(&outcome),
            "{action} is {outcome}, not {expected:?}: {}",
            told()
        );
        *tried.entry(outcome).or_default() += 1;
    }
}

/// Tries an action without input as somebody of whose sureness nothing is known: whoever may take one that demands a level
/// is told so, and nobody else. Then as somebody who is known as surely as can be.
async fn attempt(
    bench: &Bench,
    rt: &RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
    action: &str,
) -> &'static str {
    let unknown = tried(bench, rt, actor, snapshot, action).await;
    let sure = Actor {
        assurance: kernel::Assurance::HIGHEST,
        ..actor.clone()
    };
    let known = tried(bench, rt, &sure, snapshot, action).await;
    let demands = rt
        .actions
        .get(action)
        .is_some_and(|action| action.assurance != definition::model::Assured::default());
    match demands && known == "allowed" {
        true => assert_eq!(unknown, "not surely known", "{action}"),
        false => assert_eq!(unknown, known, "{action}"),
    }
    known
}

/// One that is allowed is done, or refused for what is missing in it.
async fn tried(
    bench: &Bench,
    rt: &RecordType,
    actor: &Actor,
    snapshot: &Snapshot,
    action: &str,
) -> &'static str {
    let on = (snapshot.service.as_str(), rt.name.as_str(), snapshot.id);
    let request = engine::ActRequest {
        dry_run: true,
        ..acting(actor, on, snapshot.version, action, json!({}))
    };
    match bench.engine.perform(request).await {
        Ok(_) => "allowed",
        Err(Failure::Refused(refusal)) => match refusal.kind {
            RefusalKind::NotFound => "hidden",
            RefusalKind::WrongState => "not theirs",
            RefusalKind::Invalid => "allowed",
            RefusalKind::Unassured => "not surely known",
            other => panic!("{other:?}: {refusal:?}"),
        },
        Err(fault) => panic!("{fault:?}"),
    }
}

/// Opening actions: whoever the matrix does not name is refused.
async fn opens(bench: &Bench, service: &Service, lines: &[Line], actor: &Actor) {
    for (name, rt) in &service.types {
        for action in rt.actions.keys() {
            let by: Vec<&Line> = lines.iter().filter(|line| &line.record_type == name && matches!(&line.says, Says::Do { action: found, opens: true, .. } if found == action)).collect();
            let may = by.iter().any(|line| match line.who.as_str() {
                "public" => true,
                "signed_in" => actor.account.is_some(),
                "system" => false,
                who => match who.strip_prefix("desk.") {
                    Some(role) => actor.seats.iter().any(|seat| seat.role == role),
                    None => {
                        actor.acting_party().is_some()
                            && rt.parties[who].is.iter().any(|kind| kind == "person")
                    }
                },
            });
            let request = engine::ActRequest {
                dry_run: true,
                ..common::opening(actor, &service.slug, name, action, json!({}))
            };
            let refused = match bench.engine.perform(request).await {
                Ok(_) => false,
                Err(Failure::Refused(refusal)) => matches!(
                    refusal.kind,
                    RefusalKind::NotFound | RefusalKind::WrongState
                ),
                Err(fault) => panic!("{fault:?}"),
            };
            assert_eq!(refused, !may, "{} opens {name} with {action}", actor.name);
        }
    }
}
