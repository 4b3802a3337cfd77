//! A command at a real terminal, the controlling one of its session, so that Ctrl-C is a byte that is typed.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// Longer than anything takes, on a slow machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command, to be started by another program.
pub(crate) fn launched(launcher: &[&str], command: &Command) -> Command {
    let mut launched = Command::new(launcher[0]);
    launched.args(&launcher[1..]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        launched.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => launched.env(name, value),
            None => launched.env_remove(name),
        };
    }
    launched
}

pub(crate) struct Terminal {
    master: File,
    slave: File,
    child: Child,
    chunks: Receiver<Vec<u8>>,
    /// The beginning of a character whose end has not come.
    half: Vec<u8>,
    /// What was shown and not yet waited for.
    shown: String,
    /// All that was shown.
    pub(crate) all: String,
}

impl Terminal {
    /// Runs it with standard input, output and error at the terminal. `setsid` of util-linux makes that its own.
    pub(crate) fn run(command: &Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave =
            File::from(rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap());
        tcsetwinsize(&slave, Winsize { ws_row: 40, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        // Ctrl-C is ignored where the tests run as a background job.
        let mut session = launched(&["setsid", "--ctty", "--wait", "env", "--default-signal=HUP,INT"], command);
        let end = || Stdio::from(slave.try_clone().unwrap());
        let child = session.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid (util-linux) is needed");
        let master = File::from(master);
        let mut reader = master.try_clone().unwrap();
        let (sender, chunks) = mpsc::channel();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Terminal { master, slave, child, chunks, half: Vec::new(), shown: String::new(), all: String::new() }
    }

    /// Waits until this is shown, after all that was waited for before.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown.find(text) {
                self.shown.drain(..at + text.len());
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && self.take(left), "{text:?} was not shown, but:\n{}", self.all);
        }
    }

    /// False if nothing came.
    fn take(&mut self, patience: Duration) -> bool {
        match self.chunks.recv_timeout(patience) {
            Ok(chunk) => {
                self.half.extend(chunk);
                let whole = match std::str::from_utf8(&self.half) {
                    Ok(text) => text.len(),
                    Err(error) => error.valid_up_to(),
                };
                let text: Vec<u8> = self.half.drain(..whole).collect();
                let text = String::from_utf8(text).unwrap();
                self.shown += &text;
                self.all += &text;
                true
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until what is typed is shown, or is not.
    #[track_caller]
    pub(crate) fn expect_echo(&self, wanted: bool) {
        let end = Instant::now() + PATIENCE;
        while tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO) != wanted {
            assert!(Instant::now() < end, "echo is not {wanted}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The exit status; what was still shown is in `all`.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end:\n{}", self.all);
            self.take(Duration::from_millis(10));
        };
        // What is written last is shown last.
        const LAST: &str = "\u{1}last\u{1}";
        self.slave.write_all(LAST.as_bytes()).unwrap();
        while !self.all.ends_with(LAST) {
            assert!(self.take(PATIENCE), "the terminal is silent:\n{}", self.all);
        }
        self.all.truncate(self.all.len() - LAST.len());
        status.code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The whole session ends with its terminal.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
