//! From where a request comes, as its owner may recognise it later: browser, system, and a network cut short.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// Longer names of browsers are none of a browser.
const LONGEST_AGENT_BYTES: usize = 1_024;

/// From where a request comes.
#[derive(Clone, Default)]
pub struct Whence {
    address: Option<IpAddr>,
    device: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Whence {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            address: peer.map(|peer| peer.0.ip().to_canonical()),
            device: device(&parts.headers),
        })
    }
}

impl Whence {
    /// A peer's address without a browser.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self {
            address: Some(address),
            device: String::new(),
        }
    }

    /// The whole address, for throttling; none where it is not known.
    #[must_use]
    pub fn peer(&self) -> Option<IpAddr> {
        self.address
    }

    /// Browser and system, in their makers' words; empty where not known.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The network: of IPv4 the first three numbers, of IPv6 the first 48 bits, which many lines share.
    #[must_use]
    pub fn place(&self) -> String {
        match self.address {
            None => String::new(),
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.x")
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::x")
            }
        }
    }
}

/// The first that a name of a browser has says which it is: others' names stand in most.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YJApp", "Yahoo! JAPAN"),
    ("Line/", "LINE"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let Some(agent) = agent.filter(|agent| agent.len() <= LONGEST_AGENT_BYTES) else {
        return String::new();
    };
    let first = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    let parts = [first(BROWSERS), first(SYSTEMS)];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(agent: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, agent.parse().unwrap());
        device(&headers)
    }

    #[test]
    fn a_browser_is_told_by_its_own_name() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari / iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge / Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome / Android",
            ),
            ("curl/8.5", ""),
        ] {
            assert_eq!(named(agent), expected);
        }
    }

    #[test]
    fn a_place_names_no_line() {
        let place = |text: &str| Whence::address(text.parse().unwrap()).place();
        assert_eq!(place("192.0.2.77"), "192.0.2.x");
        assert_eq!(place("2001:db8:12:34::1"), "2001:db8:12::x");
        assert_eq!(Whence::default().place(), "");
    }
}
