//! Where a database is and how it is spoken to: the address as libpq knows it, with what the driver leaves out of TLS.
//!
//! `sslmode` is `disable`, `prefer` (as if none were named), `require` (no look at the certificate, unless
//! `sslrootcert` is named), `verify-ca` or `verify-full`; `sslrootcert` is a file in PEM, or `system`, which it is where
//! certificates are looked at and none is named.

use super::tls::{self, Trust};
use crate::failure::Failure;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// An address that was understood.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    pub(super) fn read(url: &str, schema: &str) -> Result<Self, Failure> {
        let unreadable =
            || Failure::Unavailable("the address of the database cannot be read".into());
        let (mut config, asked) = config(url).ok_or_else(unreadable)?;
        config
            .application_name(format!("tsumugi {schema}"))
            .connect_timeout(super::session::CONNECT)
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(30));
        let is_local = |host: &Host| matches!(host, Host::Unix(_));
        let (mode, trust) = asked.meaning()?;
        // A socket of the same machine knows no TLS.
        config.ssl_mode(match config.get_hosts().iter().all(is_local) {
            true => SslMode::Disable,
            false => mode,
        });
        let tls = tls::connector(&trust)?;
        Ok(Self { config, tls })
    }
}

/// The driver's part of an address, and what it says of TLS.
pub(super) fn config(url: &str) -> Option<(Config, Asked)> {
    let (rest, asked) = split(url)?;
    Some((rest.parse().ok()?, asked))
}

/// What an address says of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    mode: Option<String>,
    root: Option<String>,
}

impl Asked {
    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "sslmode" => self.mode = Some(value.to_owned()),
            "sslrootcert" => self.root = Some(value.to_owned()),
            _ => return false,
        }
        true
    }

    fn meaning(self) -> Result<(SslMode, Trust), Failure> {
        let roots = match self.root.as_deref() {
            None | Some("system") => None,
            Some(path) => Some(PathBuf::from(path)),
        };
        Ok(match self.mode.as_deref() {
            Some("disable") => (SslMode::Disable, Trust::Anyone),
            None | Some("prefer" | "allow") => (SslMode::Prefer, Trust::Anyone),
            Some("require") if self.root.is_none() => (SslMode::Require, Trust::Anyone),
            Some("require" | "verify-ca") => (SslMode::Require, Trust::Issued(roots)),
            Some("verify-full") => (SslMode::Require, Trust::Named(roots)),
            Some(_) => {
                return Err(Failure::Unavailable(
                    "sslmode is disable, prefer, require, verify-ca or verify-full".into(),
                ));
            }
        })
    }
}

/// Takes what it says of TLS out of an address, a URL or pairs of names and values.
fn split(url: &str) -> Option<(String, Asked)> {
    let mut asked = Asked::default();
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        let mut rest = String::new();
        for (name, value) in pairs(url)? {
            if !asked.take(&name, &value) {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                rest.push_str(&format!("{name}='{value}' "));
            }
        }
        return Some((rest, asked));
    }
    let Some((head, query)) = url.split_once('?') else {
        return Some((url.to_owned(), asked));
    };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=')?;
        if !asked.take(name, &plain(value)?) {
            kept.push(pair);
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    Some((format!("{head}{mark}{}", kept.join("&")), asked))
}

/// `%2F` and the like.
fn plain(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// `name = value` and `name='a value'`, with `\` before what stands for itself.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let mut value = String::new();
        let mut chars = after.trim_start().chars();
        let quoted = chars.as_str().starts_with('\'');
        if quoted {
            chars.next();
        }
        loop {
            match chars.next() {
                Some('\\') => value.push(chars.next()?),
                Some('\'') if quoted => break,
                Some(c) if c.is_whitespace() && !quoted => break,
                Some(c) => value.push(c),
                None if quoted => return None,
                None => break,
            }
        }
        all.push((name.trim().to_owned(), value));
        rest = chars.as_str().trim_start();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(mode: &str, root: Option<&str>) -> Asked {
        Asked {
            mode: Some(mode.into()),
            root: root.map(Into::into),
        }
    }

    #[test]
    fn what_an_address_says_of_tls_is_taken_out_and_the_rest_is_as_it_was() {
        let url = "postgres://a:b@h1,h2/n?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&target_session_attrs=read-write";
        let (rest, found) = split(url).unwrap();
        assert_eq!(
            rest,
            "postgres://a:b@h1,h2/n?target_session_attrs=read-write"
        );
        assert_eq!(found, asked("verify-full", Some("/etc/ca.pem")));
        let (rest, found) =
            split(r"host=h password='it\'s' sslmode = require sslrootcert=/a\ b").unwrap();
        assert_eq!(rest, r"host='h' password='it\'s' ");
        assert_eq!(found, asked("require", Some("/a b")));
        let config: Config = rest.parse().unwrap();
        assert_eq!(config.get_password(), Some("it's".as_bytes()));
        assert_eq!(
            split("postgres://a@h/n").unwrap(),
            ("postgres://a@h/n".into(), Asked::default())
        );
        assert!(split("host='h").is_none());
    }

    #[test]
    fn a_strange_mode_is_refused_and_a_socket_needs_no_tls() {
        let strange = Address::read("postgres://a@h/n?sslmode=verify", "t");
        let said = strange.err().unwrap().to_string();
        assert!(said.contains("verify-full"), "{said}");
        let local = Address::read("host=/run/postgresql sslmode=require", "t").unwrap();
        assert_eq!(local.config.get_ssl_mode(), SslMode::Disable);
        let far = Address::read("postgres://a@h/n?sslmode=require", "t").unwrap();
        assert_eq!(far.config.get_ssl_mode(), SslMode::Require);
    }
}
