//! Other platforms: `make test-everywhere` compiles the C programs of these tests for the one that the environment's
//! `PLATFORM` names, and runs them beside this host's simulator, in an emulator. Which tests those are, it says itself
//! (tests/platforms/everywhere.mk).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::Scratch;
use crate::tools::{ROOT, run};

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

    pub(crate) fn is_musl(&self) -> bool {
        self.0.ends_with("musl")
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
        let mut command = self.cross(&format!("{ROOT}/scripts/zig-cc"));
        // zig's own words to the compiler that is in it.
        command.arg("-Wno-unused-command-line-argument");
        // zig links statically with musl unless it is told.
        if self.is_musl() {
            command.arg("-dynamic");
        }
        command
    }

    /// A program of this host that compiles for the platform.
    pub(crate) fn cross(&self, program: &str) -> Command {
        let mut command = Command::new(Path::new(ROOT).join("scripts/cross"));
        command.args([&self.0, program]);
        command
    }

    /// What Go calls it.
    pub(crate) fn go(&self) -> [&'static str; 2] {
        [
            if self.windows() { "windows" } else { "linux" },
            if self.0.starts_with("aarch64") { "arm64" } else { "amd64" },
        ]
    }

    /// What `make install` does: the name that the library has for the loader.
    pub(crate) fn put_library_beside(&self, folder: &Scratch) {
        let [_, loaded] = self.linked_and_loaded();
        std::os::unix::fs::symlink(self.built().join(self.library_name()), folder.path(loaded)).unwrap();
    }

    /// Installs the library into this folder; the folder in which pkg-config finds it.
    pub(crate) fn package(&self, folder: &Scratch) -> PathBuf {
        let prefix = folder.path("prefix");
        run(Command::new(Path::new(ROOT).join("scripts/install"))
            .arg("install")
            .current_dir(ROOT)
            .env("OUT", self.built())
            .env("PREFIX", &prefix)
            .env("LIBDIR", prefix.join("lib"))
            .env("INCLUDEDIR", prefix.join("include"))
            .env("DESTDIR", "")
            .env("CLI_BIN", ""));
        prefix.join("lib/pkgconfig")
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
