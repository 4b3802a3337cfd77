//! The readers of key and certificate files, against the test credentials and files that OpenSSL makes.

#[path = "../support/mod.rs"]
mod files;

mod advice;
mod containers;
mod field;
mod hostile;
mod odd_certificates;
mod refused;
mod support;
mod weak_spots;
