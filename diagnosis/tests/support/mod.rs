//! The credentials and vectors of the repository, and the `openssl` command.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding};
use yspay_diagnosis::{Keys, KnownKey, PublicKey, Whose};

pub const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

pub fn vectors() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(root().join("vectors.json")).unwrap()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors"))
}

pub fn credential(name: &str) -> PathBuf {
    root().join("credentials").join(name)
}

pub fn key(name: &str) -> PublicKey {
    PublicKey::from_certificate_or_key(&std::fs::read(credential(name)).unwrap()).unwrap()
}

/// The keys of both sides and both kinds.
pub fn keys() -> Keys {
    let known = [
        (Whose::Merchant, "merchant-rsa.cer"),
        (Whose::Merchant, "merchant-sm2.cert.pem"),
        (Whose::Platform, "platform-rsa.cert.pem"),
        (Whose::Platform, "platform-sm2.cer"),
    ];
    let known = known.map(|(whose, name)| KnownKey { whose, key: key(name) }).to_vec();
    Keys { known, des_key: Some(DES_KEY.to_owned().into()) }
}

pub fn base64(text: &str) -> Vec<u8> {
    Base64::decode_vec(text).unwrap()
}

pub fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Runs `openssl` with this on its standard input.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is needed");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
