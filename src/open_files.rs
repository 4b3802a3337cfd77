//! The limit of open files: how it shows, and what to tell its reader.

use std::io::Error;

#[cfg(unix)]
const NUMBERS: [i32; 2] = [libc::EMFILE, libc::ENFILE];

/// ERROR_TOO_MANY_OPEN_FILES, and WSAEMFILE of a socket.
#[cfg(not(unix))]
const NUMBERS: [i32; 2] = [4, 10024];

/// What to try when [`is_reached`].
pub(crate) const ADVICE: &str = if cfg!(unix) {
    "The limit of open files is reached: raise it (ulimit -n), or close some."
} else {
    "The limit of open files is reached: close some."
};

/// Whether a file or a connection could not be opened because too many are open.
pub(crate) fn is_reached(error: &Error) -> bool {
    error.raw_os_error().is_some_and(|number| NUMBERS.contains(&number))
}
