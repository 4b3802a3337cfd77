//! The same signatures in Java, where there is a JDK of 11 or later; BouncyCastle's where `make jar` has fetched it.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Somebody's signature and verification with a key.
pub(crate) struct Speed {
    pub(crate) whose: String,
    pub(crate) key: String,
    pub(crate) sign: Duration,
    pub(crate) verify: Duration,
}

/// Of everybody who can be had; nobody without Java.
pub(crate) fn measure() -> Vec<Speed> {
    let mut java = Command::new("java");
    if let Some(jar) = bouncy_castle() {
        java.arg("-cp").arg(jar);
    }
    let Ok(run) = java.arg(format!("{ROOT}/benches/operations/Signatures.java")).output() else { return Vec::new() };
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "Signatures.java: {text}{}", String::from_utf8_lossy(&run.stderr));
    text.lines().map(|line| Speed::of(line).unwrap_or_else(|| panic!("Signatures.java said: {line}"))).collect()
}

/// Its jar in Maven's repository of this clone.
fn bouncy_castle() -> Option<OsString> {
    let versions = Path::new(ROOT).join("target/jni/m2/org/bouncycastle/bcprov-jdk18on").read_dir().ok()?;
    let mut files = versions.flatten().filter_map(|version| version.path().read_dir().ok()).flatten().flatten();
    files.find(|file| file.path().extension().is_some_and(|end| end == "jar")).map(|file| file.path().into())
}

impl Speed {
    fn of(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (whose, key) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut time = || words.next()?.parse().ok().map(Duration::from_nanos);
        Some(Speed { whose, key, sign: time()?, verify: time()? })
    }
}
