//! A small HTTP/1.1 client over one kept connection. It shares the machine's cores with the server that it measures,
//! so it does what a load generator must and no more: one write and one buffer a request, the head looked through
//! once, the body counted by its `Content-Length` and only kept where the bench reads it.

use anyhow::{Context as _, bail, ensure};
use std::io::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Larger than an answer, so that one read takes it whole.
const BUFFER_BYTES: usize = 256 * 1024;

/// One connection.
pub(super) struct Client {
    stream: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

/// An answer's status and how long its body is.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) bytes: usize,
    /// Where the body begins in the buffer, if all of it is there.
    body: Option<std::ops::Range<usize>>,
}

/// A request ready to be sent as it stands.
pub(super) fn request(
    method: &str,
    path: &str,
    token: &str,
    key: Option<&str>,
    body: &str,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 320);
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !token.is_empty() {
        let _ = write!(out, "Authorization: Bearer {token}\r\n");
    }
    if let Some(key) = key {
        let _ = write!(
            out,
            "Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
        );
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body.as_bytes());
    out
}

impl Client {
    pub(super) async fn connect(address: &str, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            token: token.to_owned(),
            buffer: vec![0; BUFFER_BYTES],
        })
    }

    /// Sends a request and gives status and body.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<(u16, String)> {
        let request = request("GET", path, &self.token, None, "");
        self.stream.write_all(&request).await?;
        let answer = self.read(true).await?;
        Ok((answer.status, self.text(&answer)?))
    }

    /// Sends a prepared request and gives status and body.
    pub(super) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(u16, String)> {
        self.stream.write_all(request).await?;
        let answer = self.read(true).await?;
        Ok((answer.status, self.text(&answer)?))
    }

    /// Sends a prepared request; fails unless it is answered with that status.
    pub(super) async fn expect(&mut self, request: &[u8], status: u16) -> anyhow::Result<usize> {
        self.stream.write_all(request).await?;
        let answer = self.read(false).await?;
        if answer.status != status {
            bail!("{}: {}", answer.status, self.text(&answer)?);
        }
        Ok(answer.bytes)
    }

    /// Uploads a file and gives its id.
    pub(super) async fn upload(&mut self, name: &str, content: &[u8]) -> anyhow::Result<String> {
        let mut body = format!(
            "--bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--bench--\r\n");
        let head = format!(
            "POST /api/v1/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=bench\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(&body).await?;
        let answer = self.read(true).await?;
        let text = self.text(&answer)?;
        ensure!(answer.status == 201, "{}: {text}", answer.status);
        let answer: serde_json::Value = serde_json::from_str(&text)?;
        Ok(answer["id"].as_str().context("no id")?.to_owned())
    }

    fn text(&self, answer: &Answer) -> anyhow::Result<String> {
        let body = answer.body.clone().context("the answer was not kept")?;
        let body = self.buffer.get(body).context("the answer was cut")?;
        Ok(String::from_utf8(body.to_vec())?)
    }

    /// Reads an answer. Without `keep` a long body is read over itself.
    async fn read(&mut self, keep: bool) -> anyhow::Result<Answer> {
        let mut filled = 0;
        let end = loop {
            let more = self.fill(filled).await?;
            // The end of the head may lie across two reads.
            let from = filled.saturating_sub(3);
            filled += more;
            let at = self.buffer[from..filled]
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            if let Some(at) = at {
                break from + at + 4;
            }
        };
        let (status, length) = head(&self.buffer[..end])?;
        let Some(length) = length else {
            return self.read_chunks(status, end, filled).await;
        };
        if end + length > self.buffer.len() && keep {
            self.buffer.resize(end + length, 0);
        }
        let fits = end + length <= self.buffer.len();
        let mut missing = (end + length).saturating_sub(filled);
        while missing > 0 {
            let more = self.fill(if fits { filled } else { 0 }).await?;
            filled += more;
            missing = missing
                .checked_sub(more)
                .context("more came than was said")?;
        }
        Ok(Answer {
            status,
            bytes: length,
            body: fits.then_some(end..end + length),
        })
    }

    /// An answer in chunks; its frame is taken off in place.
    async fn read_chunks(
        &mut self,
        status: u16,
        from: usize,
        mut filled: usize,
    ) -> anyhow::Result<Answer> {
        while !self.buffer[from..filled].ends_with(b"0\r\n\r\n") {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            filled += self.fill(filled).await?;
        }
        let (mut at, mut end) = (from, from);
        loop {
            let line = self.buffer[at..filled]
                .windows(2)
                .position(|two| two == b"\r\n")
                .context("no end of a chunk's size")?;
            let size = std::str::from_utf8(&self.buffer[at..at + line])?;
            let size = usize::from_str_radix(size.trim(), 16)?;
            at += line + 2;
            if size == 0 {
                break;
            }
            ensure!(at + size <= filled, "a chunk was cut");
            self.buffer.copy_within(at..at + size, end);
            (at, end) = (at + size + 2, end + size);
        }
        Ok(Answer {
            status,
            bytes: end - from,
            body: Some(from..end),
        })
    }

    async fn fill(&mut self, from: usize) -> anyhow::Result<usize> {
        let room = self.buffer.get_mut(from..).unwrap_or_default();
        let more = self.stream.read(room).await?;
        ensure!(more > 0, "the server closed the connection");
        Ok(more)
    }
}

/// Status and length of the body; no length if it comes in chunks.
fn head(bytes: &[u8]) -> anyhow::Result<(u16, Option<usize>)> {
    let head = std::str::from_utf8(bytes)?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .context("no status")?;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok((status, Some(value.trim().parse()?)));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok((status, None));
        }
    }
    Ok((status, Some(0)))
}
