//! Certificates: the platform's, and those that TLS shall trust.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yspay_fuzz::read_certificates(bytes));
