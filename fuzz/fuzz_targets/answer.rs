//! The response opener. The platform's key is not at hand, so whatever is accepted must have been signed by it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use yspay::Code;
use yspay_fuzz::{ASKED, RSA, SM, assert_genuine, assert_platform_code_is_genuine, assert_refusal};

fuzz_target!(|body: &[u8]| {
    for client in [&*SM, &*RSA] {
        match client.verify_response(ASKED, body) {
            Ok(verified) => assert_genuine(&verified),
            Err(error) => {
                assert_refusal(
                    &error,
                    &[Code::MalformedResponse, Code::Signature, Code::Mismatch, Code::GatewayTimeout, Code::Business],
                );
                assert_platform_code_is_genuine(&error);
            }
        }
    }
});
