//! Files for tests: the test credentials, a scratch folder, the `openssl` command line as an independent peer.
#![allow(dead_code, reason = "each test binary uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A test credential.
pub(crate) fn credential(name: &str) -> PathBuf {
    // A crate below the library's has them above.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let folder = folders.find(|folder| folder.join("tests/vectors").is_dir()).expect("the folder of the vectors");
    folder.join("tests/vectors/credentials").join(name)
}

/// What `openssl` prints, or nothing if it fails.
pub(crate) fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    let run =
        Command::new("openssl").args(arguments).output().expect("the openssl command line is needed for this test");
    run.status.success().then_some(run.stdout)
}

/// Whether OpenSSL accepts this DER as the institution's SM2 signature of `message`.
pub(crate) fn openssl_accepts_merchant_sm2(message: &str, signature: &[u8]) -> bool {
    let scratch = Scratch::new();
    let [certificate, message, signature] =
        [credential("merchant-sm2.cert.pem"), scratch.write("message", message), scratch.write("signature", signature)]
            .map(|path| path.into_os_string().into_string().unwrap());
    let id = "distid:1234567812345678";
    openssl(&[
        "pkeyutl",
        "-verify",
        "-certin",
        "-inkey",
        &certificate,
        "-rawin",
        "-digest",
        "sm3",
        "-pkeyopt",
        id,
        "-in",
        &message,
        "-sigfile",
        &signature,
    ])
    .is_some()
}

/// A folder that is removed at the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("yspay-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// Runs a shell command inside the folder; `$C` is the folder of the credentials.
    #[track_caller]
    pub(crate) fn sh(&self, command: &str) {
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
