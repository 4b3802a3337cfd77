use std::io;
use std::sync::{Mutex, PoisonError};

use winapi_util::HandleRef;
use winapi_util::console::{mode, set_mode};

pub(crate) const END_OF_INPUT: &str = "Ctrl-Z, Enter";

/// As Windows' documentation of SetConsoleMode numbers them.
const ENABLE_ECHO_INPUT: u32 = 0x4;
const ENABLE_VIRTUAL_TERMINAL_PROCESSING: u32 = 0x4;

/// How the console was, while it shows nothing.
static BEFORE: Mutex<Option<u32>> = Mutex::new(None);

pub(crate) fn without_echo<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = mode(HandleRef::stdin())?;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    set_mode(HandleRef::stdin(), before & !ENABLE_ECHO_INPUT)?;
    let result = read();
    restore_echo();
    result
}

pub(crate) fn restore_echo() {
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = set_mode(HandleRef::stdin(), before);
    }
}

/// The console of cmd.exe has to be told, and one before Windows 10 shows none. Git Bash's own terminal is no console.
pub(super) fn shows_colours() -> bool {
    mode(HandleRef::stdout())
        .and_then(|before| set_mode(HandleRef::stdout(), before | ENABLE_VIRTUAL_TERMINAL_PROCESSING))
        .is_ok()
}
