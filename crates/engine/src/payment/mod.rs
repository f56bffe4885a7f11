//! Electronic payment: what the engine asks of a gateway, what it does with its answers, and how the two are compared
//! each day. `connect` implements the gateway; only the binary and the tests wire one in.

mod ask;
mod compare;
pub(crate) mod lane;
mod pay;
mod port;
mod settle;
mod take;

pub use compare::{Compared, Difference, Holder, Share};
pub use pay::PayPage;
pub(crate) use pay::pay_path;
pub use port::{
    Asked, Charge, Forged, Gateway, GatewayError, GiveBack, News, NewsKind, Reference, Session,
    Settled, SignedHeaders,
};
pub use settle::CompareError;
pub use take::Taken;

use crate::Engine;
use std::sync::Arc;

impl Engine {
    /// The engine with a payment gateway.
    #[must_use]
    pub fn with_gateway(mut self, gateway: Arc<dyn Gateway>) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// The payment gateway, if one is wired in.
    #[must_use]
    pub fn gateway(&self) -> Option<&Arc<dyn Gateway>> {
        self.gateway.as_ref()
    }
}
