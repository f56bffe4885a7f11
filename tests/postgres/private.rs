//! The private PostgreSQL server of a test's process; included by whoever needs one.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Starts a private server, and stops it when this process ends.
const SERVER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/postgres/private.sh"
);
/// Set where the tests on PostgreSQL must not be skipped.
const REQUIRED: &str = "TSUMUGI_TEST_POSTGRES";

/// Address of the private server of this process; none where there is no PostgreSQL on this machine.
pub fn server() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    URL.get_or_init(|| start(&[])).as_deref()
}

/// Starts one more server, set as `tests/postgres/private.sh` says; it too ends with this process.
pub fn start(settings: &[(&str, &str)]) -> Option<String> {
    let mut script = Command::new(SERVER);
    run(script.envs(settings.iter().copied()))
}

/// Runs a script that starts a server and prints its address.
#[expect(
    clippy::disallowed_methods,
    reason = "whether tests may be skipped is said from outside"
)]
pub fn run(script: &mut Command) -> Option<String> {
    let mut child = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    if line.is_empty() {
        let ended = child.wait().unwrap();
        let is_missing = ended.code() == Some(3) && std::env::var_os(REQUIRED).is_none();
        assert!(is_missing, "no private PostgreSQL: {ended}");
        eprintln!(
            "SKIPPED on PostgreSQL: it is not installed on this machine (Debian: postgresql)"
        );
        return None;
    }
    // The server ends when the other end of this pipe does: with this process.
    std::mem::forget(child.stdin.take());
    std::mem::forget(child);
    Some(line.trim().to_owned())
}
