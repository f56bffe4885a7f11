//! Mail, SMS, LINE and web push: the real adapters against stand-ins that check what the providers check.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use connect::sandbox::Sandbox;
use engine::outreach::{Channel, Letter, Samples, SendFault, Sender};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use uuid::Uuid;

const USER: &str = "U5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

async fn sandbox() -> Sandbox {
    let now: connect::Now = Arc::new(|| "2026-11-22T03:00:00Z".parse().unwrap());
    let count = AtomicU8::new(1);
    let random: connect::Random = Arc::new(move |bytes: &mut [u8]| {
        bytes
            .iter_mut()
            .for_each(|byte| *byte = count.fetch_add(7, Ordering::Relaxed));
    });
    Sandbox::start(now, random).await.unwrap()
}

fn letter(id: u128, to: &str, body: &str) -> Letter {
    Letter {
        id: Uuid::from_u128(id),
        to: to.into(),
        subject: "件名".into(),
        body: body.into(),
        link: Some("https://portal.example/my/messages".into()),
        language: "ja",
        urgent: false,
    }
}

/// What every provider must do with letters to an address that it knows.
async fn takes_once(house: &Sandbox, sender: &dyn Sender, to: &str) {
    let channel = sender.channel();
    let count = || {
        house
            .samples
            .letters()
            .iter()
            .filter(|one| one.channel == channel)
            .count()
    };
    sender.send(&letter(1, to, "本文")).await.unwrap();
    // Sent again because our note of it was lost.
    sender.send(&letter(1, to, "本文")).await.unwrap();
    assert_eq!(count(), 1);
    sender
        .send(&letter(2, to, &"長い文。".repeat(3_000)))
        .await
        .unwrap();
    assert_eq!(count(), 2);
    let last = house.samples.letters().remove(0);
    assert!(
        last.body.ends_with("https://portal.example/my/messages"),
        "the way in is never cut off"
    );

    house.samples.limit(channel, 1, Duration::from_secs(17));
    let limited = sender.send(&letter(3, to, "本文")).await;
    assert_eq!(limited, Err(SendFault::Limited(Duration::from_secs(17))));
    house.samples.set_down(channel, true);
    assert!(matches!(
        sender.send(&letter(3, to, "本文")).await,
        Err(SendFault::Later(_))
    ));
    house.samples.set_down(channel, false);
    sender.send(&letter(3, to, "本文")).await.unwrap();
    assert_eq!(count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn sms_goes_once_and_an_unknown_number_is_gone() {
    let house = sandbox().await;
    let sms = house.sms().unwrap();
    let to = sms.address("090-1234-5678").unwrap();
    takes_once(&house, &sms, &to).await;
    let unknown = sms.address("090-0000-0000").unwrap();
    assert!(matches!(
        sms.send(&letter(9, &unknown, "本文")).await,
        Err(SendFault::Gone(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_over_smtp_and_is_read_as_it_was_written() {
    let house = sandbox().await;
    let mail = house.mail().unwrap();
    let to = mail.address("hanako@example.jp").unwrap();
    mail.send(&letter(1, &to, "長い文。\n.点で始まる行"))
        .await
        .unwrap();
    let taken = house.samples.letters().remove(0);
    assert_eq!(
        (taken.channel, taken.subject.as_str()),
        (Channel::Mail, "件名")
    );
    assert_eq!(taken.to, "hanako@example.jp");
    assert_eq!(
        taken.body,
        "長い文。\n.点で始まる行\n\nhttps://portal.example/my/messages"
    );
    let unknown = mail.send(&letter(2, "unknown@example.jp", "本文")).await;
    assert!(matches!(unknown, Err(SendFault::Gone(_))), "{unknown:?}");
    house.samples.set_down(Channel::Mail, true);
    let down = mail.send(&letter(3, &to, "本文")).await;
    assert!(matches!(down, Err(SendFault::Later(_))), "{down:?}");
    house.samples.set_down(Channel::Mail, false);
    mail.send(&letter(3, &to, "本文")).await.unwrap();
    assert_eq!(house.samples.letters().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_goes_once_and_a_spent_month_waits() {
    let house = sandbox().await;
    let line = house.line().unwrap();
    takes_once(&house, &line, USER).await;
    assert!(matches!(
        line.send(&letter(9, "U1", "本文")).await,
        Err(SendFault::Gone(_))
    ));
    house.samples.quota(Channel::Line, 0);
    let spent = line.send(&letter(10, USER, "本文")).await;
    assert!(matches!(spent, Err(SendFault::Later(why)) if why.contains("今月")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_proven_sealed_and_shown_once() {
    let house = sandbox().await;
    let push = house.push();
    let to = push.address(&house.samples.subscription()).unwrap();
    takes_once(&house, &push, &to).await;
    assert_eq!(house.samples.letters().last().unwrap().subject, "件名");
    let gone = to.replace("/push/sample", "/push/gone");
    assert!(matches!(
        push.send(&letter(9, &gone, "本文")).await,
        Err(SendFault::Gone(_))
    ));
    for elsewhere in [
        "https://evil.example/x",
        "http://127.0.0.1:1/x",
        "https://10.0.0.1/x",
    ] {
        let subscription = house.samples.subscription();
        let at = subscription.find("http://").unwrap();
        let end = at + subscription[at..].find('"').unwrap();
        let other = format!("{}{elsewhere}{}", &subscription[..at], &subscription[end..]);
        assert!(push.address(&other).is_err(), "{elsewhere}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_line_itself_can_say_what_a_user_wrote() {
    let house = sandbox().await;
    let line = house.line().unwrap();
    let (body, signature) = house.samples.line_webhook(USER, "123456");
    let heard = line.incoming(body.as_bytes(), &signature).unwrap();
    assert_eq!(
        (heard[0].from.as_str(), heard[0].text.as_str()),
        (USER, "123456")
    );
    let forged = body.replace("123456", "654321");
    assert!(line.incoming(forged.as_bytes(), &signature).is_none());
    assert!(line.incoming(body.as_bytes(), "").is_none());
}
