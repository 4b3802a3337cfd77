//! `yspay explain` on what people really capture, with requests and answers that OpenSSL signed.

#[path = "../platform/mod.rs"]
mod platform;
#[cfg(unix)]
#[allow(dead_code, reason = "the tests of other commands use the rest")]
#[path = "../support/terminal.rs"]
mod terminal;

mod captures;
mod hostile;
mod keys;
mod made;
mod mistakes;
mod page;
mod run;
