//! Providers of identities by OpenID Connect: authorization code with PKCE, `state` and `nonce`, tokens checked against
//! the provider's published keys. Why our own few hundred lines and no library: `docs/decisions/0035-signing-in.md`.

mod claims;
mod client_key;
#[cfg(test)]
mod fuzz;
mod metadata;
mod provider;
mod settings;
#[cfg(test)]
mod tests;
mod token;

pub use provider::OidcProvider;
pub use settings::{IdentitySettings, Outside};
