//! The language: reads packages, extends archetypes, checks, explains. Files in, a checked, content-addressed
//! [`model::Service`] out.

pub mod model;
