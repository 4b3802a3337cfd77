//! The configurations of a client for this simulator, with the test credentials that it knows.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{DES_KEY, SRC};

/// The algorithms, as a configuration's file and `signType` name them.
const SIGN_TYPES: [&str; 2] = ["SM", "RSA"];

/// A configuration that was written.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// `SM` or `RSA`.
    pub sign_type: &'static str,
    /// Its file.
    pub path: PathBuf,
    /// What is in the file.
    pub text: String,
}

/// `sign_type` is `SM` or `RSA`.
pub fn config(endpoint: &str, sign_type: &str) -> Value {
    let (key, certificate) = match sign_type {
        "SM" => ("merchant.sm2", "platform-sm2.cer"),
        _ => ("merchant-rsa-3des.pfx", "platform-rsa.cer"),
    };
    // The credentials are the repository's, one folder above this crate.
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(""));
    let path = |name| repository.join("tests/vectors/credentials").join(name);
    json!({
        "endpoint": endpoint,
        "src": SRC,
        "desKey": DES_KEY,
        "privateKey": {"path": path(key), "password": "123456"},
        "platformCertificate": {"path": path(certificate)},
    })
}

/// Writes `sm.json` and `rsa.json` into a folder that is there; `ca_file` vouches for an HTTPS endpoint.
///
/// # Errors
///
/// If a file cannot be written.
pub fn write(folder: &Path, endpoint: &str, ca_file: Option<&Path>) -> io::Result<Vec<Configuration>> {
    let ca_file = ca_file.map(std::path::absolute).transpose()?;
    let mut written = Vec::new();
    for sign_type in SIGN_TYPES {
        let mut config = config(endpoint, sign_type);
        if let Some(path) = &ca_file {
            config["caFile"] = path.to_string_lossy().into();
        }
        let (path, text) = (folder.join(format!("{}.json", sign_type.to_lowercase())), format!("{config:#}\n"));
        std::fs::write(&path, &text)?;
        written.push(Configuration { sign_type, path, text });
    }
    Ok(written)
}
