//! Calls at the interpreter's exit. CPython before 3.14 ends a thread that wants back into an interpreter that is going, by
//! unwinding its stack, which must not pass Rust's frames: the process would crash. So from then on such a thread stays in
//! the engine until the process ends, as CPython 3.14 has it stay by itself.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

/// How many threads are on their way back to Python. Atomic, so that no fork finds a lock taken.
static RETURNING: AtomicUsize = AtomicUsize::new(0);
static ENDING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The thread that ends the interpreter may come back.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// The way back takes a thread one turn of Python's lock; more than this is a thread that will not come.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Runs `work` while other Python threads run.
pub(super) fn detached<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> T) -> T {
    let result = py.detach(|| {
        let result = work();
        set_out();
        result
    });
    RETURNING.fetch_sub(1, Ordering::SeqCst);
    result
}

fn set_out() {
    RETURNING.fetch_add(1, Ordering::SeqCst);
    if ENDING.load(Ordering::SeqCst) && !ENDS.get() {
        RETURNING.fetch_sub(1, Ordering::SeqCst);
        loop {
            thread::park();
        }
    }
}

/// To be called when the interpreter ends, by the thread that ends it: lets those through that are on their way, and nobody
/// else.
pub(super) fn end(py: Python<'_>) {
    ENDS.set(true);
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        let pause = Duration::from_millis(1);
        let mut waited = Duration::ZERO;
        while RETURNING.load(Ordering::SeqCst) > 0 && waited < LONGEST_WAIT {
            thread::sleep(pause);
            waited += pause;
        }
    });
}

/// In the child of a fork, where only the thread that forked is left.
#[cfg(unix)]
pub(super) fn start_anew() {
    RETURNING.store(0, Ordering::SeqCst);
}
