use std::io;
use std::sync::{Mutex, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

pub(crate) const END_OF_INPUT: &str = "Ctrl-D";

/// How the terminal was, while it shows nothing.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

pub(crate) fn without_echo<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = tcgetattr(rustix::stdio::stdin())?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &silent)?;
    let result = read();
    restore_echo();
    result
}

pub(crate) fn restore_echo() {
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &before);
    }
}

/// Every terminal does.
pub(super) fn shows_colours() -> bool {
    true
}
