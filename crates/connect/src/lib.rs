//! The outside world behind traits of the kernel and the engine: payment gateways, mail and the like. Each module
//! brings a real adapter or a stand-in that behaves like one; only the binary and the tests wire them in.

pub mod payment;
