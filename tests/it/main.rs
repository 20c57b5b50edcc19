#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Tests of the whole crate through its public interface.
mod adbench;
mod adbench2;
mod contract;
mod reference;
