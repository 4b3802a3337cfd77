//! The process of `--exec`: what may be run, apart from our own signals, and how it ends with all that it started.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{ask_to_end, can_be_run, kill, set_apart};
#[cfg(windows)]
pub(super) use windows::{ask_to_end, can_be_run, kill, set_apart};
