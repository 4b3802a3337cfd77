//! CFCA's container for SM2.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yspay_fuzz::read_key(bytes));
