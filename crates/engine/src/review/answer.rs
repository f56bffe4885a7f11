//! Answers: into the box when they are given, out of it as records when their day is over.

use super::{ANSWER, QUESTIONS, SERVICE};
use crate::perform::ActRequest;
use crate::{Engine, Failure, IdempotencyKey};
use kernel::reviews::Boxed;
use kernel::{Actor, Fault, Refusal, RefusalKind};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// Most characters of the free text.
const MAX_COMMENT: usize = 2_000;
/// Answers made records at a time.
const BATCH: usize = 100;

/// What somebody answered.
pub struct ReviewAnswer {
    /// 1 to 5 for each of [`QUESTIONS`], in their order; none where nothing was chosen.
    pub scores: [Option<u8>; 3],
    /// Free text.
    pub comment: String,
}

impl Engine {
    /// Takes an answer. `id` is random: it tells neither when nor from whom the answer came.
    ///
    /// # Errors
    /// A ticket that is none of ours or was used, or an answer that is not whole.
    pub async fn answer_review(
        &self,
        ticket: &str,
        answer: ReviewAnswer,
        id: Uuid,
    ) -> Result<(), Failure> {
        let said = self.read_ticket(ticket)?;
        if said.mark.is_empty() {
            return Err(Failure::not_found());
        }
        let scores = whole(&answer)?;
        let day = self.today();
        let comment = answer.comment.trim();
        let mut body = json!({
            "service": said.service, "procedure": said.procedure, "office_name": said.office,
            "channel": said.channel, "month": said.month, "day": day.to_string(),
        });
        for ((name, _), score) in QUESTIONS.iter().zip(scores) {
            body[*name] = score.into();
        }
        if !comment.is_empty() {
            body["comment"] = comment.into();
        }
        let spent = self.spent(&said.mark)?;
        let boxed = Boxed {
            id,
            day,
            body: body.to_string(),
        };
        if self.store.put_review(&spent, boxed).await? {
            return Ok(());
        }
        let title = "この手続きの声は、もういただきました。ありがとうございました。";
        Err(Refusal::new(RefusalKind::WrongState, title, Vec::new()).into())
    }

    /// Makes records of the answers whose day is over. What is repeated after a crash is done once.
    pub(crate) async fn unbox_reviews(&self) -> Result<(), Failure> {
        loop {
            let answers = self.store.boxed_reviews(self.today(), BATCH).await?;
            if answers.is_empty() {
                return Ok(());
            }
            for answer in answers {
                self.keep_review(&answer).await?;
                self.store.unbox_review(answer.id).await?;
            }
        }
    }

    async fn keep_review(&self, answer: &Boxed) -> Result<(), Failure> {
        let input: Map<String, Json> = serde_json::from_str(&answer.body)
            .map_err(|error| Failure::Internal(error.to_string()))?;
        let request = ActRequest {
            actor: Actor::system(),
            purpose: None,
            service: SERVICE.into(),
            record_type: ANSWER.into(),
            record: None,
            action: "keep".into(),
            input,
            version: None,
            dry_run: false,
            run: None,
            idempotency: Some(IdempotencyKey {
                key: format!("review {}", answer.id),
                request: String::new(),
            }),
        };
        match self.perform(request).await {
            Ok(_) => Ok(()),
            Err(Failure::Store(fault)) => Err(fault.into()),
            // A package that does not take it must not hold up the others; the answer is in the log's reach no more.
            Err(fault) => {
                tracing::error!(%fault, "a review could not be kept");
                Ok(())
            }
        }
    }
}

fn whole(answer: &ReviewAnswer) -> Result<[u8; 3], Failure> {
    let mut faults = Vec::new();
    let mut scores = [0_u8; 3];
    for (at, (name, title)) in QUESTIONS.iter().enumerate() {
        match answer.scores[at] {
            Some(score @ 1..=5) => scores[at] = score,
            _ => faults.push(Fault::new(
                format!("/input/{name}"),
                "required",
                format!("「{title}」を1から5の中から選んでください。"),
            )),
        }
    }
    if answer.comment.chars().count() > MAX_COMMENT {
        let detail = "ご意見は2,000字までで書いてください。";
        faults.push(Fault::new("/input/comment", "too_long", detail));
    }
    if faults.is_empty() {
        return Ok(scores);
    }
    Err(Refusal::new(RefusalKind::Invalid, "入力を確かめてください", faults).into())
}
