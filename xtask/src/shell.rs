//! Running other programs: shown, checked, with errors that say what was run.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// A command in the repository's root, its output shown as it comes.
pub(crate) fn command(root: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// What compiles our own crates instead of rustc, if anything does.
static LINTER: OnceLock<PathBuf> = OnceLock::new();

/// From here on every [`cargo`] compiles our own crates with this linter, which makes the same code and says on the way what
/// it finds: so all that a run of tests needs is read once, and the dependencies are not read again for the lints alone.
pub(crate) fn lint_while_compiling(linter: PathBuf) {
    // Whoever says it twice says the same: there is one toolchain.
    drop(LINTER.set(linter));
}

/// Whether what is compiled is linted too.
pub(crate) fn lints_while_compiling() -> bool {
    LINTER.get().is_some()
}

/// The `cargo` that started us, so that the toolchain stays the same. What it told us of ourselves is not handed on: build
/// scripts that look at it (ring's) would run again whenever somebody builds with us and then without.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = command(root, env!("CARGO"));
    let own = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(own) {
            cargo.env_remove(name);
        }
    }
    if let Some(linter) = LINTER.get() {
        cargo.env("RUSTC_WORKSPACE_WRAPPER", linter);
    }
    cargo
}

/// Prints the command, runs it and fails unless it ends well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command
        .status()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// As [`run`], for a run of tests: what it says of failures is in the error too, so that it can be told again at the end,
/// where a log that is kept in part still has it.
pub(crate) fn test(command: &mut Command) -> Result<()> {
    println!("$ {}", show(command));
    heard(command, |line| println!("{line}"))
}

/// Runs tests and hands on each line that they print; what they say of failures is in the error.
pub(crate) fn heard(command: &mut Command, mut told: impl FnMut(&str)) -> Result<()> {
    let shown = show(command);
    let (reader, writer) = std::io::pipe().context("no pipe")?;
    command.stdout(writer.try_clone().context("no pipe")?);
    command.stderr(writer);
    let started = command.spawn();
    // The pipe ends when nobody holds its other side any more.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = started.with_context(|| format!("could not start `{shown}`"))?;
    let mut failures = Failures::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("could not read what it printed")?;
        let line = String::from_utf8_lossy(&line);
        told(&line);
        failures.see(&line);
    }
    let status = child.wait().context("could not wait for it")?;
    if !status.success() {
        let name = Path::new(command.get_program()).display();
        bail!("{name} ended with {status}\n{}", failures.told());
    }
    Ok(())
}

/// What a run of tests said of its failures: the lines around each, or else its last ones.
#[derive(Default)]
struct Failures {
    kept: Vec<String>,
    last: VecDeque<String>,
    /// Lines to keep still.
    open: usize,
}

impl Failures {
    /// How `cargo test`, Node's runner and the house's own suites begin to speak of what failed.
    const MARKS: [&str; 4] = ["panicked at", "---- ", "failing tests:", "FAILED"];
    const AROUND: usize = 25;
    const AT_MOST: usize = 120;

    fn see(&mut self, line: &str) {
        if Self::MARKS.iter().any(|mark| line.contains(mark)) {
            self.open = Self::AROUND;
        }
        if self.open > 0 && self.kept.len() < Self::AT_MOST {
            self.open -= 1;
            self.kept.push(line.to_owned());
        }
        if self.last.len() == Self::AROUND {
            self.last.pop_front();
        }
        self.last.push_back(line.to_owned());
    }

    fn told(mut self) -> String {
        if self.kept.is_empty() {
            self.kept.extend(self.last);
        }
        self.kept.join("\n")
    }
}

/// Runs the command silently and returns its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` ended with {}: {}", output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not print UTF-8"))
}

/// Whether the command runs and ends well; its output is discarded.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut words = vec![name.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_words() {
        let mut failing = command(Path::new("."), "git");
        failing.args(["rev-parse", "--verify", "no-such-revision"]);
        let error = read(&mut failing).unwrap_err().to_string();
        assert!(error.contains("git rev-parse --verify"), "{error}");
    }

    #[test]
    fn a_failed_run_of_tests_says_what_failed_and_not_all_that_it_printed() {
        let mut failing = command(Path::new("."), "sh");
        failing.args([
            "-c",
            "seq 1 90; echo 'thread panicked at here' >&2; seq 100 190; exit 1",
        ]);
        let error = test(&mut failing).unwrap_err().to_string();
        assert!(error.contains("panicked at here\n100\n"), "{error}");
        assert!(
            !error.contains("\n90\n") && !error.contains("190"),
            "{error}"
        );

        let mut silent = command(Path::new("."), "sh");
        silent.args(["-c", "seq 1 90; exit 3"]);
        let error = test(&mut silent).unwrap_err().to_string();
        assert!(
            error.ends_with("\n89\n90") && !error.contains("\n60\n"),
            "{error}"
        );
        test(command(Path::new("."), "sh").args(["-c", "true"])).unwrap();
    }

    #[test]
    fn a_missing_program_does_not_work() {
        assert!(!works(&mut command(Path::new("."), "no-such-program-here")));
    }
}
