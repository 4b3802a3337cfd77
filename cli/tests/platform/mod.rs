//! What the tests of `doctor`, `watch` and `explain` share: a simulator, configurations for it, and the
//! command itself with an environment that holds nothing of this machine's.
#![allow(dead_code, reason = "each test binary uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use yspay_simulator::program::{Program, Running};
use yspay_simulator::{Options, Stats, Tls};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

pub(crate) fn credential(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/vectors/credentials").join(name)
}

/// A folder that is removed at the end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("yspay-cli-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// A file that its owner alone may read.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        only_mine(&path);
        path
    }

    /// Runs a shell command in the folder; `$C` is the folder of the credentials.
    #[track_caller]
    pub(crate) fn sh(&self, command: &str) {
        let run =
            Command::new("sh").args(["-c", command]).current_dir(&self.0).env("C", credential("")).output().unwrap();
        assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn only_mine(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A running simulator with configurations for it, ended with the test.
pub(crate) struct Platform {
    running: Running,
    pub(crate) endpoint: String,
    pub(crate) port: u16,
    pub(crate) scratch: Scratch,
}

impl Platform {
    pub(crate) fn start() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let scratch = Scratch::new();
        let program = Program { options, config_out: Some(scratch.0.clone()), ..Program::default() };
        let running = program.start().unwrap();
        let (endpoint, port) = (running.simulator().endpoint(), running.simulator().address().port());
        Platform { running, endpoint, port, scratch }
    }

    /// One that speaks HTTPS.
    pub(crate) fn with_tls() -> Self {
        Self::with(Options { tls: Some(Tls::default()), ..Options::default() })
    }

    /// One that may be asked so often in a second.
    pub(crate) fn with_limit(per_second: u32) -> Self {
        Self::with(Options { limit_per_second: per_second, ..Options::default() })
    }

    /// A configuration for it, changed; with a key that its owner alone may read.
    pub(crate) fn config(&self, sign_type: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let text = std::fs::read_to_string(self.scratch.0.join(format!("{sign_type}.json"))).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        let key = std::fs::read(config["privateKey"]["path"].as_str().unwrap()).unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        config["privateKey"]["path"] = self.scratch.write(&format!("{number}.key"), key).to_str().unwrap().into();
        config["maxAttempts"] = 1.into();
        change(&mut config);
        self.scratch.write(&format!("{number}.json"), config.to_string())
    }

    /// What was asked.
    pub(crate) fn stats(&self) -> Stats {
        self.running.simulator().stats()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.stats().requests
    }
}

/// The command, in English.
pub(crate) fn yspay(config: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yspay"));
    command.args(arguments).arg("--config").arg(config).env_clear();
    for kept in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.stdin(Stdio::null());
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit status, standard output and standard error.
pub(crate) fn told(output: &Output) -> (i32, String, String) {
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
