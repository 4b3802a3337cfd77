//! The program of `--exec`: run for a change with the values in its environment, and ended when it takes too long. No shell
//! reads any of them.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use yspay::{CancelToken, SignStatus};

use super::child;
use super::tell::Change;
use crate::lang::Lang;

/// How often it is looked whether the program has ended.
const SLICE: Duration = Duration::from_millis(20);

/// How long a program that is asked to end may take for it.
const GRACE: Duration = Duration::from_secs(2);

pub(super) struct Runner {
    program: PathBuf,
    limit: Duration,
    lang: Lang,
}

impl Runner {
    pub(super) fn new(program: &Path, limit: Duration, lang: Lang) -> Self {
        Runner { program: program.to_owned(), limit, lang }
    }

    /// Whether there is such a program, before anything is asked; of a bare name, in the folders of `PATH`.
    pub(super) fn check(&self) -> Result<(), String> {
        let has_folder = self.program.components().count() > 1;
        let found = if has_folder || cfg!(windows) {
            std::fs::metadata(&self.program)
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut there = std::env::split_paths(&path)
                .filter_map(|folder| std::fs::metadata(folder.join(&self.program)).ok().filter(child::can_be_run));
            there.next().ok_or_else(|| ErrorKind::NotFound.into())
        };
        match found {
            Ok(file) if child::can_be_run(&file) => Ok(()),
            Ok(_) => Err(self.unrunnable(&ErrorKind::PermissionDenied.into())),
            Err(_) if cfg!(windows) => Ok(()),
            Err(error) => Err(self.unrunnable(&error)),
        }
    }

    fn unrunnable(&self, error: &io::Error) -> String {
        let name = crate::status::printable(&self.program.to_string_lossy());
        self.lang.of(format!("{name} cannot be run: {error}"), format!("无法运行 {name}：{error}"))
    }

    /// Whether it ended by itself, and not because a signal came; or why it did not do its work.
    pub(super) fn run(&self, change: &Change<'_>, cancel: &CancelToken) -> Result<bool, String> {
        let status = SignStatus::from_text(change.status);
        let previous = change.previous.map(SignStatus::from_text);
        let flag = |is: bool| if is { "1" } else { "0" };
        let mut command = Command::new(&self.program);
        command
            .env("YSPAY_ID", change.id)
            .env("YSPAY_STATUS", change.status)
            .env("YSPAY_STATUS_NAME", status.name())
            .env("YSPAY_PREVIOUS", change.previous.unwrap_or_default())
            .env("YSPAY_PREVIOUS_NAME", previous.as_ref().map_or("", SignStatus::name))
            .env("YSPAY_FINAL", flag(status.is_final()))
            .env("YSPAY_SUCCESS", flag(status.is_success()))
            .env("YSPAY_TIME", change.time)
            .env("YSPAY_REPEATED", flag(change.is_repeated))
            .stdin(Stdio::null());
        child::set_apart(&mut command);
        let lang = self.lang;
        let mut child = command.spawn().map_err(|error| self.unrunnable(&error))?;
        let begun = Instant::now();
        loop {
            match child.try_wait() {
                Err(error) => return Err(error.to_string()),
                Ok(Some(ended)) if ended.success() => return Ok(true),
                Ok(Some(ended)) => return Err(lang.of(format!("it failed: {ended}"), format!("运行失败：{ended}"))),
                Ok(None) if cancel.is_triggered() => {
                    end(&mut child);
                    return Ok(false);
                }
                Ok(None) if begun.elapsed() >= self.limit => {
                    end(&mut child);
                    let limit = self.limit;
                    return Err(lang.of(
                        format!("it took longer than {limit:?} (--exec-timeout) and was ended"),
                        format!("运行超过 {limit:?}（--exec-timeout），已终止"),
                    ));
                }
                Ok(None) => thread::sleep(SLICE),
            }
        }
    }
}

/// Asks it to end, and makes it after a while.
fn end(child: &mut Child) {
    child::ask_to_end(child);
    let begun = Instant::now();
    while begun.elapsed() < GRACE {
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        thread::sleep(SLICE);
    }
    child::kill(child);
    let _ = child.wait();
}
