//! What the tests of key files share: credentials, a scratch folder, and the `openssl` command line.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use yspay::keys::{Certificate, MerchantKey, Source, load_certificate, load_private_key};
use yspay::{Code, Error};
use zeroize::Zeroizing;

/// The password of the test credentials.
pub const PASSWORD: &str = "123456";

/// A test credential.
pub fn credential(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/credentials").join(name)
}

/// A folder that is removed at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("yspay-keys-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// Runs a shell command inside the folder; `$C` is the folder of the credentials.
    pub fn sh(&self, command: &str) {
        let run = Command::new("sh")
            .args(["-c", command])
            .current_dir(&self.0)
            .env("C", credential(""))
            .output()
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn key_file(path: &Path, password: Option<&str>) -> Result<MerchantKey, Error> {
    load_private_key(&Source::path("privateKey", path), password, None)
}

pub fn cert_file(path: &Path) -> Result<Certificate, Error> {
    load_certificate(&Source::path("platformCertificate", path))
}

pub fn key_base64(text: &str, password: Option<&str>) -> Result<MerchantKey, Error> {
    load_private_key(&Source::base64("privateKey", Zeroizing::new(text.to_owned())), password, None)
}

/// The message of a credential error that names this file, says this, and holds no password.
#[track_caller]
pub fn refused<T>(result: Result<T, Error>, named: &str, says: &str) -> String {
    let error = match result {
        Ok(_) => panic!("accepted; expected: {says}"),
        Err(error) => error,
    };
    assert_eq!(error.code, Code::Credential, "{error}");
    assert!(error.message.contains(named), "{named:?} is not in: {}", error.message);
    assert!(error.message.contains(says), "{says:?} is not in: {}", error.message);
    assert!(error.message.ends_with(['.', '`', ')']) || error.message.contains("new.pem"), "{}", error.message);
    assert!(!error.message.contains(PASSWORD) && !error.message.contains("wrong-horse"), "{}", error.message);
    error.message
}

/// The command that a message advises.
#[track_caller]
pub fn advised(message: &str) -> String {
    message.split('`').nth(1).unwrap_or_else(|| panic!("no command in: {message}")).to_owned()
}

/// DER: a tag, a length, the parts.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = match body.len() {
        0..128 => vec![body.len() as u8],
        128..256 => vec![0x81, body.len() as u8],
        _ => [&[0x82][..], &(body.len() as u16).to_be_bytes()].concat(),
    };
    [&[tag], length.as_slice(), &body].concat()
}

/// DER: an object identifier.
pub fn oid(arcs: &[u64]) -> Vec<u8> {
    let mut body = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let digits = (0..9).rev().map(|at| (arc >> (7 * at)) as u8 & 0x7f).skip_while(|digit| *digit == 0);
        let mut chunk: Vec<u8> = digits.map(|digit| digit | 0x80).collect();
        match chunk.last_mut() {
            Some(last) => *last &= 0x7f,
            None => chunk.push(0),
        }
        body.extend(chunk);
    }
    tlv(6, &[&body])
}
