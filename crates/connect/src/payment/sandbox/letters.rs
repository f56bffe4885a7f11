//! What the sandbox tells us, and how: signed letters, at least once, again until they are taken.

use super::Sandbox;
use super::book::{Entry, Paid, Refunded};
use crate::payment::webhook::{Secret, sign, verify};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use engine::{Forged, News, NewsKind, SignedHeaders};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

/// Where letters are sent.
pub const WEBHOOK_PATH: &str = "/api/v1/payments/webhook";
/// Waiting times between tries, in seconds; the last again and again.
const WAITS_SECONDS: [i64; 6] = [5, 30, 120, 600, 3600, 21_600];

/// The name of the letter that tells an entry.
pub(super) fn name(entry: &Entry) -> String {
    match entry {
        Entry::Paid(paid) => format!("msg_{}", paid.payment),
        Entry::Expired { session, .. } => format!("msg_expired_{session}"),
        Entry::Refunded(refunded) => format!("msg_{}", refunded.refund),
        _ => String::new(),
    }
}

/// The payload: `type`, `timestamp` and `data`, as the standard advises.
#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    timestamp: Timestamp,
    data: Data,
}

#[derive(Serialize, Deserialize)]
struct Data {
    reference: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    amount_yen: u64,
}

/// The body of a letter.
#[must_use]
pub fn body(news: &News) -> Vec<u8> {
    let mut data = Data {
        reference: news.reference.clone(),
        session: news.session.clone(),
        payment: None,
        refund: None,
        method: None,
        amount_yen: news.amount_yen,
    };
    let kind = match &news.kind {
        NewsKind::Paid { payment, method } => {
            data.payment = Some(payment.clone());
            data.method = Some(method.clone());
            "payment.paid"
        }
        NewsKind::Expired => "session.expired",
        NewsKind::Refunded { refund } => {
            data.refund = Some(refund.clone());
            "payment.refunded"
        }
        NewsKind::RefundRefused { refund, reason } => {
            data.refund = Some(refund.clone());
            data.method = Some(reason.clone());
            "payment.refund_refused"
        }
    };
    let payload = Payload {
        kind: kind.to_owned(),
        timestamp: news.at,
        data,
    };
    serde_json::to_vec(&payload).unwrap_or_default()
}

/// Verifies a letter and reads it. One that is signed but says nothing that we know counts as forged too.
pub(super) fn read(
    secret: &Secret,
    headers: SignedHeaders<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<News, Forged> {
    verify(secret, headers, body, now)?;
    let payload: Payload = serde_json::from_slice(body).map_err(|_| Forged)?;
    let data = payload.data;
    let kind = match (payload.kind.as_str(), data.payment, data.refund) {
        ("payment.paid", Some(payment), _) => NewsKind::Paid {
            payment,
            method: data.method.unwrap_or_default(),
        },
        ("session.expired", ..) => NewsKind::Expired,
        ("payment.refunded", _, Some(refund)) => NewsKind::Refunded { refund },
        ("payment.refund_refused", _, Some(refund)) => NewsKind::RefundRefused {
            refund,
            reason: data.method.unwrap_or_default(),
        },
        _ => return Err(Forged),
    };
    Ok(News {
        kind,
        reference: data.reference,
        session: data.session,
        amount_yen: data.amount_yen,
        at: payload.timestamp,
    })
}

/// A letter on its way.
struct Letter {
    name: String,
    news: News,
    due: Timestamp,
    copies: u8,
}

impl Sandbox {
    /// What an entry tells.
    pub(super) fn news(&self, entry: &Entry) -> Option<News> {
        let book = self.book.lock();
        let reference = |session: &str| {
            let standing = book.sessions.get(session)?;
            Some((
                standing.opened.reference.clone(),
                standing.opened.amount_yen,
            ))
        };
        Some(match entry {
            Entry::Paid(paid) => paid_news(&reference(&paid.session)?.0, paid),
            Entry::Expired { session, at } => {
                let (reference, amount_yen) = reference(session)?;
                News {
                    kind: NewsKind::Expired,
                    reference,
                    session: Some(session.clone()),
                    amount_yen,
                    at: *at,
                }
            }
            Entry::Refunded(refunded) => refunded_news(refunded),
            _ => return None,
        })
    }

    fn letters(&self, now: Timestamp) -> Vec<Letter> {
        let told = self.book.lock().told.clone();
        let tries = self.tries.lock();
        let letters = told.iter().filter_map(|entry| {
            let name = name(entry);
            let first = match entry {
                Entry::Paid(paid) => paid.told_at,
                _ => Timestamp::MIN,
            };
            let due = tries.get(&name).map_or(first, |(_, next)| *next);
            Some(Letter {
                news: self.news(entry)?,
                copies: match entry {
                    Entry::Paid(paid) => paid.copies.max(1),
                    _ => 1,
                },
                name,
                due,
            })
        });
        letters.filter(|letter| letter.due <= now).collect()
    }

    /// Lets time pass: sessions run out, letters go out. Whoever wired the sandbox calls it.
    pub async fn tick(&self) {
        let now = self.clock.now();
        self.run_out(now);
        let Some(routes) = self.routes.get().and_then(|routes| routes()) else {
            return;
        };
        for letter in self.letters(now) {
            let mut taken = false;
            for _ in 0..letter.copies {
                taken = self.send(&routes, &letter, now).await;
            }
            self.sent(&letter, taken, now);
        }
    }

    async fn send(&self, routes: &Router, letter: &Letter, now: Timestamp) -> bool {
        let body = body(&letter.news);
        let request = Request::post(WEBHOOK_PATH)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &letter.name)
            .header("webhook-timestamp", now.as_second().to_string())
            .header(
                "webhook-signature",
                sign(&self.secret, &letter.name, now, &body),
            )
            .body(Body::from(body));
        match request {
            Ok(request) => {
                let answer = routes.clone().oneshot(request).await;
                answer.is_ok_and(|answer| answer.status().is_success())
            }
            Err(_) => false,
        }
    }

    fn sent(&self, letter: &Letter, taken: bool, now: Timestamp) {
        if taken {
            self.tries.lock().remove(&letter.name);
            self.note(Entry::Sent {
                letter: letter.name.clone(),
            });
            return;
        }
        let mut tries = self.tries.lock();
        let so_far = tries.get(&letter.name).map_or(0, |(tries, _)| *tries);
        let last = WAITS_SECONDS.len() - 1;
        let wait = WAITS_SECONDS.get(so_far.min(last)).copied().unwrap_or(5);
        let next = now
            .checked_add(SignedDuration::from_secs(wait))
            .unwrap_or(now);
        tries.insert(letter.name.clone(), (so_far + 1, next));
    }
}

pub(super) fn paid_news(reference: &str, paid: &Paid) -> News {
    News {
        kind: NewsKind::Paid {
            payment: paid.payment.clone(),
            method: paid.method.clone(),
        },
        reference: reference.to_owned(),
        session: Some(paid.session.clone()),
        amount_yen: paid.amount_yen,
        at: paid.at,
    }
}

fn refunded_news(refunded: &Refunded) -> News {
    News {
        kind: NewsKind::Refunded {
            refund: refunded.refund.clone(),
        },
        reference: refunded.reference.clone(),
        session: None,
        amount_yen: refunded.amount_yen,
        at: refunded.at,
    }
}
