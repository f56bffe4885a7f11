//! Payment gateways: what lies between a charge that the engine orders and the money.

pub mod sandbox;
pub mod webhook;
