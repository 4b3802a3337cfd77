//! loom's locks, under the names that the library uses.

use std::time::Duration;

pub(crate) use loom::sync::atomic::AtomicBool;
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// A condition that never times out: what comes with time, a model makes come.
#[derive(Default)]
pub(crate) struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        _timeout: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> std::sync::LockResult<(MutexGuard<'a, T>, bool)> {
        while condition(&mut *guard) {
            guard = self.0.wait(guard).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        Ok((guard, false))
    }
}
