//! The terminal, or Windows' console: what it can show, and typing that is not shown.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// What ends what is typed or pasted.
pub(crate) use system::END_OF_INPUT;
/// Whether a terminal shows colours; Windows' console is told to.
pub(crate) use system::shows_colours;
/// Runs `read` while what is typed is not shown, and shows it again when the process ends meanwhile.
pub(crate) use system::{restore_echo, without_echo};
