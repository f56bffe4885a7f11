//! Passwords: Argon2id, about 20 ms of one core and 19 MiB a try (OWASP's least parameters, 2024).

use crate::{Problem, Random};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::OnceLock;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The fewest characters of a password that somebody chooses.
pub const SHORTEST_PASSWORD_CHARACTERS: usize = 12;
/// Longer ones are refused before any work is done for them.
const MAX_PASSWORD_BYTES: usize = 1024;

fn argon() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password in PHC form. Takes about 20 ms: call it from a blocking thread.
///
/// # Errors
/// Only if the parameters were wrong: an internal fault.
pub fn hash_password(password: &str, random: &Random) -> Result<String, Problem> {
    let mut salt = [0_u8; 16];
    random(&mut salt);
    hash_with(password, &salt)
}

fn hash_with(password: &str, salt: &[u8]) -> Result<String, Problem> {
    let hash: PasswordHash = argon()?
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password fits the hash. Takes the same time when there is no account or no hash.
pub(super) async fn verify(password: String, hash: Option<String>) -> Result<bool, Problem> {
    let known = hash.is_some();
    let work = move || -> Result<bool, Problem> {
        let hash = match hash {
            Some(hash) => hash,
            None => nobody()?,
        };
        if password.len() > MAX_PASSWORD_BYTES {
            return Ok(false);
        }
        let parsed = PasswordHash::new(&hash)
            .map_err(|error| Problem::internal(format!("stored password: {error}")))?;
        Ok(argon()?
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    };
    let fits = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::internal(error.to_string()))??;
    Ok(fits && known)
}

/// The hash that stands in for an account that is not there.
fn nobody() -> Result<String, Problem> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash.clone());
    }
    let hash = hash_with("", b"nobody at all...")?;
    Ok(NOBODY.get_or_init(|| hash).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_fits_and_no_other() {
        let random: Random = std::sync::Arc::new(|bytes: &mut [u8]| bytes.fill(7));
        let hash = hash_password("春の小川", &random).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify("春の小川".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("夏の小川".into(), Some(hash)).await.unwrap());
        assert!(!verify(String::new(), None).await.unwrap());
    }
}
