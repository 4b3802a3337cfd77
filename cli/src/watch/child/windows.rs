use std::fs::Metadata;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// As Windows' documentation of CreateProcess numbers it.
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

pub(in crate::watch) fn can_be_run(file: &Metadata) -> bool {
    file.is_file()
}

/// A group of its own: Ctrl-C is for us to pass on.
pub(in crate::watch) fn set_apart(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// What has no window cannot be asked; what it started ends with it.
pub(in crate::watch) fn ask_to_end(child: &mut Child) {
    let mut all = Command::new("taskkill");
    all.args(["/T", "/F", "/PID", &child.id().to_string()]);
    let ended = all.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !ended.is_ok_and(|status| status.success()) {
        kill(child);
    }
}

pub(in crate::watch) fn kill(child: &mut Child) {
    let _ = child.kill();
}
