//! What the tests of `doctor` and `watch` share: the simulator as a program of its own, configurations for it, and the
//! command itself with an environment that holds nothing of this machine's.
#![allow(dead_code, reason = "each test binary uses another part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

pub(crate) fn credential(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/vectors/credentials").join(name)
}

/// The simulator's program, which `cargo test` of the workspace builds; built here if it is not there.
fn simulator() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_yspay")).parent().unwrap();
        let program = folder.join("examples/simulator");
        if program.exists() {
            return program;
        }
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "yspay", "--example", "simulator"]).current_dir(ROOT);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the simulator was not built");
        program
    })
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

/// A running simulator, ended with the test.
pub(crate) struct Platform {
    child: Child,
    pub(crate) endpoint: String,
    pub(crate) port: u16,
    pub(crate) scratch: Scratch,
}

impl Platform {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let scratch = Scratch::new();
        let mut child = Command::new(simulator())
            .args(["--port", "0", "--exit-on-stdin-close", "--config-out"])
            .arg(&scratch.0)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let endpoint = told["endpoint"].as_str().unwrap().to_owned();
        let port = told["port"].as_u64().unwrap() as u16;
        Platform { child, endpoint, port, scratch }
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

    /// What was asked; of a simulator without TLS.
    pub(crate) fn stats(&self) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.stats()["requests"].as_u64().unwrap()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
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
