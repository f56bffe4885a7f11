//! The steps, in order: what is quick and needs no build comes first.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::{acceptance, browser, lint, opendata, unit};
use crate::{assets, faults, hostile, install, server, shell, tidy};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The pinned data files.
    Assets,
    /// The rules of the house.
    Tidy,
    /// `cargo fmt --check`.
    Fmt,
    /// Everything, with its tests, once.
    Build,
    /// Unit and property tests.
    Unit,
    /// `tsumugi check` on every package.
    Check,
    /// The packages' own scenarios over HTTP.
    Acceptance,
    /// The same scenarios with all data in PostgreSQL.
    AcceptancePostgres,
    /// What was acknowledged stays, once, whatever breaks.
    Faults,
    /// The open data, read by the client of the CKAN community.
    #[value(name = "opendata")]
    OpenData,
    /// What hostile people write, and what must not leak or fall over.
    Hostile,
    /// The paths of people, in Chromium.
    Browser,
    /// Lints, none allowed to stand. Last: one that stands stops nobody from using the product.
    Clippy,
}

/// What builds everything: `--all-targets` brings the tests' own dependencies in, so that `cargo test` finds all built.
pub(super) const ALL: [&str; 3] = ["build", "--workspace", "--all-targets"];

/// All steps, or those asked for together with what they need, in order.
pub(super) fn chosen(only: &[Step]) -> Vec<Step> {
    let wanted = |step: &Step| {
        only.is_empty() || only.contains(step) || only.iter().any(|s| s.needs().contains(step))
    };
    Step::value_variants()
        .iter()
        .copied()
        .filter(wanted)
        .collect()
}

impl Step {
    /// Steps without which this one cannot say anything.
    pub(super) fn needs(self) -> &'static [Step] {
        match self {
            Step::Unit
            | Step::Check
            | Step::Acceptance
            | Step::AcceptancePostgres
            | Step::Faults
            | Step::OpenData
            | Step::Hostile
            | Step::Browser => &[Step::Build],
            _ => &[],
        }
    }

    /// The name on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    pub(super) fn run(self, root: &Path) -> Result<()> {
        match self {
            Step::Assets => assets::fetch_all(root),
            Step::Tidy => tidy::run(root),
            Step::Fmt => fmt(root),
            Step::Build => build(root),
            Step::Unit => unit::run(root),
            Step::Check => {
                shell::run(shell::command(root, server::binary(root)).args(["check", "services"]))
            }
            Step::Acceptance => acceptance::run(root),
            Step::AcceptancePostgres => acceptance::on_postgres(root),
            Step::Faults => faults::short(root),
            Step::OpenData => opendata::run(root),
            Step::Hostile => hostile::short(root),
            Step::Browser => browser::run(root),
            Step::Clippy => lint::run(root),
        }
    }
}

fn build(root: &Path) -> Result<()> {
    shell::run(shell::cargo(root).args(ALL))
}

/// Sees to it that PostgreSQL is there.
pub(super) fn postgresql(root: &Path) -> Result<()> {
    install::ensure(root, &["postgresql"], postgresql_is_there)?;
    // The tests of TLS make their certificates with it.
    install::ensure(root, &["openssl"], || {
        // OpenSSL 3.0 knows no `--version`.
        shell::works(shell::command(root, "openssl").arg("version"))
    })
}

/// Whether Debian's package of any version is installed; its programs are not on the path.
fn postgresql_is_there() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    versions
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists())
}

fn fmt(root: &Path) -> Result<()> {
    component(root, "rustfmt", "fmt")?;
    shell::run(shell::cargo(root).args(["fmt", "--all", "--check"]))
}

/// A minimal toolchain lacks these two.
pub(super) fn component(root: &Path, component: &str, subcommand: &str) -> Result<()> {
    if shell::works(shell::cargo(root).args([subcommand, "--version"])) {
        return Ok(());
    }
    if install::has(root, "rustup") {
        return shell::run(shell::command(root, "rustup").args(["component", "add", component]));
    }
    anyhow::bail!("cargo {subcommand} is missing: please install the toolchain's {component}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_run_when_none_is_named() {
        assert_eq!(chosen(&[]), Step::value_variants());
    }

    #[test]
    fn a_named_step_brings_what_it_needs_first() {
        assert_eq!(chosen(&[Step::Browser]), [Step::Build, Step::Browser]);
        assert_eq!(
            chosen(&[Step::Clippy, Step::Tidy]),
            [Step::Tidy, Step::Clippy]
        );
    }

    #[test]
    fn what_is_needed_stands_before_what_needs_it() {
        let all = Step::value_variants();
        let place = |step: Step| all.iter().position(|other| *other == step);
        for step in all {
            for needed in step.needs() {
                assert!(place(*needed) < place(*step), "{needed:?} after {step:?}");
            }
        }
    }
}
