//! A service: the file as the body of a POST, its answer as a status.

use super::{LONGEST_FILE, PATIENCE};
use engine::scan::{ScanFault, Scanner, Scanning, Verdict};

/// A service on the network.
pub(super) struct Http {
    agent: ureq::Agent,
    url: String,
}

impl Http {
    pub(super) fn new(url: String) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self {
            agent: config.into(),
            url,
        }
    }
}

impl Scanner for Http {
    fn scan<'a>(&'a self, media_type: &'a str, content: &'a [u8]) -> Scanning<'a> {
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let (media_type, content) = (media_type.to_owned(), content.to_vec());
        Box::pin(async move {
            let asked =
                tokio::task::spawn_blocking(move || ask(&agent, &url, &media_type, &content));
            asked.await.ok().flatten().unwrap_or_else(|| {
                Err(ScanFault("ファイルの確認のサービスにつながりません".into()))
            })
        })
    }
}

/// None if nobody answers.
fn ask(
    agent: &ureq::Agent,
    url: &str,
    media_type: &str,
    content: &[u8],
) -> Option<Result<Verdict, ScanFault>> {
    let request = agent.post(url).header("content-type", media_type);
    let mut answer = request.send(content).ok()?;
    let status = answer.status().as_u16();
    let reader = answer.body_mut().with_config().limit(LONGEST_FILE);
    let said = reader.read_to_vec().ok()?;
    Some(match status {
        204 => Ok(Verdict::Harmless),
        200 if said.is_empty() => Ok(Verdict::Harmless),
        200 => Ok(Verdict::Cleaned(said)),
        406 | 422 => Ok(Verdict::Refused),
        status => Err(ScanFault(format!(
            "ファイルの確認のサービスが {status} を返しました"
        ))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    /// A service that answers one request, having read it whole.
    fn service(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("http://{}/scan", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut read = Vec::new();
            let mut piece = [0; 4096];
            while !read.ends_with(b"<the file>") {
                let many = stream.read(&mut piece).unwrap();
                read.extend_from_slice(&piece[..many]);
            }
            assert!(String::from_utf8_lossy(&read).contains("image/png"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        place
    }

    async fn said(answer: &'static str) -> Result<Verdict, ScanFault> {
        let scanner = Http::new(service(answer));
        scanner.scan("image/png", b"<the file>").await
    }

    #[tokio::test]
    async fn its_status_is_its_answer() {
        let none = said("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
        assert_eq!(none, Ok(Verdict::Harmless));
        let found =
            said("HTTP/1.1 422 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        assert_eq!(found, Ok(Verdict::Refused));
        let cleaned =
            said("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nclean").await;
        assert_eq!(cleaned, Ok(Verdict::Cleaned(b"clean".to_vec())));
        let elsewhere = said(
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert!(elsewhere.is_err());
        let cut = said("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nclean").await;
        assert!(cut.is_err(), "half a file is none");
        assert!(
            Http::new("http://127.0.0.1:9/".into())
                .scan("image/png", b"x")
                .await
                .is_err()
        );
    }
}
