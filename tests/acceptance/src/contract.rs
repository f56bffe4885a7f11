//! The transcripts of the HTTP contract: each exchange is sent, and its answer held against what is written there.
//! The transcripts are data (`contract/*.yaml`); `README.md` tells their words.

mod exchange;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::http::{Answer, Client};
use crate::product::{Product, Template};
use crate::run::{Failure, Job, Work};
use crate::value;

/// One file: exchanges that follow one another over one product.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcript {
    title: String,
    today: String,
    exchanges: Vec<Exchange>,
}

/// A request and what its answer must hold. JSON stands as text, so that YAML reads nothing into it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Exchange {
    /// What it shows.
    say: String,
    /// Persona; none: nobody is signed in.
    #[serde(rename = "as")]
    persona: Option<String>,
    /// `GET /path`.
    send: String,
    headers: BTreeMap<String, String>,
    /// `Idempotency-Key`; a new one for each POST unless named, none at all for an empty one.
    key: Option<String>,
    /// JSON.
    body: Option<String>,
    /// Anything else.
    text: Option<String>,
    /// So many bytes.
    bytes: Option<usize>,
    /// Name of a picture to be uploaded.
    file: Option<String>,
    status: u16,
    /// Headers of the answer.
    header: BTreeMap<String, String>,
    /// JSON that the answer holds at least.
    holds: Option<String>,
    /// By path of a list: JSON that one of its items holds at least.
    some: BTreeMap<String, String>,
    /// By path of a list: how many items.
    count: BTreeMap<String, usize>,
    /// By path: names that are there.
    keys: BTreeMap<String, Vec<String>>,
    /// By path: names that are there, and no other.
    only_keys: BTreeMap<String, Vec<String>>,
    /// Paths at which there is nothing.
    absent: Vec<String>,
    /// The same body as the answer that was kept under this name.
    same_as: Option<String>,
    /// Keeps this answer's body.
    keep_answer: Option<String>,
    /// Keeps values by name: a path in the answer, or `@header`.
    keep: BTreeMap<String, String>,
}

struct Talk<'a> {
    product: &'a Product<'a>,
    client: Client,
    kept: BTreeMap<String, String>,
    answers: BTreeMap<String, Json>,
    count: u32,
}

/// A job for each transcript of a folder.
///
/// # Errors
/// If the folder or a file cannot be read, or there is none.
pub(crate) fn jobs(folder: &Path) -> Result<Vec<Job>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    ensure!(
        !paths.is_empty(),
        "{} に対話の記録がありません",
        folder.display()
    );
    paths.iter().map(|path| job(path)).collect()
}

fn job(path: &Path) -> Result<Job> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| place.clone())?;
    Ok(match serde_saphyr::from_str::<Transcript>(&text) {
        Err(error) => Job {
            place,
            title: "HTTP の契約".into(),
            work: Work::Broken(error.to_string()),
        },
        Ok(transcript) => {
            let title = format!("HTTP の契約: {}", transcript.title);
            Job {
                place,
                title,
                work: Work::Run(Box::new(move |template, number| {
                    perform(template, number, &transcript)
                })),
            }
        }
    })
}

fn perform(template: &Template, number: u64, transcript: &Transcript) -> Result<(), Failure> {
    let failed = |step: &str, error: anyhow::Error| Failure {
        line: None,
        step: step.to_owned(),
        what: format!("{error:#}"),
    };
    let begin = || -> Result<Product<'_>> {
        let product = template.start(number)?;
        product.set_day(transcript.today.parse()?)?;
        Ok(product)
    };
    let product = begin().map_err(|error| failed("始める", error))?;
    let client = Client::new(product.base.clone());
    let mut talk = Talk {
        product: &product,
        client,
        kept: BTreeMap::new(),
        answers: BTreeMap::new(),
        count: 0,
    };
    for exchange in &transcript.exchanges {
        talk.exchange(exchange)
            .map_err(|error| failed(&format!("{}（{}）", exchange.say, exchange.send), error))?;
    }
    Ok(())
}

impl Talk<'_> {
    fn exchange(&mut self, exchange: &Exchange) -> Result<()> {
        let request = self.request(exchange)?;
        let answer = self.client.send(&request)?;
        ensure!(
            answer.status == exchange.status,
            "応答は {} で、{} ではありません",
            answer.told(),
            exchange.status
        );
        let mut faults = Vec::new();
        self.hold(exchange, &answer, &mut faults)?;
        if !faults.is_empty() {
            bail!("{}\n     応答は {}", faults.join("\n     "), answer.told());
        }
        self.keep(exchange, &answer)?;
        self.product.settle()
    }

    fn hold(&self, exchange: &Exchange, answer: &Answer, faults: &mut Vec<String>) -> Result<()> {
        for (name, expected) in &exchange.header {
            let expected = self.filled(expected);
            let found = answer.header(name).unwrap_or_default();
            let fits = found == expected || (expected == "{any}" && !found.is_empty());
            if !fits {
                faults.push(format!(
                    "ヘッダー {name} は「{found}」で、「{expected}」ではありません"
                ));
            }
        }
        if let Some(expected) = &exchange.holds {
            value::missing(&answer.json, &self.json(expected)?, "", faults);
        }
        for (path, expected) in &exchange.some {
            let expected = self.json(expected)?;
            let fits = |item: &Json| {
                let mut missing = Vec::new();
                value::missing(item, &expected, "", &mut missing);
                missing.is_empty()
            };
            if !value::at(&answer.json, path)
                .and_then(Json::as_array)
                .is_some_and(|items| items.iter().any(fits))
            {
                faults.push(format!("{path} に {expected} を満たすものがありません"));
            }
        }
        for (path, count) in &exchange.count {
            let found = value::at(&answer.json, path)
                .and_then(Json::as_array)
                .map(Vec::len);
            if found != Some(*count) {
                faults.push(format!("{path} は {count} 件ではありません: {found:?}"));
            }
        }
        exchange
            .keys
            .iter()
            .for_each(|(path, names)| keys(&answer.json, path, names, false, faults));
        exchange
            .only_keys
            .iter()
            .for_each(|(path, names)| keys(&answer.json, path, names, true, faults));
        for path in &exchange.absent {
            if value::at(&answer.json, path).is_some_and(|found| !found.is_null()) {
                faults.push(format!("{path} があります"));
            }
        }
        if let Some(name) = &exchange.same_as {
            let first = self
                .answers
                .get(name)
                .with_context(|| format!("{name} という応答は取ってありません"))?;
            value::differences(first, &answer.json, &format!("{name} と違います: "), faults);
        }
        Ok(())
    }

    fn keep(&mut self, exchange: &Exchange, answer: &Answer) -> Result<()> {
        for (name, path) in &exchange.keep {
            let found = match path.strip_prefix('@') {
                Some(header) => answer.header(header).map(str::to_owned),
                None => value::at(&answer.json, path).map(|found| {
                    found
                        .as_str()
                        .map_or_else(|| found.to_string(), str::to_owned)
                }),
            };
            let found = found.with_context(|| format!("{path} がありません: {}", answer.told()))?;
            self.kept.insert(name.clone(), found);
        }
        if let Some(name) = &exchange.keep_answer {
            self.answers.insert(name.clone(), answer.json.clone());
        }
        Ok(())
    }

    /// `{name}` replaced by what was kept under it.
    fn filled(&self, text: &str) -> String {
        self.kept
            .iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }

    fn json(&self, text: &str) -> Result<Json> {
        let text = self.filled(text);
        serde_json::from_str(&text).with_context(|| format!("JSON を読めません: {text}"))
    }
}

fn keys(json: &Json, path: &str, names: &[String], only: bool, faults: &mut Vec<String>) {
    let Some(found) = value::at(json, path).and_then(Json::as_object) else {
        faults.push(format!("「{path}」はオブジェクトではありません"));
        return;
    };
    let missing = names.iter().filter(|name| !found.contains_key(*name));
    faults.extend(missing.map(|name| format!("「{path}」に {name} がありません")));
    let more = found.keys().filter(|name| only && !names.contains(name));
    faults.extend(more.map(|name| format!("「{path}」に {name} があります")));
}
