//! The command, with nothing of whoever runs the test.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What the test credentials are used with.
pub(crate) const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let run =
            Run { status: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) };
        for secret in [&DES_KEY[..8], "PRIVATE KEY"] {
            assert!(!run.out.contains(secret) && !run.err.contains(secret), "{secret} is shown: {run:?}");
        }
        run
    }

    /// The objects of `--json`.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// `yspay explain` in a folder without a configuration.
pub(crate) fn explain(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yspay"));
    command.arg("explain").args(arguments).env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null());
    command
}

pub(crate) fn run(command: &mut Command) -> Run {
    Run::of(&command.output().unwrap())
}

/// Given this on standard input.
pub(crate) fn fed(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut command = explain(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that refuses the beginning need not read the end.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    Run::of(&child.wait_with_output().unwrap())
}

/// The same with a configuration.
pub(crate) fn fed_with(config: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut all = vec!["--config", config.to_str().unwrap()];
    all.extend(arguments);
    fed(&all, input)
}
