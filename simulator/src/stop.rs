//! One signal that ends every wait of the server at once.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Not stopped at first; stopped for good once [`Stop::set`] was called.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Ends all waits, now and later.
    pub(crate) fn set(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether the server is to end.
    pub(crate) fn is_set(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits that long, or until the server ends.
    pub(crate) fn sleep(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(stopped, time, |stopped| !*stopped));
    }
}
