//! `yspay explain` on what people really capture, with requests and answers that OpenSSL signed.

#[path = "../platform/mod.rs"]
mod platform;

mod captures;
mod hostile;
mod keys;
mod made;
mod mistakes;
mod page;
mod run;
