//! The limit of open files: how it shows, and what to tell its reader.

use std::io::Error;

/// What to try when [`is_reached`].
pub(crate) const ADVICE: &str = "The limit of open files is reached: raise it (ulimit -n), or close some.";

/// Whether a file or a connection could not be opened because too many are open.
pub(crate) fn is_reached(error: &Error) -> bool {
    #[cfg(unix)]
    let numbers = [libc::EMFILE, libc::ENFILE];
    #[cfg(not(unix))]
    let numbers: [i32; 0] = [];
    error.raw_os_error().is_some_and(|number| numbers.contains(&number))
}
