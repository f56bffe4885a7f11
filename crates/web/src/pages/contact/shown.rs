//! A way as the page shows it.

use crate::i18n::{say, with};
use crate::pages::show::instant;
use jiff::civil::Time;
use kernel::mailroom::{Channel, Way};

/// One address.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) channel: &'static str,
    pub(super) address: String,
    pub(super) on: bool,
    pub(super) confirmed: bool,
    /// Whether a code is awaited here.
    pub(super) awaited: bool,
    pub(super) fault: Option<String>,
}

impl Line {
    pub(super) fn of(way: &Way) -> Self {
        let fault = way
            .fault
            .as_ref()
            .map(|(at, why)| with("{0}に送れませんでした：{1}", &[&instant(*at), why]));
        Self {
            id: way.id.to_string(),
            channel: title(way.channel),
            address: address(way),
            on: way.on,
            confirmed: way.confirmed.is_some(),
            awaited: way.awaited.is_some(),
            fault,
        }
    }
}

/// Its name on pages.
pub(in crate::pages) fn title(channel: Channel) -> &'static str {
    say(match channel {
        Channel::Mail => "メール",
        Channel::Sms => "SMS",
        Channel::Line => "LINE",
        Channel::Push => "ブラウザーの通知",
    })
}

/// What its owner knows it by; ids of a provider are nobody's to read.
fn address(way: &Way) -> String {
    match way.channel {
        Channel::Mail => way.address.clone(),
        Channel::Sms => way.address.replacen("+81", "0", 1),
        Channel::Line => say("つながっています").to_owned(),
        Channel::Push => say("登録したブラウザー").to_owned(),
    }
}

/// `21:00`.
pub(super) fn hours(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
