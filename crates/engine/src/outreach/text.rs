//! What is said outside, in the reader's language. Whoever looks at the reader's telephone sees it, so it says no more
//! than the service allows.

use super::Letter;
use definition::model::Outside;
use kernel::port::MessageRow;
use uuid::Uuid;

/// The platform's own sentences in one language.
struct Words {
    tag: &'static str,
    something: &'static str,
    read_on: &'static str,
    code_subject: &'static str,
    code_before: &'static str,
    code_after: &'static str,
}

const JAPANESE: Words = Words {
    tag: "ja",
    something: "お知らせがあります",
    read_on: "つむぎからお知らせがあります。内容はマイページで見られます。",
    code_subject: "確認番号",
    code_before: "つむぎの確認番号は ",
    code_after: " です。30分以内にマイページの画面に入れてください。心当たりのないときは、何もしなくてかまいません。",
};
const EASY: Words = Words {
    tag: "ja-easy",
    something: "お知らせがあります",
    read_on: "つむぎから あなたに お知らせが あります。マイページで 読んで ください。",
    code_subject: "確認の 番号",
    code_before: "つむぎの 番号は ",
    code_after: " です。30分の 間に マイページに 入れて ください。知らない ときは、何も しなくて いいです。",
};
const ENGLISH: Words = Words {
    tag: "en",
    something: "You have a message",
    read_on: "You have a message from Tsumugi. Read it on My Page.",
    code_subject: "Your code",
    code_before: "Your Tsumugi code is ",
    code_after: ". Enter it on My Page within 30 minutes. If you did not ask for it, do nothing.",
};

fn words(language: &str) -> &'static Words {
    match language {
        "en" => &ENGLISH,
        "ja-easy" => &EASY,
        _ => &JAPANESE,
    }
}

/// A message as a letter; none if nothing of it may go outside.
pub(super) fn letter(
    id: Uuid,
    to: &str,
    message: &MessageRow,
    language: &str,
    base: &str,
) -> Option<Letter> {
    let words = words(language);
    let said = message.others.get(language);
    let subject = said.map_or(&message.subject, |said| &said.subject);
    let body = said.map_or(&message.body, |said| &said.body);
    let (subject, body) = match message.reach.outside {
        Outside::None => return None,
        Outside::Full => (subject.as_str(), body.as_str()),
        Outside::Short if message.reach.plain_subject => (subject.as_str(), words.read_on),
        Outside::Short => (words.something, words.read_on),
    };
    Some(Letter {
        id,
        to: to.to_owned(),
        subject: one_line(subject),
        body: body.to_owned(),
        link: Some(format!("{base}/my/messages")),
        language: words.tag,
        urgent: message.reach.urgent,
    })
}

/// The letter that brings a code.
pub(super) fn code_letter(id: Uuid, to: &str, code: &str, language: &str) -> Letter {
    let words = words(language);
    Letter {
        id,
        to: to.to_owned(),
        subject: words.code_subject.to_owned(),
        body: format!("{}{code}{}", words.code_before, words.code_after),
        link: None,
        language: words.tag,
        urgent: true,
    }
}

/// The letter that brings a link to somebody who is asked to go on with a record. Who it is is not known, nor what they
/// speak: plain Japanese.
pub(super) fn handover_letter(id: Uuid, to: &str, link: &str, what: &str, by: &str) -> Letter {
    Letter {
        id,
        to: to.to_owned(),
        subject: one_line(&format!("「{what}」の続きを頼まれました")),
        body: format!(
            "{}さんから、「{what}」の続きを頼まれました。下のリンクを開き、{}さんから別に受け取った番号を入れてください。\n心当たりのないときは、何もしなくてかまいません。",
            one_line(by),
            one_line(by)
        ),
        link: Some(link.to_owned()),
        language: JAPANESE.tag,
        urgent: false,
    }
}

/// A subject must not bring headers of its own.
fn one_line(text: &str) -> String {
    text.split(char::is_control)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
