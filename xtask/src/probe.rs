//! The smallest HTTP client there is: one GET, the status and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The status of `GET path`, or `None` while nothing answers there.
pub(crate) fn status(address: &str, path: &str) -> Option<u16> {
    let address: SocketAddr = address.parse().ok()?;
    let limit = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head).ok()?;
    parse(&head)
}

/// Reads `HTTP/1.1 200`.
fn parse(head: &[u8; 12]) -> Option<u16> {
    let text = std::str::from_utf8(head).ok()?;
    text.strip_prefix("HTTP/1.")?.get(2..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_status_line_is_read() {
        assert_eq!(parse(b"HTTP/1.1 503"), Some(503));
        assert_eq!(parse(b"SSH-2.0-Open"), None);
    }

    #[test]
    fn an_answer_is_seen_and_silence_too() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0_u8; 256];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /readyz HTTP/1.1\r\n"));
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        });
        assert_eq!(status(&address, "/readyz"), Some(200));
        answering.join().unwrap();
        assert_eq!(status(&address, "/readyz"), None);
    }
}
