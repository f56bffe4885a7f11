//! What became of each step and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::step::Step;

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Collects the outcomes; prints headings on the way and a table at the end.
pub(super) struct Summary {
    of: usize,
    lines: Vec<(Step, Outcome, Duration)>,
}

impl Summary {
    pub(super) fn new(of: usize) -> Self {
        Self {
            of,
            lines: Vec::new(),
        }
    }

    /// Runs one step under its heading.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a step takes is what a person wants to see here; nothing depends on it"
    )]
    pub(super) fn record(&mut self, step: Step, run: impl FnOnce() -> Result<()>) {
        self.heading(step);
        let start = Instant::now();
        let outcome = match run() {
            Ok(()) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        let took = start.elapsed();
        match &outcome {
            Outcome::Failed(why) => {
                println!(
                    "--> {}: FAILED after {}: {}",
                    step.name(),
                    seconds(took),
                    first_line(why)
                )
            }
            _ => println!("--> {}: passed in {}", step.name(), seconds(took)),
        }
        self.lines.push((step, outcome, took));
    }

    /// Notes that a step could not run.
    pub(super) fn skip(&mut self, step: Step, missing: Step) {
        self.heading(step);
        let why = format!("needs {}, which failed", missing.name());
        println!("--> {}: skipped: {why}", step.name());
        self.lines
            .push((step, Outcome::Skipped(why), Duration::ZERO));
    }

    /// The failed step that this one needs, if any.
    pub(super) fn missing_for(&self, step: Step) -> Option<Step> {
        let failed = |needed: &&Step| {
            let outcome = self.lines.iter().find(|(done, ..)| done == *needed);
            outcome.is_some_and(|(_, outcome, _)| *outcome != Outcome::Passed)
        };
        step.needs().iter().find(failed).copied()
    }

    /// Prints the table and the closing line; fails unless every step passed.
    pub(super) fn finish(self) -> Result<()> {
        println!("\n==> summary");
        for (step, outcome, took) in &self.lines {
            let word = match outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed(why) => format!("FAILED: {}", first_line(why)),
                Outcome::Skipped(why) => format!("skipped: {why}"),
            };
            println!("{:<20}{:>9}  {word}", step.name(), seconds(*took));
        }
        for (step, outcome, _) in &self.lines {
            if let Outcome::Failed(why) = outcome {
                println!("\n==> {} failed:\n{why}", step.name());
            }
        }
        let total: Duration = self.lines.iter().map(|(_, _, took)| *took).sum();
        println!("{:<20}{:>9}\n", "total", seconds(total));
        println!("{}", self.closing_line());
        match self.all_passed() {
            true => Ok(()),
            false => bail!("not all steps passed"),
        }
    }

    /// The plain line by which a CI counts: steps, not single tests.
    fn closing_line(&self) -> String {
        let count = |is: fn(&Outcome) -> bool| self.lines.iter().filter(|(_, o, _)| is(o)).count();
        let passed = count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        match count(|outcome| matches!(outcome, Outcome::Skipped(_))) {
            0 => format!("{passed} passed, {failed} failed"),
            skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
    }

    fn all_passed(&self) -> bool {
        self.lines
            .iter()
            .all(|(_, outcome, _)| *outcome == Outcome::Passed)
    }

    fn heading(&self, step: Step) {
        println!("\n==> {}/{} {}", self.lines.len() + 1, self.of, step.name());
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_build_skips_what_needs_it_and_fails_the_whole() {
        let mut summary = Summary::new(3);
        summary.record(Step::Tidy, || Ok(()));
        summary.record(Step::Build, || bail!("no linker"));
        assert_eq!(summary.missing_for(Step::Unit), Some(Step::Build));
        assert_eq!(summary.missing_for(Step::Clippy), None);
        summary.skip(Step::Unit, Step::Build);
        assert_eq!(summary.closing_line(), "1 passed, 1 failed, 1 skipped");
        assert!(summary.finish().is_err());
    }

    #[test]
    fn when_all_pass_nothing_is_missing() {
        let mut summary = Summary::new(1);
        summary.record(Step::Build, || Ok(()));
        assert_eq!(summary.missing_for(Step::Unit), None);
        assert_eq!(summary.closing_line(), "1 passed, 0 failed");
        summary.finish().unwrap();
    }
}
