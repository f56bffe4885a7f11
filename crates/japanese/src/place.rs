//! Addresses.

/// A key that is equal for two spellings of one address.
#[must_use]
pub fn address_key(address: &str) -> String {
    crate::fold::search_key(address)
}
/// Whether two addresses are one place.
#[must_use]
pub fn same_place(a: &str, b: &str) -> bool {
    address_key(a) == address_key(b)
}
