//! Compilers, the library that they link with, and the programs that come of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yspay_simulator::Simulator;

use crate::checker::Checker;
use crate::platform::Platform;
use crate::support::{self, Scratch};

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");
pub(crate) const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The profile that the library is built with: `dev`, or as the environment's PROFILE says.
fn profile() -> String {
    std::env::var("PROFILE").unwrap_or_else(|_| "dev".to_owned())
}

/// The folder into which `make` builds the library, which no other face builds into.
pub(crate) fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(platform) = Platform::chosen() {
            return platform.built();
        }
        if Checker::chosen() == Checker::Asan {
            run(&mut make("asan-library"));
            return Path::new(ROOT).join("target/asan/x86_64-unknown-linux-gnu/debug");
        }
        run(&mut make("all"));
        let profile = profile();
        Path::new(ROOT).join("target/capi").join(if profile == "dev" { "debug" } else { &profile })
    })
}

/// The shared library.
pub(crate) fn library() -> PathBuf {
    built().join(Platform::chosen().map_or("libyspay.so", Platform::library_name))
}

/// The Makefile's own rules.
pub(crate) fn make(goal: &str) -> Command {
    let mut command = Command::new("make");
    // Not a part of the make that may have started this test, nor of its place to install.
    for name in ["MAKEFLAGS", "MAKELEVEL", "PREFIX", "LIBDIR", "INCLUDEDIR", "DESTDIR"] {
        command.env_remove(name);
    }
    // The library alone, unless a test says otherwise.
    command.env("CARGO", env!("CARGO")).env("CLI", "no");
    command.args(["--no-print-directory", goal, &format!("PROFILE={}", profile())]).current_dir(ROOT);
    command
}

/// The output of a program that must be there and succeed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{}: {error}. It is needed for this test: install it.", command.get_program().display())
    });
    assert!(output.status.success(), "{command:?}: {}\n{}{}", output.status, out(&output), err(&output));
    output
}

pub(crate) fn out(output: &Output) -> String {
    printed(&output.stdout)
}

pub(crate) fn err(output: &Output) -> String {
    printed(&output.stderr)
}

fn printed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match Platform::chosen() {
        Some(platform) => platform.text(text),
        None => text,
    }
}

/// A program linked with the shared library, and how to start it.
pub(crate) struct Program {
    pub(crate) folder: Scratch,
}

impl Program {
    /// Compiles one source file with these words in front of it.
    #[track_caller]
    pub(crate) fn build(compiler: &[&str], source: &str) -> Self {
        let [linked, loaded] = Platform::chosen().map_or(["libyspay.so", "libyspay.so.0"], Platform::linked_and_loaded);
        let program = Self::compile(compiler, source, &[built().join(linked).as_os_str()]);
        // What `make install` does: the name that the library has for the loader.
        std::os::unix::fs::symlink(library(), program.folder.path(loaded)).unwrap();
        program
    }

    /// The same, linked with nothing of ours.
    #[track_caller]
    pub(crate) fn alone(compiler: &[&str], source: &str) -> Self {
        Self::compile(compiler, source, &[])
    }

    #[track_caller]
    fn compile(compiler: &[&str], source: &str, libraries: &[&std::ffi::OsStr]) -> Self {
        let folder = Scratch::new();
        let mut command = Platform::chosen().map_or_else(|| Command::new(compiler[0]), Platform::compiler);
        run(command
            .args(&compiler[1..])
            .args(WARNINGS)
            .args(Checker::chosen().compiler_flags())
            .arg(format!("-I{ROOT}/include"))
            .arg(Path::new(ROOT).join(source))
            .args(libraries)
            .arg("-o")
            .arg(folder.path(Self::name())));
        Program { folder }
    }

    fn name() -> &'static str {
        Platform::chosen().map_or("program", Platform::program_name)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path(Self::name())
    }

    /// Starts the program, under the memory checker or in the emulator if there is one.
    pub(crate) fn command(&self) -> Command {
        let mut command = match Platform::chosen() {
            Some(platform) => platform.command(&self.path()),
            None => Checker::chosen().command(&self.path()),
        };
        command.env("LD_LIBRARY_PATH", self.folder.path(""));
        command
    }
}

pub(crate) const SIGN_TYPES: [&str; 2] = ["RSA", "SM"];

/// The configuration of the test institution for this simulator.
pub(crate) fn config(sim: &Simulator, sign_type: &str) -> Value {
    config_at(&sim.endpoint(), sign_type)
}

/// The same, whoever is there.
pub(crate) fn config_at(endpoint: &str, sign_type: &str) -> Value {
    let (key, certificate) = if sign_type == "SM" {
        ("merchant.sm2", "platform-sm2.cer")
    } else {
        ("merchant-rsa-3des.pfx", "platform-rsa.cer")
    };
    json!({
        "endpoint": endpoint, "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "maxAttempts": 2,
        "privateKey": {"path": support::credential(key), "password": "123456"},
        "platformCertificate": {"path": support::credential(certificate)},
    })
}

/// An answer that OpenSSL signed: the flow id asked about, and the body in a file.
pub(crate) fn signed_answer(folder: &Scratch, sign_type: &str) -> (String, PathBuf) {
    let vectors = std::fs::read_to_string(format!("{ROOT}/tests/vectors/vectors.json")).unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    let answers = vectors["responses"].as_array().unwrap();
    let answer = answers.iter().find(|answer| answer["name"] == format!("{sign_type} status 2")).unwrap();
    let body = Base64::decode_vec(answer["body_base64"].as_str().unwrap()).unwrap();
    (answer["asked_flow_id"].as_str().unwrap().to_owned(), folder.write(&format!("{sign_type}.json"), body))
}

/// Asks two questions with the example program, whatever language it is in, and one that fails.
#[track_caller]
pub(crate) fn asks_and_tells(command: impl Fn() -> Command) {
    let folder = Scratch::new();
    for sign_type in SIGN_TYPES {
        let sim = Simulator::start(yspay_simulator::Options::default()).unwrap();
        let file = folder.write("config.json", config(&sim, sign_type).to_string());
        let good = run(command().arg(&file).args(["STS2-a", "STS1-b"]));
        assert_eq!(out(&good), "STS2-a: CREATED\nSTS1-b: PENDING\n");
        assert_eq!(err(&good), "");

        let bad = command().arg(&file).args(["C99-a", "STS2-c"]).output().unwrap();
        let told = err(&bad);
        assert_eq!(bad.status.code(), Some(1), "{told}");
        assert_eq!(out(&bad), "STS2-c: CREATED\n");
        assert!(told.starts_with("C99-a: BUSINESS: ") && told.contains("流水不存在"), "{told}");
    }
    let wrong = folder.write("wrong.json", "{}");
    let no_client = command().arg(wrong).arg("F1").output().unwrap();
    assert_eq!(no_client.status.code(), Some(1), "{}", err(&no_client));
    assert!(err(&no_client).starts_with("CONFIG: "));
    let no_file = command().args(["/no/such/file", "F1"]).output().unwrap();
    assert_eq!(no_file.status.code(), Some(1));
    assert_eq!(command().output().unwrap().status.code(), Some(2));
}
