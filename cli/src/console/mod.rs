//! The terminal, or Windows' console: what may be written to it, and typing that is not shown.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, IsTerminal};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// What ends what is typed or pasted.
pub(crate) use system::END_OF_INPUT;
/// Runs `read` while what is typed is not shown, and shows it again when the process ends meanwhile.
pub(crate) use system::{restore_echo, without_echo};

/// Whether standard output shows colours, and is to.
pub(crate) fn is_coloured() -> bool {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !is_plain && system::shows_colours()
}
