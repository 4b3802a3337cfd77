use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process_group};

pub(in crate::watch) fn can_be_run(file: &Metadata) -> bool {
    file.is_file() && file.permissions().mode() & 0o111 != 0
}

/// A group of its own: Ctrl-C is for us to pass on, and what it started ends with it.
pub(in crate::watch) fn set_apart(command: &mut Command) {
    command.process_group(0);
}

pub(in crate::watch) fn ask_to_end(child: &mut Child) {
    signal(child, Signal::TERM);
}

pub(in crate::watch) fn kill(child: &mut Child) {
    signal(child, Signal::KILL);
}

fn signal(child: &Child, signal: Signal) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, signal);
    }
}
