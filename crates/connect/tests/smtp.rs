//! Mail against a real SMTP server: one that takes, greylists, refuses, goes away and comes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use connect::mail::{Mail, MailSettings};
use engine::outreach::{Letter, SendFault, Sender};
use mailin::{Action, Handler, Response, SessionBuilder, response};
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Answers by the name before the @, and keeps what it took.
#[derive(Clone, Default)]
struct House {
    taken: Arc<Mutex<Vec<(String, String)>>>,
    to: String,
    data: Vec<u8>,
    /// How often `grey` was told to come again.
    grey: Arc<Mutex<u32>>,
}

impl Handler for House {
    fn helo(&mut self, _: IpAddr, _: &str) -> Response {
        response::OK
    }
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        response::OK
    }
    fn rcpt(&mut self, to: &str) -> Response {
        self.to = to.to_owned();
        match to.split('@').next().unwrap() {
            "unknown" => Response::custom(550, "5.1.1 User unknown".into()),
            "refused" => Response::custom(554, "5.7.1 Not wanted".into()),
            "grey" => {
                let mut seen = self.grey.lock().unwrap();
                *seen += 1;
                match *seen {
                    1 => Response::custom(451, "4.7.1 Greylisted, come again".into()),
                    _ => response::OK,
                }
            }
            _ => response::OK,
        }
    }
    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.data.clear();
        response::OK
    }
    fn data(&mut self, buf: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(buf);
        Ok(())
    }
    fn data_end(&mut self) -> Response {
        let text = String::from_utf8(self.data.clone()).unwrap();
        self.taken.lock().unwrap().push((self.to.clone(), text));
        response::OK
    }
}

/// Serves on a port until the test process ends, a thread a connection.
fn serve(listener: TcpListener) -> House {
    let house = House::default();
    let serving = house.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let house = serving.clone();
            std::thread::spawn(move || converse(connection, house));
        }
    });
    house
}

fn converse(connection: TcpStream, house: House) {
    let remote = connection.peer_addr().unwrap().ip();
    let mut session = SessionBuilder::new("peer.example").build(remote, house);
    let mut out = connection.try_clone().unwrap();
    session.greeting().write_to(&mut out).unwrap();
    let mut lines = BufReader::new(connection);
    let mut line = Vec::new();
    while lines
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::NoReply => {}
            Action::Close => {
                let _ = answer.write_to(&mut out);
                return;
            }
            _ if answer.write_to(&mut out).is_err() => return,
            _ => {}
        }
    }
}

fn mail(port: u16) -> Mail {
    Mail::new(MailSettings {
        server: format!("smtp://127.0.0.1:{port}"),
        login: None,
        from: "つむぎ <no-reply@tsumugi.example>".into(),
        per_second: 10,
    })
    .unwrap()
}

fn letter(to: &str) -> Letter {
    Letter {
        id: Uuid::from_u128(7),
        to: to.into(),
        subject: "食-2026-00042 に直していただきたいところがあります".into(),
        body: "つむぎからお知らせがあります。".into(),
        link: Some("https://portal.example/my/messages".into()),
        language: "ja",
        urgent: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_takes_greylists_and_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let house = serve(listener);
    let mail = mail(port);
    mail.send(&letter("hanako@example.jp")).await.unwrap();
    let grey = letter("grey@example.jp");
    assert!(matches!(mail.send(&grey).await, Err(SendFault::Later(why)) if why.contains("451")));
    mail.send(&grey).await.unwrap();
    let unknown = mail.send(&letter("unknown@example.jp")).await;
    assert!(matches!(unknown, Err(SendFault::Gone(why)) if why.contains("550")));
    let refused = mail.send(&letter("refused@example.jp")).await;
    assert!(matches!(refused, Err(SendFault::Never(why)) if why.contains("554")));

    let taken = house.taken.lock().unwrap();
    let to: Vec<&str> = taken.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["hanako@example.jp", "grey@example.jp"]);
    let text = &taken[0].1;
    assert!(
        text.contains("Message-ID: <00000000-0000-0000-0000-000000000007@tsumugi.example>"),
        "{text}"
    );
    assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
    let body: String = text
        .split_once("\r\n\r\n")
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD
        .decode(body)
        .unwrap();
    let body = String::from_utf8(body).unwrap().replace("\r\n", "\n");
    assert_eq!(
        body,
        "つむぎからお知らせがあります。\n\nhttps://portal.example/my/messages\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_tried_again_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mail = mail(port);
    let away = mail.send(&letter("hanako@example.jp")).await;
    assert!(matches!(away, Err(SendFault::Later(_))), "{away:?}");
    let house = serve(TcpListener::bind(("127.0.0.1", port)).unwrap());
    mail.send(&letter("hanako@example.jp")).await.unwrap();
    assert_eq!(house.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn addresses_are_checked_before_anything_is_sent() {
    let mail = mail(1);
    assert_eq!(
        mail.address(" hanako@example.jp "),
        Ok("hanako@example.jp".into())
    );
    assert!(mail.address("hanako").is_err());
    assert!(mail.address("a@b.jp\r\nBcc: c@d.jp").is_err());
}
