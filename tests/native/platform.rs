//! Other platforms: `make test-everywhere` compiles the C programs of these tests for the one that the environment's
//! `PLATFORM` names, and runs them beside this host's simulator, in an emulator. Which tests those are, it says itself
//! (tests/platforms/everywhere.mk).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::tools::ROOT;

/// One of the targets of scripts/cross.
pub(crate) struct Platform(String);

impl Platform {
    /// The platform that is not this one.
    pub(crate) fn chosen() -> Option<&'static Self> {
        static CHOSEN: OnceLock<Option<Platform>> = OnceLock::new();
        CHOSEN.get_or_init(|| std::env::var("PLATFORM").ok().filter(|name| !name.is_empty()).map(Platform)).as_ref()
    }

    fn windows(&self) -> bool {
        self.0.contains("windows")
    }

    /// What zig calls it: the glibc is the oldest that the library is for.
    fn zig_target(&self) -> &'static str {
        match &*self.0 {
            "x86_64-unknown-linux-gnu" => "x86_64-linux-gnu.2.17",
            "aarch64-unknown-linux-gnu" => "aarch64-linux-gnu.2.17",
            "x86_64-unknown-linux-musl" => "x86_64-linux-musl",
            "aarch64-unknown-linux-musl" => "aarch64-linux-musl",
            "x86_64-pc-windows-gnullvm" => "x86_64-windows-gnu",
            other => panic!("PLATFORM is {other}, for which scripts/cross builds nothing."),
        }
    }

    /// Where `make test-everywhere` has built the library.
    pub(crate) fn built(&self) -> PathBuf {
        let folder = Path::new(ROOT).join("target/cross").join(&self.0).join("release");
        assert!(folder.join("libyspay.a").is_file(), "{} holds no library: make test-everywhere", folder.display());
        folder
    }

    /// The shared library's file.
    pub(crate) fn library_name(&self) -> &'static str {
        if self.windows() { "yspay.dll" } else { "libyspay.so" }
    }

    /// What is linked for the library to be found, and what it must be called then, beside the program.
    pub(crate) fn linked_and_loaded(&self) -> [&'static str; 2] {
        if self.windows() { ["libyspay.dll.a", "yspay.dll"] } else { ["libyspay.so", "libyspay.so.0"] }
    }

    pub(crate) fn program_name(&self) -> &'static str {
        if self.windows() { "program.exe" } else { "program" }
    }

    /// In place of this host's.
    pub(crate) fn compiler(&self) -> Command {
        let mut command = Command::new(Path::new(ROOT).join("scripts/zig-cc"));
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{ROOT}/target/zig/bin:{path}")).env("ZIG_TARGET", self.zig_target());
        // zig's own words to the compiler that is in it.
        command.arg("-Wno-unused-command-line-argument");
        // zig links statically with musl unless it is told.
        if self.0.ends_with("musl") {
            command.arg("-dynamic");
        }
        command
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(Path::new(ROOT).join("scripts/emulate"));
        command.arg(&self.0).arg(program);
        command
    }

    /// What a program printed: Windows ends lines in its own way.
    pub(crate) fn text(&self, printed: String) -> String {
        if self.windows() { printed.replace("\r\n", "\n") } else { printed }
    }
}
