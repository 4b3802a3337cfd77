//! Asks the YSEPAY (银盛) e-contract service one question well: what is the signing status of this contract?
//!
//! [`Client`] encrypts the business data (DES), signs the envelope (RSA, or the national SM2/SM3), keeps within the
//! platform's 10 calls a second for the whole process, sends, verifies the platform's signature and hands back a typed
//! [`Answer`] or a precise [`Error`].
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = yspay::Client::from_json(&std::fs::read_to_string("yspay.json")?)?;
//! let answer = client.query_sign_sts("MAN202109280009848")?;
//! println!("{}", answer.verified.status());
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(any(feature = "capi", feature = "jni", feature = "python")),
    allow(dead_code, unused_imports, reason = "only the doors use it")
)]

#[doc(hidden)]
pub mod bench;
mod bounded_file;
mod cancel;
mod charset;
mod client;
mod clock;
mod config;
mod crypto;
mod envelope;
mod error;
#[cfg(any(feature = "capi", feature = "jni", feature = "python"))]
pub mod ffi;
mod given_path;
mod hex;
mod json;
#[doc(hidden)]
pub mod keys;
#[doc(hidden)]
pub mod known_keys;
mod limiter;
pub mod log;
mod open_files;
mod rate;
mod report;
mod retry;
mod signal;
mod stack;
mod stats;
mod status;
mod sync;
mod threads;
mod trace;
mod transport;
#[cfg(test)]
mod vectors;

pub use cancel::CancelToken;
pub use client::{Client, QueryOptions};
pub use envelope::response::Verified;
pub use error::{Code, Error};
pub use rate::Rate;
pub use report::{
    Answer, CertificateDescription, Description, KeyDescription, PinnedDescription, RateLimitDescription,
    RateLimitStats, SharedLimitDescription, Stats, WaitBucket, WaitStats,
};
pub use status::SignStatus;
pub use trace::{HttpTrace, Layer, LookedUp, RootTrace, Route, RouteReason, TlsTrace, Trace};
