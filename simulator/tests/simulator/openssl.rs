//! The `openssl` program as a judge of signatures.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use yspay_simulator::crypto::{Algorithm, Signatory};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A directory of its own that goes when it is dropped.
pub(crate) struct TemporaryDirectory(pub(crate) PathBuf);

impl TemporaryDirectory {
    pub(crate) fn new() -> Self {
        let name = format!("yspay-simulator-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("temporary directory");
        Self(path)
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("temporary file");
        path
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `openssl` on this input; what takes no standard input reads it from a file.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let directory = TemporaryDirectory::new();
    let input = directory.write("input", input);
    let mut command = Command::new("openssl");
    // `dgst` alone has no -in.
    let command = if arguments[0] == "dgst" { command.args(arguments) } else { command.args(arguments).arg("-in") };
    let output = command.arg(input).output().expect("this test needs the openssl program");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The path of a key's file.
pub(crate) fn credential(name: &str) -> String {
    let credentials = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/credentials");
    credentials.join(name).to_str().expect("a path").to_owned()
}

/// Whether OpenSSL takes this signature (DER for SM) over this text under the signatory's certificate.
pub(crate) fn verifies(signatory: Signatory, algorithm: Algorithm, text: &str, signature: &[u8]) -> bool {
    let certificate = match (signatory, algorithm) {
        (Signatory::Platform, Algorithm::Rsa) => "platform-rsa.cert.pem",
        (Signatory::Platform, Algorithm::Sm) => "platform-sm2.cert.pem",
        (Signatory::Merchant, Algorithm::Rsa) => "merchant-rsa.cert.pem",
        (Signatory::Merchant, Algorithm::Sm) => "merchant-sm2.cert.pem",
    };
    let directory = TemporaryDirectory::new();
    let key = Command::new("openssl")
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(credential(certificate))
        .output()
        .expect("this test needs the openssl program");
    assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
    let key = directory.write("key.pem", &key.stdout);
    let text = directory.write("text", text.as_bytes());
    let signature = directory.write("signature", signature);
    let mut command = Command::new("openssl");
    match algorithm {
        Algorithm::Rsa => {
            command.args(["dgst", "-sha1", "-verify"]).arg(key).arg("-signature").arg(signature).arg(text)
        }
        Algorithm::Sm => command
            .args(["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"])
            .args(["-pubin", "-inkey"])
            .arg(key)
            .arg("-in")
            .arg(text)
            .arg("-sigfile")
            .arg(signature),
    };
    let output = command.output().expect("openssl");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let good = said.contains("Verified OK") || said.contains("Signature Verified Successfully");
    assert_eq!(good, output.status.success(), "{said}");
    good
}
