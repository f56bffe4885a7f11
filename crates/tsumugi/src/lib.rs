//! The binary as a library: the acceptance runner starts the same product in its own process, with a clock of its own.

mod data;
pub mod impact;
pub mod leaving;
mod masters;
mod outreach;
mod packages;
mod page_process;
mod payment;
mod place;
mod places;
pub mod privacy;
mod secrets;
pub mod server;
mod start;
mod trace;
mod vault;
mod verify;
mod vitals;
mod witness;
mod world;

pub mod commands;

/// The allocator of the product: JSON, rows and pages are many small pieces, which the system's serves slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use data::{DEMO_TOKENS, demo_tokens};
pub use masters::{masters, rotate_keys};
pub use outreach::OutreachConfig;
pub use packages::{Packages, load_packages};
pub use payment::PaymentGateway;
pub use start::{Config, Demo, Running, start};
pub use vault::CopyTo;
pub use verify::{dispose_again, turn_log_key, verify, verify_restored};
pub use witness::{Copied, witness};
pub use world::{RandomIds, SystemClock, random};
