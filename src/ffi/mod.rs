//! The doors: pointers come in, safe Rust goes on. The only place with `unsafe`; no business rule lives here.

#![allow(unsafe_code)]

mod args;
pub mod capi;
#[cfg(unix)]
mod fork;
mod guard;
mod handle;
