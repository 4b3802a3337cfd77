//! Monotonic time behind a small trait, so that tests can use a clock of their own.

use std::time::{Duration, Instant};

use once_cell::sync::Lazy;

use crate::signal::Signal;

/// A moment, as the time since the clock's own beginning.
pub(crate) type Moment = Duration;

/// Where time comes from.
pub(crate) trait Clock: Send + Sync {
    /// The present moment; never earlier than any moment told before.
    fn now(&self) -> Moment;

    /// Blocks until `signal` is given or the moment `until` has come; may return early for no reason.
    fn wait(&self, signal: &Signal, until: Moment);
}

/// The operating system's monotonic clock.
pub(crate) struct Monotonic;

static BEGINNING: Lazy<Instant> = Lazy::new(Instant::now);

impl Clock for Monotonic {
    fn now(&self) -> Moment {
        BEGINNING.elapsed()
    }

    fn wait(&self, signal: &Signal, until: Moment) {
        signal.wait_for(until.saturating_sub(self.now()));
    }
}
