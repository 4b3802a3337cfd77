//! The configuration of a client for this simulator, with the test credentials that it knows.

use std::path::Path;

use serde_json::{Value, json};

use super::{DES_KEY, SRC};

/// `sign_type` is `SM` or `RSA`.
pub(crate) fn config(endpoint: &str, sign_type: &str) -> Value {
    let (key, certificate) = match sign_type {
        "SM" => ("merchant.sm2", "platform-sm2.cer"),
        _ => ("merchant-rsa-3des.pfx", "platform-rsa.cer"),
    };
    // A crate below the library's has it above.
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let credentials = folders.map(|folder| folder.join("tests/vectors/credentials")).find(|folder| folder.is_dir());
    let path = |name| credentials.as_deref().unwrap_or(Path::new("")).join(name);
    json!({
        "endpoint": endpoint,
        "src": SRC,
        "desKey": DES_KEY,
        "privateKey": {"path": path(key), "password": "123456"},
        "platformCertificate": {"path": path(certificate)},
    })
}
