//! `arrows`: who may depend on whom. The table below is the architecture; a crate that is not in it
//! has no place yet.

use super::finding::Finding;
use super::metadata::{Dependency, Package};

struct Place {
    name: &'static str,
    /// Crates of ours that it may depend on.
    uses: &'static [&'static str],
    /// Further ones, for its own tests only.
    tests_use: &'static [&'static str],
}

const fn place(
    name: &'static str,
    uses: &'static [&'static str],
    tests_use: &'static [&'static str],
) -> Place {
    Place {
        name,
        uses,
        tests_use,
    }
}

/// The product from the ground up, then what tests and builds it.
const PLACES: &[Place] = &[
    // Children of tests that are killed: knows nothing of the product.
    place("killed", &[], &[]),
    // Strange input for parsers: as little.
    place("fuzzed", &[], &[]),
    place("feel", &[], &["fuzzed"]),
    place("japanese", &[], &["fuzzed"]),
    place("sheet", &["japanese"], &["fuzzed"]),
    // Hashes, signatures and proofs over hashes: knows nothing of records.
    place("evidence", &[], &["fuzzed"]),
    place("definition", &["feel", "japanese"], &["fuzzed"]),
    place(
        "kernel",
        &["feel", "japanese", "evidence", "definition"],
        &[],
    ),
    // A store behind a hook, for tests.
    place("hooked", &["evidence", "kernel"], &[]),
    // Implements the kernel's trait, sees no definition, and is wired only in the binary.
    place(
        "store",
        &["feel", "japanese", "evidence", "kernel"],
        &["killed"],
    ),
    place(
        "engine",
        &[
            "feel",
            "japanese",
            "sheet",
            "evidence",
            "definition",
            "kernel",
        ],
        &["store", "hooked", "fuzzed"],
    ),
    place(
        "web",
        &[
            "feel",
            "japanese",
            "sheet",
            "definition",
            "kernel",
            "engine",
        ],
        &["store", "fuzzed"],
    ),
    // Implements traits of the kernel and the engine towards the outside, and is wired only in the binary.
    place(
        "connect",
        &["feel", "japanese", "definition", "kernel", "engine"],
        &["fuzzed"],
    ),
    // Heavy to compile: seen only by the binary and what measures it.
    place("document", &["definition", "engine"], &[]),
    place(
        "tsumugi",
        &[
            "document",
            "feel",
            "japanese",
            "sheet",
            "evidence",
            "definition",
            "kernel",
            "store",
            "engine",
            "web",
            "connect",
        ],
        &["killed"],
    ),
    place("acceptance", EVERYTHING, EVERYTHING),
    place("bench", EVERYTHING, EVERYTHING),
    // Stands between a child and its libc; loaded, never linked.
    place("faultshim", &[], &[]),
    place("faults", EVERYTHING, EVERYTHING),
    place("xtask", &[], &[]),
];

const EVERYTHING: &[&str] = &[
    "fuzzed",
    "hooked",
    "killed",
    "feel",
    "japanese",
    "sheet",
    "evidence",
    "definition",
    "kernel",
    "store",
    "document",
    "engine",
    "web",
    "connect",
    "tsumugi",
];

/// Database drivers, and who may hold one: the bench compares with a bare writer, the acceptance runner makes a
/// database for each scenario, the fault suite shares what the store's own tests stand on.
const DRIVERS: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "sqlx",
    "tokio-postgres",
    "postgres",
    "diesel",
];
const DRIVERS_FOR: &[&str] = &["store", "bench", "acceptance", "faults"];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    packages
        .iter()
        .flat_map(|package| turned(package, packages))
        .collect()
}

fn turned(package: &Package, all: &[Package]) -> Vec<Finding> {
    let finding = |message: String| Finding {
        rule: "arrows",
        path: package.manifest.clone(),
        line: 0,
        message,
    };
    let Some(place) = PLACES.iter().find(|place| place.name == package.name) else {
        let message = format!(
            "the crate {} has no place in xtask/src/tidy/arrows.rs",
            package.name
        );
        return vec![finding(message)];
    };
    let ours = |name: &str| all.iter().any(|package| package.name == name);
    let wrong = |dependency: &&Dependency| {
        let driver = DRIVERS.contains(&&*dependency.name) && !DRIVERS_FOR.contains(&place.name);
        driver || (ours(&dependency.name) && !place.may_use(dependency))
    };
    let say = |dependency: &Dependency| {
        let tests = if dependency.for_tests {
            " in its tests"
        } else {
            ""
        };
        finding(format!(
            "{} may not use {}{tests}",
            place.name, dependency.name
        ))
    };
    package.dependencies.iter().filter(wrong).map(say).collect()
}

impl Place {
    fn may_use(&self, dependency: &Dependency) -> bool {
        let name = &&*dependency.name;
        self.uses.contains(name) || (dependency.for_tests && self.tests_use.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[&str], tests_use: &[&str]) -> Package {
        let one = |for_tests| {
            move |name: &&str| Dependency {
                name: (*name).to_owned(),
                for_tests,
            }
        };
        let dependencies = uses
            .iter()
            .map(one(false))
            .chain(tests_use.iter().map(one(true)));
        Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: dependencies.collect(),
        }
    }

    fn messages(packages: &[Package]) -> Vec<String> {
        check(packages)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn arrows_that_point_down_pass() {
        let packages = [
            package("feel", &["serde"], &["proptest"]),
            package("kernel", &["feel"], &[]),
            package("store", &["kernel", "rusqlite"], &[]),
            package("engine", &["kernel"], &["store"]),
            package("tsumugi", &["engine", "store"], &[]),
        ];
        assert!(messages(&packages).is_empty());
    }

    #[test]
    fn arrows_that_turn_round_are_named() {
        let packages = [
            package("feel", &["kernel"], &[]),
            package("kernel", &[], &["engine"]),
            package("store", &["definition"], &[]),
            package("definition", &[], &[]),
            package("engine", &["store"], &[]),
        ];
        assert_eq!(
            messages(&packages),
            [
                "feel may not use kernel",
                "kernel may not use engine in its tests",
                "store may not use definition",
                "engine may not use store",
            ]
        );
    }

    #[test]
    fn drivers_stay_in_the_store_and_strangers_have_no_place() {
        let packages = [
            package("web", &["rusqlite"], &[]),
            package("stranger", &[], &[]),
        ];
        let found = messages(&packages);
        assert_eq!(found[0], "web may not use rusqlite");
        assert!(
            found[1].starts_with("the crate stranger has no place"),
            "{found:?}"
        );
    }

    #[test]
    fn the_table_itself_has_no_circle() {
        for (index, place) in PLACES.iter().enumerate() {
            let below = |name: &&str| PLACES[..index].iter().any(|place| place.name == *name);
            assert!(
                place.uses.iter().all(below) && place.tests_use.iter().all(below),
                "{}",
                place.name
            );
        }
    }
}
