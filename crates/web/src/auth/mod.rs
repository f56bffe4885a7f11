//! Who is there: cookie sessions and bearer tokens, local sign-in, demo personas, CSRF.
//!
//! Pages render the forms; the routes here take their posts: `POST /sign-out`, `POST /hat` (for whom one acts) and, in
//! a demo, `POST /sign-in/persona`. `POST /sign-in` is a page's, over [`sign_in`], since it shows faults beside fields.

mod ask;
mod cookie;
mod demand;
mod device;
mod guessable;
mod handlers;
pub(crate) mod maintenance;
mod password;
mod persona;
mod sealed;
pub(crate) mod second;
mod sign_in;
mod signed;
mod systems;
mod throttle;
mod whence;

pub use cookie::{FORM_COOKIE, HAT_COOKIE, SESSION_COOKIE};
pub use guessable::is_guessable;
pub(crate) use handlers::router;
pub use handlers::safe_next;
pub use password::{SHORTEST_PASSWORD_CHARACTERS, hash_password};
pub use persona::{ASSURANCE as DEMO_ASSURANCE, DEMO_PASSWORD, PERSONAS, Persona, make_personas};
pub use sign_in::{
    Arrival, Halfway, NewSession, SignInError, hat_cookie, open, own_password, rotate, sign_in,
    sign_out_cookies,
};
pub use signed::{Signed, csrf_ok};
pub use whence::Whence;

pub(crate) use ask::Ask;
pub(crate) use cookie::form_cookie;
pub(crate) use demand::demand_second;
pub(crate) use device::{origin, remember};
pub(crate) use signed::secret_of;
pub(crate) use throttle::asks_for_letter;

use sha2::{Digest, Sha256};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

/// SHA-256 (hex) over parts, each preceded by its length, so that no two lists of parts give one text.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests;
