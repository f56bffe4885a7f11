//! The questions. The answer is taken without asking who gives it: no account, no case, no hour.

use crate::i18n::say;
use crate::pages::error::PageError;
use crate::pages::form::receive;
use crate::pages::layout::{Chrome, ok, page};
use crate::pages::visitor::Visitor;
use askama::Template;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use engine::Failure;
use engine::review::{QUESTIONS, ReviewAnswer, Ticket};

const SCORES: [(u8, &str); 5] = [
    (5, "とても良い"),
    (4, "良い"),
    (3, "ふつう"),
    (2, "良くない"),
    (1, "とても良くない"),
];

struct Question {
    name: &'static str,
    title: String,
    wrong: Option<String>,
    scores: Vec<(u8, &'static str, bool)>,
}

#[derive(Template)]
#[template(path = "review.html")]
struct Ask {
    c: Chrome,
    about: String,
    office: String,
    ticket: String,
    questions: Vec<Question>,
    comment: String,
    wrong_comment: Option<String>,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "review_done.html")]
struct Done {
    c: Chrome,
    title: &'static str,
    results: Option<String>,
}

fn asked(
    visitor: &Visitor,
    said: &Ticket,
    ticket: String,
    answer: &ReviewAnswer,
    faults: &[kernel::Fault],
) -> Ask {
    let wrong = |name: &str| {
        let pointer = format!("/input/{name}");
        let fault = faults.iter().find(|fault| fault.pointer == pointer);
        fault.map(crate::i18n::fault)
    };
    let question = |(at, (name, _)): (usize, &(&'static str, &'static str))| Question {
        name,
        title: super::question(name),
        wrong: wrong(name),
        scores: SCORES
            .iter()
            .map(|(score, text)| (*score, say(text), answer.scores[at] == Some(*score)))
            .collect(),
    };
    Ask {
        c: visitor.chrome(say("利用者の声")),
        about: said.procedure.clone(),
        office: said.office.clone(),
        ticket,
        questions: QUESTIONS.iter().enumerate().map(question).collect(),
        comment: answer.comment.clone(),
        wrong_comment: wrong("comment"),
        wrong: !faults.is_empty(),
    }
}

fn nothing() -> ReviewAnswer {
    ReviewAnswer {
        scores: [None; 3],
        comment: String::new(),
    }
}

/// After the end of a case, for the party whose it was.
pub(in crate::pages) async fn of_case(
    visitor: Visitor,
    Path((service, kind, id)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    visitor.account()?;
    let id = id.parse().map_err(|_| PageError::not_found())?;
    let (engine, actor) = (&visitor.app.engine, &visitor.signed.actor);
    let ticket = engine.review_ticket(actor, &service, &kind, id).await?;
    let said = engine.read_ticket(&ticket)?;
    Ok(ok(&asked(&visitor, &said, ticket, &nothing(), &[])))
}

/// From the poster at a counter: nobody signs in.
pub(in crate::pages) async fn at_counter(
    visitor: Visitor,
    Path(poster): Path<String>,
) -> Result<Response, PageError> {
    let engine = &visitor.app.engine;
    let ticket = engine.counter_ticket(&poster, &visitor.app.secret())?;
    let said = engine.read_ticket(&ticket)?;
    Ok(ok(&asked(&visitor, &said, ticket, &nothing(), &[])))
}

pub(in crate::pages) async fn answer(
    visitor: Visitor,
    request: Request,
) -> Result<Response, PageError> {
    let posted = receive(&visitor.app, &visitor.signed, request).await?;
    let ticket = posted.get("ticket").unwrap_or_default().to_owned();
    let engine = &visitor.app.engine;
    let said = engine.read_ticket(&ticket)?;
    let score = |name: &str| posted.get(name).and_then(|text| text.parse().ok());
    let given = || ReviewAnswer {
        scores: QUESTIONS.map(|(name, _)| score(name)),
        comment: posted.get("comment").unwrap_or_default().to_owned(),
    };
    let id = random_id(&visitor.app);
    match engine.answer_review(&ticket, given(), id).await {
        Ok(()) => Ok(thanks(&visitor, "ありがとうございました", &said)),
        Err(Failure::Refused(refusal)) if !refusal.faults.is_empty() => {
            let page_again = asked(&visitor, &said, ticket, &given(), &refusal.faults);
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &page_again))
        }
        Err(Failure::Refused(refusal)) if refusal.kind == kernel::RefusalKind::WrongState => Ok(
            thanks(&visitor, "この手続きの声は、もういただきました", &said),
        ),
        Err(fault) => Err(fault.into()),
    }
}

fn thanks(visitor: &Visitor, title: &'static str, said: &Ticket) -> Response {
    ok(&Done {
        c: visitor.chrome(say(title)),
        title: say(title),
        results: Some(format!("/reviews/{}", said.service)),
    })
}

/// An id that tells neither when nor from whom an answer came.
pub(crate) fn random_id(app: &crate::App) -> uuid::Uuid {
    let mut bytes = [0_u8; 16];
    (app.random)(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
