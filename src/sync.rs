//! The locks and atomics behind the queue and the registries, named in one place: `tests/models` puts loom's there, which
//! try every order in which threads can run.

pub(crate) use std::sync::atomic::AtomicBool;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
