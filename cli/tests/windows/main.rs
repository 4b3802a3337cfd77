//! The command on Windows: `yspay.exe`, which `YSPAY_WINDOWS_COMMAND` names, run by `scripts/emulate` and asking a
//! simulator of this machine. What is read here are bytes: the console's own letters and keys nobody sees by wine.

#[path = "../../../tests/support/mod.rs"]
mod files;
#[path = "../support/mod.rs"]
mod support;

mod batch;
mod files_there;
mod machine;
mod network;
mod programs;
mod words;
