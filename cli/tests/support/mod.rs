//! For tests of the command: the binary itself, a simulator of the platform, a folder, a terminal.
#![allow(dead_code, reason = "each test binary uses another part of it")]

#[cfg(unix)]
pub(crate) mod terminal;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use yspay_simulator::{Options, Simulator, client};

use crate::files::Scratch;

/// The command in English, with nothing of whoever runs the test.
pub(crate) fn yspay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yspay"));
    for name in ["YSPAY_CONFIG", "LC_ALL", "LC_MESSAGES", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

/// A platform, and a folder with a configuration for it.
pub(crate) struct Place {
    pub(crate) simulator: Simulator,
    pub(crate) folder: Scratch,
    pub(crate) config: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(Options::default(), |_| {})
    }

    pub(crate) fn with(options: Options, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        let simulator = Simulator::start(options).unwrap();
        let mut settings = client::config(&simulator.endpoint(), "SM");
        change(&mut settings);
        let folder = Scratch::new();
        let config = folder.write("yspay.json", settings.to_string());
        Place { simulator, folder, config }
    }

    /// The command, in that folder.
    pub(crate) fn yspay(&self, arguments: &[&str]) -> Command {
        let mut command = yspay();
        command.args(arguments).current_dir(self.folder.path(""));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.yspay(arguments).output().unwrap())
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: Option<i32>,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Run {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code(),
        }
    }

    /// Of a command that reads this from standard input.
    pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::of(child.wait_with_output().unwrap())
    }
}
