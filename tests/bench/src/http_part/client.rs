//! A small HTTP/1.1 client over one kept connection, so that the load generator costs little beside the server.

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection.
pub(super) struct Client {
    stream: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: &str, token: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            token: token.to_owned(),
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and gives status and body.
    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> anyhow::Result<(u16, String)> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !self.token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {}\r\n", self.token));
        }
        if let Some(key) = key {
            head.push_str(&format!(
                "Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
            ));
        }
        head.push_str("\r\n");
        head.push_str(body);
        self.stream.write_all(head.as_bytes()).await?;
        self.read().await
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
        let (status, answer) = self.read().await?;
        anyhow::ensure!(status == 201, "{status}: {answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        Ok(answer["id"].as_str().context("no id")?.to_owned())
    }

    async fn read(&mut self) -> anyhow::Result<(u16, String)> {
        self.buffer.clear();
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        };
        let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
        let status = head
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok())
            .context("no status")?;
        if head.contains("transfer-encoding: chunked") {
            while !self.buffer.ends_with(b"0\r\n\r\n") {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("the server closed the connection");
                }
            }
            return Ok((status, unchunk(&self.buffer[end..])));
        }
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|n| n.trim().parse().ok())
            .unwrap_or(0);
        while self.buffer.len() < end + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
        Ok((
            status,
            String::from_utf8(self.buffer[end..end + length].to_vec())?,
        ))
    }
}

fn unchunk(mut rest: &[u8]) -> String {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..at])
            .ok()
            .and_then(|text| usize::from_str_radix(text.trim(), 16).ok())
            .unwrap_or(0);
        let Some(chunk) = rest
            .get(at + 2..at + 2 + size)
            .filter(|chunk| !chunk.is_empty())
        else {
            break;
        };
        body.extend_from_slice(chunk);
        rest = rest.get(at + 4 + size..).unwrap_or_default();
    }
    String::from_utf8_lossy(&body).into_owned()
}
