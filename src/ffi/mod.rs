//! The doors: pointers come in, safe Rust goes on. The only place with `unsafe`; no business rule lives here.

#![allow(unsafe_code)]

#[cfg(feature = "capi")]
mod args;
#[cfg(feature = "capi")]
mod cancellation;
#[cfg(feature = "capi")]
pub mod capi;
#[cfg(target_os = "linux")]
mod copies;
#[cfg(unix)]
mod fork;
mod guard;
mod handle;
#[cfg(feature = "jni")]
mod jni;
#[cfg(unix)]
mod load;
mod making;
#[cfg(windows)]
mod pin;
#[cfg(feature = "python")]
mod python;
#[cfg(feature = "python")]
mod python_exit;
