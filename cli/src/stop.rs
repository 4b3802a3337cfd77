//! Ctrl-C and the signals that end a program: the first one ends the calls under way, the second one the process.

use yspay::CancelToken;

use crate::exit;

/// What the signals trigger from now on. For once in a process.
pub(crate) fn on_signals() -> CancelToken {
    let token = CancelToken::new();
    let seen = token.clone();
    // Without a handler a signal ends the process at once, which loses nothing that was printed.
    let _ = ctrlc::set_handler(move || {
        if seen.is_triggered() {
            std::process::exit(exit::STOPPED.into());
        }
        seen.trigger();
    });
    token
}
