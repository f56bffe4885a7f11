//! Where copies lie: named objects that are written whole.

/// A place for copies. Names are paths of plain letters, digits, `-` and `.`; an object is there whole or not at all.
pub trait Vault: Send + Sync {
    /// Writes an object durably, in place of one of that name.
    ///
    /// # Errors
    /// When the place is away or refuses.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError>;
    /// An object; none if there is none of that name.
    ///
    /// # Errors
    /// When the place is away or refuses.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError>;
    /// The names below a path that ends in `/`, in order.
    ///
    /// # Errors
    /// When the place is away or refuses.
    fn list(&self, below: &str) -> Result<Vec<String>, VaultError>;
    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// When the place is away or refuses.
    fn remove(&self, name: &str) -> Result<(), VaultError>;
    /// What the place is called, for people; without secrets.
    fn shown(&self) -> String;
}

/// A place is away or refuses.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {why}")]
pub struct VaultError {
    /// What the place is called.
    pub place: String,
    /// Why.
    pub why: String,
}
