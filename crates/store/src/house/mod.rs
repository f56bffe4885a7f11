//! What the store keeps beside records: uploads, clocks, outbox, messages, accounts, packages, settings.

pub(crate) mod accounts;
pub(crate) mod attachments;
pub(crate) mod contacts;
pub(crate) mod deliveries;
pub(crate) mod departures;
pub(crate) mod guesses;
pub(crate) mod journal;
pub(crate) mod keep;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod looks;
pub(crate) mod loose;
pub(crate) mod messages;
pub(crate) mod numbers;
pub(crate) mod packages;
pub(crate) mod proofs;
pub(crate) mod quarantine;
pub(crate) mod reviews;
pub(crate) mod runs;
pub(crate) mod sessions;
pub(crate) mod shelf;
pub(crate) mod slips;
pub(crate) mod work;
