//! Keys that wrap the keys of records, so that a copy of `keys.bin` or of the schema of keys opens nothing by itself.
//!
//! A row stays 32 bytes: it is enciphered by ChaCha20 (RFC 8439) with the row's number as the nonce. A row is written once
//! and never again under the same master with other content, so a nonce is used once. Whether a row is what was written shows when what is
//! sealed under it opens.

use crate::codec;
use crate::seal::sha256;
use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _};

/// A master key. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Master([u8; 32]);

impl std::fmt::Debug for Master {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Master({})", self.id())
    }
}

impl Master {
    /// Reads 64 hexadecimal digits; none if the text is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Of random bytes.
    #[must_use]
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As [`Master::read`] reads it: a secret.
    #[must_use]
    pub fn secret(&self) -> String {
        codec::hex(&self.0)
    }

    /// What it is called where its secret must not stand.
    #[must_use]
    pub fn id(&self) -> String {
        codec::hex(&sha256(&[b"tsumugi master", &self.0])[..8])
    }

    /// Wraps the key of a row, or unwraps it.
    pub(crate) fn turn(&self, row: u64, key: &[u8; 32]) -> [u8; 32] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&row.to_be_bytes());
        let mut turned = *key;
        ChaCha20::new(&self.0.into(), &nonce.into()).apply_keystream(&mut turned);
        turned
    }
}

/// The master keys of an installation, newest first: the first wraps what is made, the others open what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masters(Vec<Master>);

impl Masters {
    /// Reads a file of master keys: one a line, newest first; empty lines and lines that begin with `#` do not count.
    ///
    /// # Errors
    /// The number of the first line that is none.
    pub fn read(text: &str) -> Result<Self, usize> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|(no, line)| Master::read(line).ok_or(no))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Of these, newest first.
    #[must_use]
    pub fn of(masters: Vec<Master>) -> Self {
        Self(masters)
    }

    /// The one that wraps what is made; none where keys are not wrapped.
    #[must_use]
    pub fn newest(&self) -> Option<&Master> {
        self.0.first()
    }

    /// One by its id.
    pub(crate) fn named(&self, id: &str) -> Option<&Master> {
        self.0.iter().find(|master| master.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::{Master, Masters};

    #[test]
    fn a_file_of_masters_is_read_newest_first() {
        let (one, two) = (Master::of([1; 32]), Master::of([2; 32]));
        let text = format!("# 2026\n{}\n\n{}\n", two.secret(), one.secret());
        let masters = Masters::read(&text).unwrap();
        assert_eq!(masters.newest(), Some(&two));
        assert_eq!(masters.named(&one.id()), Some(&one));
        assert_eq!(Masters::read("# x\nnone"), Err(2));
        assert_eq!(Masters::read("").unwrap().newest(), None);
    }

    #[test]
    fn each_row_has_its_own_pad_and_no_secret_prints() {
        let master = Master::of([7; 32]);
        let wrapped = master.turn(1, &[9; 32]);
        assert_ne!(wrapped, [9; 32]);
        assert_ne!(wrapped, master.turn(2, &[9; 32]));
        assert_eq!(master.turn(1, &wrapped), [9; 32]);
        assert!(!format!("{master:?}").contains(&master.secret()));
    }
}
