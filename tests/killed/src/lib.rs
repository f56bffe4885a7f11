//! Children of tests that are killed: listened to while they work, ended without warning, gone with whoever started them.
#![expect(
    clippy::disallowed_methods,
    reason = "who starts a child waits for it by the machine's clock"
)]

use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A child that ends with its guard, however that goes.
#[derive(Debug)]
pub struct Killed(Child);

impl Killed {
    /// Starts it.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// Starts it and listens to what it says.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn heard(command: &mut Command) -> io::Result<(Self, ChildStdout)> {
        let mut child = Self::start(command.stdout(Stdio::piped()))?;
        let out = child.0.stdout.take();
        out.map(|out| (child, out))
            .ok_or_else(|| io::Error::other("the child has no standard output"))
    }

    /// Ends it at once (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait()
    }

    /// Whether it has ended, and how.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        // Nothing to do about a process that is already gone.
        let _ = self.kill();
    }
}

/// What a child said until it was killed. `parse` reads a line; once it has read one, `until` runs beside, and the child
/// is killed when that returns. What was said before the kill counts, half a line was not said.
///
/// # Errors
/// If the child cannot be started or ended.
pub fn said<T>(
    command: &mut Command,
    until: impl FnOnce() + Send + 'static,
    parse: impl Fn(&str) -> Option<T>,
) -> io::Result<Vec<T>> {
    let (mut child, out) = Killed::heard(command)?;
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    let mut said: Vec<T> = lines
        .by_ref()
        .find_map(|line| parse(&line))
        .into_iter()
        .collect();
    let killer = std::thread::spawn(move || {
        until();
        child.kill()
    });
    // The pipe keeps what was said before the kill.
    said.extend(lines.filter_map(|line| parse(&line)));
    killer
        .join()
        .map_err(|_| io::Error::other("the killer failed"))??;
    Ok(said)
}

/// The words that follow `word` in a line: tests print before it without an end of the line.
#[must_use]
pub fn after<'l>(line: &'l str, word: &str) -> Option<Vec<&'l str>> {
    let words: Vec<&str> = line.split(' ').collect();
    let at = words.iter().position(|found| found.ends_with(word))?;
    Some(words[at + 1..].to_vec())
}

/// The program that runs now, told to run one test of its own as a child.
///
/// # Errors
/// If the program does not know where it lies.
pub fn itself(test: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([test, "--exact", "--nocapture"]);
    Ok(command)
}

/// An address that was free a moment ago.
///
/// # Errors
/// If there is none.
pub fn free_address() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

/// Waits until something is so, and answers how long that took; none if it was not so in time.
pub fn wait_for(most: Duration, mut is_so: impl FnMut() -> bool) -> Option<Duration> {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() > most {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(begun.elapsed())
}
