//! The readers of key and certificate files, against the test credentials and files that OpenSSL makes.

#[path = "../support/mod.rs"]
mod files;

mod advice;
mod containers;
mod containers_by_hand;
mod field;
mod hex;
mod hostile;
mod odd_certificates;
mod pkcs12;
mod refused;
mod support;
mod weak_spots;
