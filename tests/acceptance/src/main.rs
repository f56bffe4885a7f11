//! Runs every package's `acceptance.feature` and the transcript of the HTTP contract over HTTP, each scenario against
//! a product of its own with a clock that the scenario moves. The manual of the sentences is `README.md`.
#![expect(
    clippy::print_stdout,
    reason = "the report of the run is what this program is for"
)]

mod browser;
mod contract;
mod coverage;
mod features;
mod gherkin;
mod home;
mod http;
mod picture;
mod product;
mod run;
mod steps;
mod value;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::features::Found;
use crate::gherkin::{Scenario, Step};
use crate::product::Template;
use crate::run::{Failure, Job, Work};
use crate::world::World;

/// Tags of scenarios that are listed but not run.
const NOT_RUN: &[&str] = &["pending", "outside"];

/// Runs the packages' scenarios and the transcript of the HTTP contract.
#[derive(Parser)]
struct Args {
    /// Only scenarios with this tag (`123-4`, with or without @).
    #[arg(long)]
    only: Option<String>,
    /// Only this feature file.
    #[arg(long)]
    feature: Option<PathBuf>,
    /// Where the packages are.
    #[arg(long, default_value = "services")]
    services: PathBuf,
    /// Where the transcripts of the contract are.
    #[arg(long, default_value = "tests/acceptance/contract")]
    contract: PathBuf,
    /// Address of a PostgreSQL server on which databases may be made; none: SQLite in folders.
    #[arg(long)]
    database: Option<String>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("受入れの試験を始められません: {error:#}\n0 passed, 1 failed, 0 skipped");
            ExitCode::FAILURE
        }
    }
}

/// Runs what was asked for; answers how much failed.
fn run(args: &Args) -> Result<usize> {
    let template = Template::make(&args.services, args.database.as_deref())?;
    let only = args.only.as_deref().map(|tag| tag.trim_start_matches('@'));
    let found = features::find(&args.services, args.feature.as_deref())?;
    let broken = template.faults.iter().map(|what| Job {
        place: args.services.display().to_string(),
        title: "パッケージ".into(),
        work: Work::Broken(what.clone()),
    });
    let mut jobs: Vec<Job> = broken.collect();
    jobs.extend(found.iter().flat_map(|found| scenarios(found, only)));
    if only.is_none() && args.feature.is_none() {
        jobs.extend(coverage_jobs(&template, &found)?);
        jobs.extend(contract::jobs(&args.contract)?);
    }
    let tally = run::all(&template, &jobs);
    println!(
        "\n{} passed, {} failed, {} skipped",
        tally.passed, tally.failed, tally.skipped
    );
    let nothing = usize::from(tally.passed + tally.failed + tally.skipped == 0);
    Ok(tally.failed + nothing)
}

fn scenarios(found: &Found, only: Option<&str>) -> Vec<Job> {
    let path = found.path.display();
    match &found.feature {
        Err(fault) => vec![Job {
            place: format!("{path}:{}", fault.line),
            title: found.slug.clone(),
            work: Work::Broken(fault.what.clone()),
        }],
        Ok(feature) => {
            let chosen = feature
                .scenarios
                .iter()
                .filter(|s| only.is_none_or(|tag| s.tags.iter().any(|own| own == tag)));
            chosen
                .map(|scenario| {
                    job(
                        &path.to_string(),
                        &found.slug,
                        &feature.background,
                        scenario,
                    )
                })
                .collect()
        }
    }
}

fn job(path: &str, slug: &str, background: &[Step], scenario: &Scenario) -> Job {
    let tags: String = scenario.tags.iter().map(|tag| format!(" @{tag}")).collect();
    let place = format!("{path}:{}", scenario.line);
    let title = format!("{slug}: {}{tags}", scenario.title);
    let not_run = scenario
        .tags
        .iter()
        .any(|tag| NOT_RUN.contains(&tag.as_str()));
    let work = match (not_run, scenario.comment.is_empty()) {
        (true, true) => Work::Broken("動かさない理由を、タグの上に # で書いてください".into()),
        (true, false) => Work::Skip(scenario.comment.clone()),
        (false, _) => {
            let steps: Vec<Step> = background.iter().chain(&scenario.steps).cloned().collect();
            let slug = slug.to_owned();
            Work::Run(Box::new(move |template, number| {
                perform(template, number, &slug, &steps)
            }))
        }
    };
    Job { place, title, work }
}

fn perform(template: &Template, number: u64, slug: &str, steps: &[Step]) -> Result<(), Failure> {
    let failed = |step: &Step, error: anyhow::Error| Failure {
        line: Some(step.line),
        step: step.text.clone(),
        what: format!("{error:#}"),
    };
    let product = template
        .for_package(slug)
        .start(number)
        .map_err(|error| Failure {
            line: None,
            step: "始める".into(),
            what: format!("{error:#}"),
        })?;
    let mut world = World::new(&product, slug);
    for step in steps {
        steps::perform(&mut world, step).map_err(|error| failed(step, error))?;
    }
    match steps.last() {
        Some(last) => world.nothing_unread().map_err(|error| failed(last, error)),
        None => Ok(()),
    }
}

/// One job for each fault of the tags; none where all sentences have their scenarios.
fn coverage_jobs(template: &Template, found: &[Found]) -> Result<Vec<Job>> {
    let counts = coverage::counts()?;
    let mut tags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in found {
        let scenarios = one
            .feature
            .as_ref()
            .map_or(&[][..], |feature| &feature.scenarios);
        tags.entry(&one.slug).or_default().extend(
            scenarios
                .iter()
                .flat_map(|s| s.tags.iter().map(String::as_str)),
        );
    }
    let mut jobs = Vec::new();
    for service in template.catalogue.services.values() {
        let own = tags
            .get(service.slug.as_str())
            .map_or(&[][..], Vec::as_slice);
        for what in coverage::faults(service, own.iter().copied(), &counts) {
            jobs.push(Job {
                place: place_of(found, &service.slug),
                title: "受入れの文とシナリオ".into(),
                work: Work::Broken(what),
            });
        }
    }
    Ok(jobs)
}

fn place_of(found: &[Found], slug: &str) -> String {
    let path = found
        .iter()
        .find(|one| one.slug == slug)
        .map(|one| one.path.as_path());
    path.unwrap_or_else(|| Path::new("acceptance.feature がありません"))
        .display()
        .to_string()
}
