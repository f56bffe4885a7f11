//! Behind a proxy: whom a request comes from is what the proxy says, and only what the proxy says.

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// The header in which each proxy writes whom it was asked by, the nearest last.
const FORWARDED: &str = "x-forwarded-for";

/// Addresses of proxies: one, or all that begin with the same bits (`10.0.0.0/8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: u128,
    /// Bits that count, of 128.
    bits: u32,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text} は IP アドレスでも、アドレスの範囲（例：10.0.0.0/8）でもありません");
        let (address, bits) = text.split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text).parse().map_err(|_| wrong())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = match bits {
            Some(bits) => bits
                .parse()
                .ok()
                .filter(|bits| *bits <= whole)
                .ok_or_else(wrong)?,
            None => whole,
        };
        Ok(Self {
            address: wide(address),
            bits: 128 - whole + bits,
        })
    }
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        let differ = self.address ^ wide(address);
        differ.leading_zeros() >= self.bits
    }
}

/// An address in the width of IPv6.
fn wide(address: IpAddr) -> u128 {
    let wide = match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    wide.to_bits()
}

/// The same routes, where requests that come from one of these proxies come from whom the proxy names.
pub fn behind(router: Router, proxies: Vec<Network>) -> Router {
    if proxies.is_empty() {
        return router;
    }
    router.layer(from_fn_with_state(Arc::<[Network]>::from(proxies), named))
}

async fn named(
    State(proxies): State<Arc<[Network]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(peer) = peer.map(|info| info.0.ip()) {
        let said = request.headers().get_all(FORWARDED);
        let said: Vec<&str> = said
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let client = client(peer, &said, &proxies);
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(client, 0)));
    }
    next.run(request).await
}

/// The nearest address that is no proxy's: what stands before it, whoever asks could have written.
fn client(peer: IpAddr, said: &[&str], proxies: &[Network]) -> IpAddr {
    let mut client = peer;
    let mut nearest_first = said.iter().rev().flat_map(|line| line.rsplit(','));
    while proxies.iter().any(|proxy| proxy.holds(client)) {
        match nearest_first
            .next()
            .and_then(|text| text.trim().parse().ok())
        {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, said: &[&str], proxies: &[&str]) -> String {
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        client(peer.parse().unwrap(), said, &proxies).to_string()
    }

    #[test]
    fn only_a_proxy_says_for_whom_it_asks() {
        let proxies = ["10.0.0.0/8", "2001:db8::5"];
        assert_eq!(
            of("203.0.113.9", &["198.51.100.1"], &proxies),
            "203.0.113.9"
        );
        assert_eq!(of("10.0.0.5", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(
            of("::ffff:10.0.0.5", &["198.51.100.1"], &proxies),
            "198.51.100.1"
        );
        assert_eq!(of("2001:db8::5", &["2001:db8::9"], &proxies), "2001:db8::9");
        // What somebody wrote there themselves stands before what the proxies added.
        assert_eq!(
            of("10.0.0.5", &["1.1.1.1, 198.51.100.1"], &proxies),
            "198.51.100.1"
        );
        assert_eq!(
            of("10.0.0.5", &["1.1.1.1", "198.51.100.1, 10.0.0.6"], &proxies),
            "198.51.100.1"
        );
        assert_eq!(of("10.0.0.5", &["1.1.1.1, rubbish"], &proxies), "10.0.0.5");
        assert_eq!(of("10.0.0.5", &[], &proxies), "10.0.0.5");
    }

    #[test]
    fn what_is_no_network_is_said() {
        for wrong in ["", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .holds("9.9.9.9".parse().unwrap())
        );
        assert!(
            !"0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .holds("2001:db8::1".parse().unwrap())
        );
    }
}
