//! Addresses that somebody other than the operator may have us call: only such as lie outside of our own networks.
//!
//! It is the address that counts, after names are resolved, for the very connection that is made: a name that answers with
//! one address when it is looked at and with another when it is called gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Resolves names, and leaves out every address that is not of the public internet.
#[derive(Debug, Default)]
pub(crate) struct OutsideOnly(DefaultResolver);

impl Resolver for OutsideOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        let mut outside = self.empty();
        for address in found.iter().filter(|address| is_outside(address.ip())) {
            outside.push(*address);
        }
        match outside.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(outside),
        }
    }
}

/// Whether an address is one of the public internet, by the registries of special addresses of IANA (RFC 6890 and those
/// after it).
fn is_outside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_outside_v4(address),
        IpAddr::V6(address) => is_outside_v6(address),
    }
}

fn is_outside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // This network; shared by carriers; protocol assignments; benchmarks; reserved and broadcast.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !is_special
}

fn is_outside_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only global unicast is given out; of it not: Teredo, ORCHID and others of 2001::/23, documentation, 6to4, which may
    // hold an address of IPv4, and 3fff::/20.
    let is_global = a & 0xe000 == 0x2000;
    let is_special = (a == 0x2001 && b < 0x0200)
        || (a, b) == (0x2001, 0x0db8)
        || a == 0x2002
        || (a == 0x3fff && b < 0x1000);
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_lies_inside_is_never_called() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_outside(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "172.32.0.1",
            "203.0.114.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
        ] {
            assert!(is_outside(outside.parse().unwrap()), "{outside}");
        }
    }

    proptest! {
        /// However an address of IPv4 is written as one of IPv6, it does not become one outside.
        #[test]
        fn an_inner_address_has_no_other_name(low: u32) {
            let inner = Ipv4Addr::from(0x0a00_0000 | (low & 0x00ff_ffff));
            prop_assert!(!is_outside(inner.into()));
            prop_assert!(!is_outside(inner.to_ipv6_mapped().into()));
            prop_assert!(!is_outside(inner.to_ipv6_compatible().into()));
        }
    }

    #[test]
    fn a_name_that_leads_inside_is_not_found() {
        let config = ureq::Agent::config_builder().max_redirects(0).build();
        let agent = ureq::Agent::with_parts(
            config,
            ureq::unversioned::transport::DefaultConnector::default(),
            OutsideOnly::default(),
        );
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let called = agent.post(format!("http://{host}:{port}/")).send("x");
            assert!(
                matches!(called, Err(Error::HostNotFound | Error::Io(_))),
                "{host}"
            );
        }
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nobody came");
    }
}
