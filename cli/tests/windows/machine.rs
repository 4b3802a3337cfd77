//! A Windows, a folder that it can name, and a platform to ask.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use yspay_simulator::{Options, Simulator, client};

use crate::files::{Scratch, credential};
use crate::support::Run;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const TARGET: &str = "x86_64-pc-windows-gnullvm";

/// A folder of a person in China.
const FOLDER: &str = "合同 查询";

/// A program on Windows: one of Windows' own by its name, or `yspay.exe`.
pub(crate) fn windows(program: &str) -> Command {
    let mut command = Command::new(format!("{ROOT}/scripts/emulate"));
    command.args([TARGET, program]).stdin(Stdio::null());
    for name in ["YSPAY_CONFIG", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "LANG"]
    {
        command.env_remove(name);
    }
    command
}

pub(crate) fn executable() -> String {
    let path = std::env::var("YSPAY_WINDOWS_COMMAND").expect("YSPAY_WINDOWS_COMMAND names a yspay.exe");
    Path::new(&path).canonicalize().unwrap_or_else(|error| panic!("{path}: {error}")).to_str().unwrap().to_owned()
}

pub(crate) fn yspay() -> Command {
    windows(&executable())
}

/// A program for Windows out of `tests/platforms`.
pub(crate) fn compiled(desk: &Desk, source: &str) -> PathBuf {
    let program = desk.scratch.path("program.exe");
    let mut compiler = Command::new(format!("{ROOT}/scripts/cross"));
    compiler.args([TARGET, &format!("{ROOT}/scripts/zig-cc")]);
    let compiled = compiler.args(["-municode", "-o"]).arg(&program).arg(format!("{ROOT}/tests/platforms/{source}"));
    assert!(compiled.status().unwrap().success(), "{source}");
    program
}

/// How Windows names a file of this machine.
pub(crate) fn name(path: &Path) -> String {
    format!("Z:{}", path.to_str().unwrap().replace('/', "\\"))
}

pub(crate) fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    pub(crate) scratch: Scratch,
    folder: PathBuf,
}

impl Desk {
    /// With `配置.json`, which names an SM key, and `rsa.json`.
    pub(crate) fn new() -> Self {
        Self::with(Options::default(), |_| {})
    }

    pub(crate) fn with(options: Options, change: impl Fn(&mut Value)) -> Self {
        let simulator = Simulator::start(options).unwrap();
        let scratch = Scratch::new();
        let folder = scratch.path(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        let desk = Desk { simulator, scratch, folder };
        for (file, sign_type, key, certificate) in [
            ("配置.json", "SM", "merchant.sm2", "platform-sm2.cer"),
            ("rsa.json", "RSA", "merchant-rsa-3des.pfx", "platform-rsa.cer"),
        ] {
            let mut config = client::config(&desk.simulator.endpoint(), sign_type);
            for (setting, source, there) in [
                ("privateKey", key, format!("{sign_type} 商户私钥.key")),
                ("platformCertificate", certificate, format!("{sign_type} 平台证书.cer")),
            ] {
                std::fs::copy(credential(source), desk.path(&there)).unwrap();
                config[setting]["path"] = name(&desk.path(&there)).into();
            }
            change(&mut config);
            // As Notepad saves it.
            desk.write(file, format!("\u{feff}{}", crlf(&format!("{config:#}\n"))));
        }
        desk
    }

    /// One that may be asked so often in a second.
    pub(crate) fn fast(per_second: u32) -> Self {
        let options = Options { limit_per_second: per_second, ..Options::default() };
        Self::with(options, |config| config["rateLimit"] = json!({"perSecond": per_second}))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// In that folder, in English, with the SM key.
    pub(crate) fn yspay(&self, arguments: &[&str]) -> Command {
        let mut command = yspay();
        command.args(["--config", "配置.json"]).args(arguments).current_dir(&self.folder);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.yspay(arguments).output().unwrap())
    }

    /// The command by `cmd.exe`, out of a file of commands for it, on a Windows of this locale.
    pub(crate) fn cmd(&self, lines: &str, locale: &str) -> Run {
        let lines = lines.replace("yspay ", &format!("\"{}\" --config alone.json ", name(Path::new(&executable()))));
        // Not in the other folder, nor with files of their own: such a Windows cannot be given their names.
        self.scratch.write("alone.json", client::config_alone(&self.simulator.endpoint(), "SM").to_string());
        let file = self.scratch.path("run.bat");
        let mut script = std::fs::File::create(&file).unwrap();
        script.write_all(format!("@echo off\r\nchcp 65001 > nul\r\n{}\r\n", crlf(&lines)).as_bytes()).unwrap();
        drop(script);
        let mut command = windows("cmd");
        command.env("EMULATED_LOCALE", locale);
        Run::of(command.args(["/c", &name(&file)]).current_dir(self.scratch.path("")).output().unwrap())
    }
}
