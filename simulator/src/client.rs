//! The configuration of a client for this simulator, and the test credentials that it names.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::{DES_KEY, SRC};

/// The algorithms, as a configuration's file and `signType` name them.
pub const SIGN_TYPES: [&str; 2] = ["SM", "RSA"];

/// The password of every key that has one.
const PASSWORD: &str = "123456";

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

/// A file of the test credentials, which is built in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Credential {
    pub(crate) name: &'static str,
    pub(crate) content: &'static [u8],
}

macro_rules! credential {
    ($name:literal) => {
        Credential { name: $name, content: include_bytes!(concat!("../../tests/vectors/credentials/", $name)) }
    };
}

/// The merchant's key and the platform's certificate.
pub(crate) fn credentials(sign_type: &str) -> [Credential; 2] {
    match sign_type {
        "SM" => [credential!("merchant.sm2"), credential!("platform-sm2.cer")],
        _ => [credential!("merchant-rsa-3des.pfx"), credential!("platform-rsa.cer")],
    }
}

/// For a program of this repository, whose files it names; `sign_type` is `SM` or `RSA`.
pub fn config(endpoint: &str, sign_type: &str) -> Value {
    // The credentials are the repository's, one folder above this crate.
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(""));
    config_beside(endpoint, sign_type, &repository.join("tests/vectors/credentials"))
}

/// With the credentials' files in this folder, whose name is UTF-8.
pub(crate) fn config_beside(endpoint: &str, sign_type: &str, folder: &Path) -> Value {
    let [key, certificate] = credentials(sign_type).map(|file| json!({"path": folder.join(file.name)}));
    assembled(endpoint, key, certificate)
}

/// With the credentials inside, so that it needs no file; `sign_type` is `SM` or `RSA`.
pub fn config_alone(endpoint: &str, sign_type: &str) -> Value {
    let [key, certificate] = credentials(sign_type).map(|file| json!({"base64": Base64::encode_string(file.content)}));
    assembled(endpoint, key, certificate)
}

fn assembled(endpoint: &str, mut key: Value, certificate: Value) -> Value {
    key["password"] = PASSWORD.into();
    let mut config = json!({
        "endpoint": endpoint,
        "src": SRC,
        "desKey": DES_KEY,
        "privateKey": key,
        "platformCertificate": certificate,
    });
    if is_plain_and_far(endpoint) {
        config["allowHttp"] = true.into();
    }
    config
}

/// Whether a client asks there only if its configuration allows what anyone on the way can read.
fn is_plain_and_far(endpoint: &str) -> bool {
    let authority = endpoint.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    authority
        .and_then(|authority| authority.parse::<SocketAddr>().ok())
        .is_some_and(|address| !address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_allowed_where_a_client_would_refuse_it() {
        for (endpoint, allowed) in [
            ("http://127.0.0.1:80/x", None),
            ("http://[::1]:80/x", None),
            ("https://192.0.2.7:80/x", None),
            ("https://localhost:80/x", None),
            ("http://192.0.2.7:80/x", Some(true)),
            ("http://[2001:db8::1]:80/x", Some(true)),
        ] {
            assert_eq!(config(endpoint, "SM").get("allowHttp").and_then(Value::as_bool), allowed, "{endpoint}");
        }
    }
}
