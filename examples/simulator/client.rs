//! The configuration of a client for this simulator, with the test credentials that it knows.

use serde_json::{Value, json};

use super::{DES_KEY, SRC};

const CREDENTIALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credentials");

/// `sign_type` is `SM` or `RSA`.
pub(crate) fn config(endpoint: &str, sign_type: &str) -> Value {
    let (key, certificate) = match sign_type {
        "SM" => ("merchant.sm2", "platform-sm2.cer"),
        _ => ("merchant-rsa-3des.pfx", "platform-rsa.cer"),
    };
    json!({
        "endpoint": endpoint,
        "src": SRC,
        "desKey": DES_KEY,
        "privateKey": {"path": format!("{CREDENTIALS}/{key}"), "password": "123456"},
        "platformCertificate": {"path": format!("{CREDENTIALS}/{certificate}")},
    })
}
