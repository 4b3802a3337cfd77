//! The command as people and scripts use it: the real binary against the simulator.

#[path = "../../../tests/support/mod.rs"]
mod files;
#[path = "../support/mod.rs"]
mod support;

mod init;
mod language;
mod manual;
mod page;
mod query;
