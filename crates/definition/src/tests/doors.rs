use super::faults::SMALL;
use super::{loaded, told};

/// The small package with these doors.
fn doors(doors: &str) -> String {
    let service = format!("{}doors: {doors}\n", SMALL.0);
    told(&loaded(&[
        ("a/1-x/service.yaml", &service),
        ("a/1-x/records/application.yaml", SMALL.1),
    ]))
}

#[test]
fn what_stands_under_a_heading_is_there_once() {
    let sound = "{ new: { title: はじめて, records: [application] } }";
    assert_eq!(doors(sound), "");
    let faulty = doors(
        "{ new: { title: はじめて, records: [aplication, application] }, other: { title: ほか, records: [application] } }",
    );
    assert!(
        faulty.contains("unknown-record") && faulty.contains("application"),
        "{faulty}"
    );
    assert!(faulty.contains("door-twice"), "{faulty}");
}

#[test]
fn what_no_person_begins_stands_under_no_heading() {
    let record = SMALL.1.replace("opens: true, ", "");
    let service = format!(
        "{}doors: {{ new: {{ title: はじめて, records: [application] }} }}\n",
        SMALL.0
    );
    let closed = told(&loaded(&[
        ("a/1-x/service.yaml", &service),
        ("a/1-x/records/application.yaml", &record),
    ]));
    assert!(closed.contains("door-nobody-opens"), "{closed}");
}
