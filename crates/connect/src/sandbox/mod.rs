//! Stand-ins for the providers, for the demo and for tests: they speak SMTP and the providers' HTTP on ports of this machine,
//! check tokens, signatures, keys and limits as those do, can be told to be down, and keep what they took.

mod box_;
mod push;
mod server;
mod smtp;

pub use box_::SampleBox;

use crate::line::{Line, LineSettings};
use crate::mail::{Mail, MailSettings};
use crate::push::{Push, PushSettings, VapidKey};
use crate::sms::{Sms, SmsSettings};
use crate::{Now, Random, SetupError};
use engine::outreach::Sender;
use std::net::SocketAddr;
use std::sync::Arc;

/// Letters a second in the demo.
const PER_SECOND: usize = 50;
const FRIEND: &str = "/about/line-sample";
const FROM: &str = "つむぎ（見本） <no-reply@tsumugi.example>";

/// The stand-ins, listening.
pub struct Sandbox {
    /// What they took, and how they are told to behave.
    pub samples: Arc<SampleBox>,
    address: SocketAddr,
    mail_server: SocketAddr,
    vapid: VapidKey,
    now: Now,
    random: Random,
}

impl Sandbox {
    /// Starts them on a free port of this machine.
    ///
    /// # Errors
    /// If no port is to be had.
    pub async fn start(now: Now, random: Random) -> Result<Self, SetupError> {
        let vapid = VapidKey::new(&random)?;
        let samples = Arc::new(SampleBox::new(Arc::clone(&now), &random)?);
        let broken = |error| SetupError::new(format!("見本の送信先を始められません：{error}"));
        let address = server::listen(Arc::clone(&samples)).await.map_err(broken)?;
        let mail_server = smtp::listen(Arc::clone(&samples)).await.map_err(broken)?;
        samples.set_address(address);
        Ok(Self {
            samples,
            address,
            mail_server,
            vapid,
            now,
            random,
        })
    }

    /// Senders of all four channels that hand over to the stand-ins.
    ///
    /// # Errors
    /// Never in fact: the settings are the sandbox's own.
    pub fn senders(&self) -> Result<Vec<Arc<dyn Sender>>, SetupError> {
        Ok(vec![
            Arc::new(self.mail()?),
            Arc::new(self.sms()?),
            Arc::new(self.line()?),
            Arc::new(self.push()),
        ])
    }

    /// The real adapter of mail, towards the stand-in.
    ///
    /// # Errors
    /// Never in fact.
    pub fn mail(&self) -> Result<Mail, SetupError> {
        Mail::new(MailSettings {
            server: format!("smtp://{}", self.mail_server),
            login: None,
            from: FROM.into(),
            per_second: PER_SECOND,
        })
    }

    /// The real adapter of SMS, towards the stand-in.
    ///
    /// # Errors
    /// Never in fact.
    pub fn sms(&self) -> Result<Sms, SetupError> {
        Sms::new(SmsSettings {
            url: format!("http://{}/messages", self.address),
            token: self.samples.token.clone(),
            per_second: PER_SECOND,
        })
    }

    /// The real adapter of LINE, towards the stand-in.
    ///
    /// # Errors
    /// Never in fact.
    pub fn line(&self) -> Result<Line, SetupError> {
        Line::new(LineSettings {
            api: format!("http://{}", self.address),
            token: self.samples.token.clone(),
            secret: self.samples.secret.clone(),
            friend: FRIEND.into(),
            per_second: PER_SECOND,
        })
    }

    /// The real adapter of web push; the stand-in's endpoints are known to it.
    #[must_use]
    pub fn push(&self) -> Push {
        let settings = PushSettings {
            key: self.vapid.clone(),
            contact: "mailto:mihon@example.jp".into(),
            services: vec![self.address.to_string()],
            per_second: PER_SECOND,
        };
        Push::new(settings, Arc::clone(&self.now), Arc::clone(&self.random))
    }
}
