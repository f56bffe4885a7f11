//! The payment gateway's letters: each comes once or more, in any order, and some are forged.

use super::house::House;
use anyhow::{Result, bail};
use connect::payment::sandbox::{WEBHOOK_PATH, body};
use connect::payment::webhook::{Secret, sign};
use engine::{News, NewsKind};
use rand::Rng as _;
use rand::rngs::StdRng;

/// One letter on its way.
pub(crate) struct Letter {
    pub(crate) payment: String,
    pub(crate) forged: bool,
    name: String,
}

impl Letter {
    /// What comes for a payment: one to three times the truth, and lies.
    pub(crate) fn of(payment: &str, dice: &mut StdRng) -> Vec<Self> {
        let (copies, lies) = (dice.random_range(1..4), dice.random_range(0..3));
        let letter = |at: u32, forged: bool| Self {
            payment: payment.to_owned(),
            forged,
            name: format!("msg-{payment}-{at}"),
        };
        let true_ones = (0..copies).map(|at| letter(at, false));
        true_ones
            .chain((0..lies).map(|at| letter(at, true)))
            .collect()
    }

    /// Sends it; whether it has arrived: taken if it is true, turned away if not.
    pub(crate) fn send(&self, agent: &ureq::Agent, house: &House, turn: u64) -> Result<bool> {
        // The clock stands still, relative to the machine's, while the letter is under way.
        let clock = house.clock(turn);
        let now = clock.now();
        let news = News {
            kind: NewsKind::Paid {
                payment: format!("pay-{}", self.payment),
                method: "card".into(),
            },
            reference: format!("fair/payment/{}", self.payment),
            session: None,
            // Whoever forges asks for more.
            amount_yen: if self.forged { 999_999 } else { 1_000 },
            at: now,
        };
        let (secret, body) = (house.secret()?, body(&news));
        let secret = if self.forged {
            Secret::new(vec![1; 32])
        } else {
            secret
        };
        let sent = agent
            .post(format!("http://{}{WEBHOOK_PATH}", house.address(turn)))
            .header("Content-Type", "application/json")
            .header("webhook-id", &self.name)
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", sign(&secret, &self.name, now, &body))
            .send(body);
        drop(clock);
        let Ok(answer) = sent else { return Ok(false) };
        match (answer.status().as_u16(), self.forged) {
            (200, false) | (401, true) => Ok(true),
            (429 | 503, _) => Ok(false),
            (status, _) => bail!("a letter was answered {status} (forged: {})", self.forged),
        }
    }
}
