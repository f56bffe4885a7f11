//! A guide: one question a screen, each answer an address, so that it works without scripts, back and forth, and can be
//! handed on. What was answered stands in the address as numbers: `?at=1-3` is the first answer, then the third.

use super::error::PageError;
use super::layout::{Chrome, encode, ok};
use super::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use definition::Answer;
use definition::model::{Guide, Service};
use jiff::civil::Date;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Asked {
    at: Option<String>,
}

struct Link {
    title: String,
    href: String,
}

/// A question that was answered, and the way back to it.
struct Answered {
    question: String,
    answer: String,
    href: String,
}

enum Step {
    Asking {
        title: String,
        help: Option<String>,
        answers: Vec<Link>,
    },
    Found {
        text: String,
        door: Option<Link>,
    },
}

#[derive(Template)]
#[template(path = "guide.html")]
struct GuidePage {
    c: Chrome,
    s: Arc<Service>,
    guide: Guide,
    step: Step,
    way: Vec<Answered>,
    /// Number of the question, from 1.
    number: usize,
}

pub(super) async fn get(
    visitor: Visitor,
    Path((slug, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let service = visitor.service(&slug)?;
    let guide = service
        .guides
        .get(&name)
        .cloned()
        .ok_or_else(PageError::not_found)?;
    let day = visitor.app.engine.today();
    let signed_in = visitor.signed.account.is_some();
    let at = asked.at.as_deref().unwrap_or_default();
    let (step, way) =
        walk(&service, &guide, day, at, signed_in).ok_or_else(PageError::not_found)?;
    let number = way.len() + 1;
    Ok(ok(&GuidePage {
        c: visitor.chrome(guide.title.clone()),
        s: service,
        guide,
        step,
        way,
        number,
    }))
}

/// Where these answers lead; none if there are no such answers.
fn walk(
    service: &Service,
    guide: &Guide,
    day: Date,
    at: &str,
    signed_in: bool,
) -> Option<(Step, Vec<Answered>)> {
    let base = format!("/services/{}/guides/{}", service.slug, guide.name);
    let href = |taken: &[usize]| {
        let text: Vec<String> = taken.iter().map(ToString::to_string).collect();
        if text.is_empty() {
            base.clone()
        } else {
            format!("{base}?at={}", text.join("-"))
        }
    };
    let mut code = guide.start.clone();
    let mut taken: Vec<usize> = Vec::new();
    let mut way = Vec::new();
    for part in at.split('-').filter(|part| !part.is_empty()) {
        let number: usize = part.parse().ok()?;
        let (question, _) = guide.question(service, day, &code)?;
        let answer = guide
            .answers(service, day, &code)
            .into_iter()
            .nth(number.checked_sub(1)?)?;
        way.push(Answered {
            question,
            answer: answer.answer.clone(),
            href: href(&taken),
        });
        taken.push(number);
        match answer.next.clone() {
            Some(next) if way.len() < guide.taps => code = next,
            _ => return Some((found(service, answer, signed_in)?, way)),
        }
    }
    let (title, help) = guide.question(service, day, &code)?;
    let answers = guide.answers(service, day, &code).into_iter().enumerate();
    let answers = answers
        .map(|(at, answer)| {
            let next: Vec<usize> = taken.iter().copied().chain([at + 1]).collect();
            Link {
                title: answer.answer,
                href: href(&next),
            }
        })
        .collect();
    let asking = Step::Asking {
        title,
        help,
        answers,
    };
    Some((asking, way))
}

/// The outcome, with the way into the form that begins with what was found out.
fn found(service: &Service, answer: Answer, signed_in: bool) -> Option<Step> {
    let door = answer.open.as_ref().and_then(|open| {
        let rt = service.types.get(open)?;
        let pairs: Vec<String> = answer
            .fills
            .iter()
            .map(|(path, value)| format!("{path}={}", encode(value)))
            .collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        let form = format!("/apply/{}/{open}{mark}{}", service.slug, pairs.join("&"));
        Some(Link {
            title: rt.title.clone(),
            href: if signed_in {
                form
            } else {
                format!("/sign-in?next={}", encode(&form))
            },
        })
    });
    Some(Step::Found {
        text: answer.result?,
        door,
    })
}
