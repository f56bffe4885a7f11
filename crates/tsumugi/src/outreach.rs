//! Wires the ways to reach people. What is not configured is not offered; a demo hands everything to stand-ins.

use crate::world::random;
use anyhow::{Context as _, Result};
use connect::line::{Line, LineSettings};
use connect::mail::{Mail, MailSettings};
use connect::push::{Push, PushSettings, VapidKey};
use connect::sandbox::Sandbox;
use connect::sms::{Sms, SmsSettings};
use connect::{Now, Random};
use engine::Clock;
use engine::outreach::{Outreach, Sender};
use std::sync::Arc;

/// Ways to reach people outside My Page. Does not print: it holds secrets.
#[derive(Default)]
pub struct OutreachConfig {
    /// Address of the portal as people write it (`https://…`).
    pub base: String,
    /// Mail.
    pub mail: Option<MailSettings>,
    /// SMS.
    pub sms: Option<SmsSettings>,
    /// LINE.
    pub line: Option<LineSettings>,
    /// Web push: the key as text and whom push services may write to.
    pub push: Option<(String, String)>,
}

/// Letters a second towards push services.
const PUSHES_A_SECOND: usize = 50;

pub(crate) async fn wire(
    config: &OutreachConfig,
    clock: &Arc<dyn Clock>,
    demo: bool,
) -> Result<Outreach> {
    let clock = Arc::clone(clock);
    let now: Now = Arc::new(move || clock.now());
    let random: Random = Arc::new(random);
    if demo {
        let sandbox = Sandbox::start(now, random).await?;
        let samples = Arc::clone(&sandbox.samples);
        return Ok(Outreach::new(sandbox.senders()?, &config.base).with_samples(samples));
    }
    let mut senders: Vec<Arc<dyn Sender>> = Vec::new();
    if let Some(settings) = &config.mail {
        let mail = Mail::new(settings.clone()).context("メールの設定")?;
        senders.push(Arc::new(mail));
    }
    if let Some(settings) = &config.sms {
        senders.push(Arc::new(Sms::new(settings.clone()).context("SMSの設定")?));
    }
    if let Some(settings) = &config.line {
        senders.push(Arc::new(Line::new(settings.clone()).context("LINEの設定")?));
    }
    if let Some((key, contact)) = &config.push {
        let settings = PushSettings {
            key: VapidKey::read(key).context("プッシュの設定")?,
            contact: contact.clone(),
            services: Vec::new(),
            per_second: PUSHES_A_SECOND,
        };
        senders.push(Arc::new(Push::new(settings, now, random)));
    }
    Ok(Outreach::new(senders, &config.base))
}
