//! Mail that goes nowhere but into the box, composed as a real one.

use super::box_::{Mood, SampleBox};
use crate::SetupError;
use crate::mail::{compose, mailbox};
use engine::outreach::{Channel, Letter, SendFault, Sender, Sending};
use lettre::message::Mailbox;
use std::sync::Arc;

/// The mailbox that no server knows: what an unknown one answers can be seen with it.
const UNKNOWN: &str = "unknown@";

pub(super) struct SampleMail {
    samples: Arc<SampleBox>,
    from: Mailbox,
}

impl SampleMail {
    pub(super) fn new(samples: Arc<SampleBox>) -> Result<Self, SetupError> {
        let from = "つむぎ（見本） <no-reply@tsumugi.example>".parse();
        let from = from.map_err(|_| SetupError::new("見本の差出人を読めません"))?;
        Ok(Self { samples, from })
    }
}

impl Sender for SampleMail {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    fn per_second(&self) -> usize {
        super::PER_SECOND
    }

    fn address(&self, given: &str) -> Result<String, String> {
        mailbox(given)
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            match self.samples.mood(Channel::Mail) {
                Mood::Down | Mood::Spent => {
                    return Err(SendFault::Later(
                        "見本のメールサーバーは止まっています".into(),
                    ));
                }
                Mood::Limited(pause) => return Err(SendFault::Limited(pause)),
                Mood::Willing => {}
            }
            if letter.to.starts_with(UNKNOWN) {
                return Err(SendFault::Gone(
                    "宛先のメールアドレスがありません（550）".into(),
                ));
            }
            compose(letter, &self.from)
                .map_err(|_| SendFault::Never("メールの形にできません".into()))?;
            let link = letter.link.as_deref().unwrap_or_default();
            let body = format!("{}\n{link}", letter.body);
            let key = letter.id.to_string();
            self.samples
                .take(Channel::Mail, &key, &letter.to, &letter.subject, &body);
            Ok(())
        })
    }
}
