//! The outside world behind traits of the kernel and the engine: payment gateways, mail and the like. Each module
//! brings a real adapter or a stand-in that behaves like one; only the binary and the tests wire them in.

mod http;
pub mod line;
pub mod mail;
pub mod oidc;
mod outside;
pub mod payment;
pub mod push;
pub mod sandbox;
pub mod scan;
mod setup;
pub mod sms;

pub use setup::SetupError;

use jiff::Timestamp;
use std::sync::Arc;

/// Tells the time: handed in, so that tests control it.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Fills bytes with randomness fit for secrets.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Whether a URL leads to this machine, as those of stand-ins do.
fn is_loopback(url: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1:", "localhost:", "[::1]:"]
        .iter()
        .any(|known| host.starts_with(known))
}

#[cfg(test)]
mod fuzz;
