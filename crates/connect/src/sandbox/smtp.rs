//! A mail server on a port of this machine: it speaks SMTP with the real adapter, and keeps what it took, decoded.

use super::box_::{Mood, SampleBox};
use engine::outreach::Channel;
use mail_parser::MessageParser;
use mailin::{Action, Handler, Response, Session, SessionBuilder, response};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The mailbox that no server knows: what an unknown one answers can be seen with it.
const UNKNOWN: &str = "unknown@";
/// A line is no longer than this (RFC 5321 4.5.3.1.6 says 1,000): what is longer is none of ours.
const MAX_LINE_BYTES: usize = 4_096;

/// One conversation.
struct House {
    samples: Arc<SampleBox>,
    to: String,
    data: Vec<u8>,
}

pub(super) async fn listen(samples: Arc<SampleBox>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((connection, from)) = listener.accept().await {
            let house = House {
                samples: Arc::clone(&samples),
                to: String::new(),
                data: Vec::new(),
            };
            let session = SessionBuilder::new("mail.tsumugi.example").build(from.ip(), house);
            tokio::spawn(async move {
                // Whoever leaves in the middle of a sentence is none of ours to tell of.
                let _ = converse(connection, session).await;
            });
        }
    });
    Ok(address)
}

async fn converse(mut connection: TcpStream, mut session: Session<House>) -> io::Result<()> {
    let (reader, mut writer) = connection.split();
    let mut reader = BufReader::new(reader);
    writer.write_all(&said(&session.greeting())?).await?;
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await? > 0 && line.len() <= MAX_LINE_BYTES {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::NoReply => {}
            Action::Close => return writer.write_all(&said(&answer)?).await,
            _ => writer.write_all(&said(&answer)?).await?,
        }
    }
    Ok(())
}

fn said(answer: &Response) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    answer.write_to(&mut bytes)?;
    Ok(bytes)
}

impl Handler for House {
    fn helo(&mut self, _: IpAddr, _: &str) -> Response {
        response::OK
    }

    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        match self.samples.mood(Channel::Mail) {
            Mood::Willing => response::OK,
            Mood::Down => Response::custom(421, "4.3.2 Service not available".into()),
            Mood::Limited(_) => Response::custom(451, "4.7.1 Too many, come again".into()),
            Mood::Spent => Response::custom(452, "4.2.2 Quota exceeded".into()),
        }
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with(UNKNOWN) {
            return Response::custom(550, "5.1.1 User unknown".into());
        }
        to.clone_into(&mut self.to);
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.data.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let Some(mail) = MessageParser::default().parse(&self.data) else {
            return Response::custom(554, "5.6.0 No message".into());
        };
        let id = mail.message_id().unwrap_or_default();
        let subject = mail.subject().unwrap_or_default();
        let body = mail.body_text(0).unwrap_or_default();
        let body = body.replace("\r\n", "\n");
        self.samples
            .take(Channel::Mail, id, &self.to, subject, body.trim_end());
        response::OK
    }
}
