//! Runs scenarios side by side, each over a product of its own, and tells what came of them in their order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::product::Template;

/// Something to be run.
pub(crate) struct Job {
    /// `food/…/acceptance.feature:12`.
    pub(crate) place: String,
    /// Title and tags.
    pub(crate) title: String,
    pub(crate) work: Work,
}

/// Runs a scenario over a product with a number of its own.
pub(crate) type Deed = Box<dyn Fn(&Template, u64) -> Result<(), Failure> + Sync + Send>;

/// What a job is.
pub(crate) enum Work {
    /// To be run.
    Run(Deed),
    /// Not run, and why.
    Skip(String),
    /// Failed already: it cannot be read, or is missing.
    Broken(String),
}

/// Where a scenario failed.
pub(crate) struct Failure {
    /// Line of the step.
    pub(crate) line: Option<usize>,
    /// The step.
    pub(crate) step: String,
    /// What was found.
    pub(crate) what: String,
}

/// How many came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

enum Outcome {
    Passed(Duration),
    Failed(Failure),
    Skipped(String),
}

/// Runs all, on as many threads as there are cores.
pub(crate) fn all(template: &Template, jobs: &[Job]) -> Tally {
    let next = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    if tell.send((index, one(template, index, job))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(tell);
        in_order(jobs, &told)
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a scenario takes is shown to people; nothing depends on it"
)]
fn one(template: &Template, index: usize, job: &Job) -> Outcome {
    let start = Instant::now();
    match &job.work {
        Work::Skip(why) => Outcome::Skipped(why.clone()),
        Work::Broken(what) => Outcome::Failed(Failure {
            line: None,
            step: String::new(),
            what: what.clone(),
        }),
        Work::Run(work) => match work(template, index as u64 + 1) {
            Ok(()) => Outcome::Passed(start.elapsed()),
            Err(failure) => Outcome::Failed(failure),
        },
    }
}

fn in_order(jobs: &[Job], told: &mpsc::Receiver<(usize, Outcome)>) -> Tally {
    let mut tally = Tally::default();
    let mut waiting = BTreeMap::new();
    for (index, job) in jobs.iter().enumerate() {
        while !waiting.contains_key(&index) {
            // A worker that died took its outcome with it; that scenario counts as failed.
            let Ok((done, outcome)) = told.recv() else {
                break;
            };
            waiting.insert(done, outcome);
        }
        let lost = || {
            Outcome::Failed(Failure {
                line: None,
                step: String::new(),
                what: "実行が途中で止まりました".into(),
            })
        };
        tally.add(job, &waiting.remove(&index).unwrap_or_else(lost));
    }
    tally
}

impl Tally {
    fn add(&mut self, job: &Job, outcome: &Outcome) {
        match outcome {
            Outcome::Passed(took) => {
                self.passed += 1;
                println!("合格 {} ({:.2} 秒)", job.title, took.as_secs_f64());
            }
            Outcome::Skipped(why) => {
                self.skipped += 1;
                println!("保留 {}\n     {} — {why}", job.title, job.place);
            }
            Outcome::Failed(failure) => {
                self.failed += 1;
                let line = failure
                    .line
                    .map(|line| format!(":{line}"))
                    .unwrap_or_default();
                let place = job
                    .place
                    .rsplit_once(':')
                    .map_or(job.place.as_str(), |(path, _)| path);
                let place = if line.is_empty() { &job.place } else { place };
                println!(
                    "失敗 {}\n     {place}{line}\n     {}\n     {}",
                    job.title, failure.step, failure.what
                );
            }
        }
    }
}
