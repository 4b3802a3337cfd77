//! What one call waits on: a turn, an answer, a pause or a cancellation all wake it the same way.

use std::sync::PoisonError;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard};

/// A wake-up that is not lost when it comes before the wait. One thread waits, any thread wakes.
#[derive(Default)]
pub(crate) struct Signal {
    given: Mutex<bool>,
    condition: Condvar,
}

impl Signal {
    /// Wakes the waiting thread, or makes its next wait return at once.
    pub(crate) fn give(&self) {
        *lock(&self.given) = true;
        self.condition.notify_one();
    }

    /// Waits until the signal is given or `timeout` has passed, and takes it back.
    pub(crate) fn wait_for(&self, timeout: Duration) {
        let given = lock(&self.given);
        let (mut given, _) =
            self.condition.wait_timeout_while(given, timeout, |given| !*given).unwrap_or_else(PoisonError::into_inner);
        *given = false;
    }

    /// Takes it back without waiting; whether it was given.
    #[cfg(test)]
    pub(crate) fn take(&self) -> bool {
        std::mem::take(&mut *lock(&self.given))
    }
}

/// Locks; a panic elsewhere does not poison what this library guards, which is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
