//! The client as its users use it, against the simulator and against vectors that OpenSSL made.

#![allow(unsafe_code, reason = "the C ABI is called as C would call it")]

#[path = "../support/mod.rs"]
mod files;

mod abandoned;
mod answers;
mod c_abi;
mod calls;
mod cancelled;
mod configurations;
mod connections;
mod deadlines;
mod forgeries;
mod proxies;
mod stats;
mod support;
mod tls;
mod trace;
mod wire;
