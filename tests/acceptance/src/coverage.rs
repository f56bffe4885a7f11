//! Holds the scenarios against the plan: every acceptance sentence of a running service has a scenario.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use definition::model::{Service, Status};

/// `initiative,sentences`: how many acceptance sentences the plan gives each initiative.
const COUNTS: &str = include_str!("../acceptance_counts.csv");

/// Sentences by initiative (`123`).
///
/// # Errors
/// If a line cannot be read.
pub(crate) fn counts() -> Result<BTreeMap<String, usize>> {
    let line = |line: &str| {
        let (initiative, sentences) = line
            .split_once(',')
            .with_context(|| format!("acceptance_counts.csv: {line}"))?;
        Ok((initiative.to_owned(), sentences.trim().parse()?))
    };
    COUNTS
        .lines()
        .skip(1)
        .filter(|text| !text.is_empty())
        .map(line)
        .collect()
}

/// What is wrong with a service's tags, each in a sentence.
pub(crate) fn faults<'t>(
    service: &Service,
    tags: impl Iterator<Item = &'t str>,
    counts: &BTreeMap<String, usize>,
) -> Vec<String> {
    let found: BTreeSet<(&str, usize)> = tags.filter_map(sentence).collect();
    let mut faults = Vec::new();
    for (initiative, number) in &found {
        let ours = service.initiatives.iter().any(|own| own == initiative);
        let most = counts.get(*initiative).copied().unwrap_or(0);
        if !ours || *number == 0 || *number > most {
            faults.push(format!(
                "{}: @{initiative}-{number} という受入れの文はありません",
                service.slug
            ));
        }
    }
    if service.status != Status::Running {
        return faults;
    }
    for initiative in &service.initiatives {
        let Some(most) = counts.get(initiative) else {
            faults.push(format!(
                "{}: 取組 {initiative} は計画にありません",
                service.slug
            ));
            continue;
        };
        let missing = (1..=*most).filter(|number| !found.contains(&(initiative.as_str(), *number)));
        faults.extend(missing.map(|number| {
            format!(
                "{}: @{initiative}-{number} のシナリオがありません",
                service.slug
            )
        }));
    }
    faults
}

/// `123-4` as initiative and number of the sentence.
fn sentence(tag: &str) -> Option<(&str, usize)> {
    let (initiative, number) = tag.split_once('-')?;
    let digits = initiative.len() == 3 && initiative.bytes().all(|byte| byte.is_ascii_digit());
    Some((initiative, number.parse().ok()?)).filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_has_151_initiatives_and_527_sentences() {
        let counts = counts().unwrap();
        assert_eq!((counts.len(), counts.values().sum::<usize>()), (151, 527));
    }

    #[test]
    fn reads_the_tags_of_sentences_only() {
        assert_eq!(sentence("123-4"), Some(("123", 4)));
        assert_eq!(sentence("pending"), None);
        assert_eq!(sentence("by-4"), None);
        assert_eq!(sentence("1234-4"), None);
    }
}
