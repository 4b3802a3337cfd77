//! Cancelling a call from another thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::signal::{Signal, lock};
use crate::sync::{AtomicBool, Mutex};

/// Cancels every call that was given a clone of it. May be triggered from any thread; stays triggered.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Default)]
struct Inner {
    triggered: AtomicBool,
    watching: Mutex<Vec<Arc<Signal>>>,
}

impl CancelToken {
    /// A token that is not triggered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the calls under way and all later calls with this token. A second time changes nothing.
    pub fn trigger(&self) {
        self.0.triggered.store(true, Ordering::SeqCst);
        for signal in lock(&self.0.watching).iter() {
            signal.give();
        }
    }

    /// Whether [`trigger`](Self::trigger) was called.
    pub fn is_triggered(&self) -> bool {
        self.0.triggered.load(Ordering::SeqCst)
    }

    /// For `fork`, which must not happen while somebody changes it.
    #[cfg(unix)]
    pub(crate) fn watching(&self) -> &Mutex<Vec<Arc<Signal>>> {
        &self.0.watching
    }

    /// Has `signal` given when the token is triggered, for as long as the watch lives.
    pub(crate) fn watch(&self, signal: &Arc<Signal>) -> Watch {
        lock(&self.0.watching).push(Arc::clone(signal));
        Watch { token: self.clone(), signal: Arc::clone(signal) }
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CancelToken").field("triggered", &self.is_triggered()).finish()
    }
}

/// Ends the watching when dropped.
pub(crate) struct Watch {
    token: CancelToken,
    signal: Arc<Signal>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watching = lock(&self.token.0.watching);
        if let Some(index) = watching.iter().position(|signal| Arc::ptr_eq(signal, &self.signal)) {
            watching.swap_remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_trigger_wakes_the_watching_signal_and_a_dropped_watch_leaves_nothing() {
        let token = CancelToken::new();
        let signal = Arc::new(Signal::default());
        let watch = token.watch(&signal);
        token.trigger();
        let begun = Instant::now();
        signal.wait_for(Duration::from_secs(60));
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert!(token.is_triggered());
        drop(watch);
        assert!(lock(&token.0.watching).is_empty());
    }
}
