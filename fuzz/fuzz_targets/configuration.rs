//! The configuration: any text is a client or a sentence that says what to correct.

#![no_main]

use libfuzzer_sys::fuzz_target;
use yspay::{Client, Code};
use yspay_fuzz::{ASKED, assert_refusal};

fuzz_target!(|text: &str| {
    match Client::from_json(text) {
        Ok(client) => {
            assert!(client.describe().to_json().starts_with('{'));
            assert!(client.build_request(ASKED, None).is_ok());
        }
        Err(error) => assert_refusal(&error, &[Code::Config, Code::Credential]),
    }
});
