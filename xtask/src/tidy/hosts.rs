//! `hosts`: no registry's host, no path of one machine, no folder beside the repository in a file.
//!
//! What is cloned must build anywhere; whoever builds brings their own registries.

use super::finding::Finding;
use super::tree::Tree;

/// Cargo writes its index into its own lock file; nobody can keep it out.
const EXEMPT: &[&str] = &["Cargo.lock"];

/// Split in two, so that this file does not name them either.
const HOSTS: &[(&str, &str)] = &[
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("deb.debian", ".org"),
    ("proxy.golang", ".org"),
    ("ghcr", ".io"),
    ("docker", ".io"),
];

const MACHINE: &[(&str, &str)] = &[
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/wo", "rk/"),
    ("/Us", "ers/"),
];

const BESIDE: (&str, &str) = ("../sha", "red");

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tree.paths().filter(|path| !EXEMPT.contains(path)) {
        let Some(text) = tree.text(path) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            findings.extend(problem(line).map(|message| Finding {
                rule: "hosts",
                path: path.to_owned(),
                line: index + 1,
                message,
            }));
        }
    }
    findings
}

fn problem(line: &str) -> Option<String> {
    let joined = |(first, second): &(&str, &str)| format!("{first}{second}");
    if let Some(host) = HOSTS
        .iter()
        .map(joined)
        .find(|host| line.contains(host.as_str()))
    {
        return Some(format!(
            "names the registry host {host}; name the package instead"
        ));
    }
    if let Some(path) = MACHINE
        .iter()
        .map(joined)
        .find(|path| starts_a_path(line, path))
    {
        return Some(format!("holds an absolute path of one machine ({path}…)"));
    }
    let beside = joined(&BESIDE);
    line.contains(&beside)
        .then(|| format!("names {beside}, which a clone does not have"))
}

/// Whether the text stands where a path begins, not inside a longer one such as `ui/work/`.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}' | '*' | '~'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn hosts_machine_paths_and_the_folder_beside_are_found() {
        let bad = [HOSTS[0], HOSTS[3], MACHINE[0], MACHINE[2], BESIDE];
        for (first, second) in bad {
            let text = format!("fine\nsee \"{first}{second}x\"\n");
            assert_eq!(
                found(check, &[("docs/a.md", &text)]),
                ["docs/a.md:2"],
                "{text}"
            );
            assert!(found(check, &[("Cargo.lock", &text)]).is_empty());
        }
    }

    #[test]
    fn relative_folders_of_such_a_name_pass() {
        let text = "ui/work/a.ts\nmy/home/page\nhttps://example.org/root/\n./root/x\n~/work/y\n";
        // The third is a URL's path after a host: a letter stands before it.
        assert!(found(check, &[("a.md", text)]).is_empty());
    }
}
