//! Asks the YSEPAY (银盛) e-contract service: what is the signing status of this contract?

mod error;
pub mod keys;

pub use error::{Code, Error};
