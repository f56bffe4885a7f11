//! Payment gateways: what lies between a charge that the engine orders and the money.
