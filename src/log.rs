//! The library's log: one sink for the process, off until somebody sets one.
//!
//! Policy: no key, password, `desKey`, plaintext of `data` or proxy password is ever logged, at any level.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use once_cell::sync::Lazy;

use crate::signal::lock;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// A call failed.
    Error = 1,
    /// An attempt failed and is repeated; a certificate has ended, or ends within 30 days; the shared limit's store has gone
    /// away, or is back.
    Warn = 2,
    /// A client was made.
    Info = 3,
    /// The signed text of each request and answer: compare it when the platform refuses a signature.
    Debug = 4,
    /// Each step of a call.
    Trace = 5,
}

/// Receives every message at or below the level that it was set with. Called on the thread that makes the call
/// into this library, with no lock of the library held; it must not panic.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

static SINK: Lazy<Mutex<Option<Sink>>> = Lazy::new(Mutex::default);
static MOST: AtomicI32 = AtomicI32::new(0);

/// For `fork`: nobody sets the sink while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, Option<Sink>> {
    lock(&SINK)
}

/// Sets the process's only sink; messages less important than `level` are dropped. `None` turns the log off.
pub fn set_sink(sink: Option<Sink>, level: Level) {
    let mut current = hold();
    MOST.store(if sink.is_some() { level as i32 } else { 0 }, Ordering::Relaxed);
    let replaced = std::mem::replace(&mut *current, sink);
    // What it captured may set a sink, or log, when it is dropped: not under the lock.
    drop(current);
    drop(replaced);
}

/// Hands a message to the sink; the text is only made when somebody listens.
pub(crate) fn log(level: Level, message: impl FnOnce() -> String) {
    if MOST.load(Ordering::Relaxed) < level as i32 {
        return;
    }
    let sink = hold().clone();
    if let Some(sink) = sink {
        sink(level, &message());
    }
}
