//! What comes behind the signature: `data` of any text, signed by the platform's test key as Java's SDK would sign it.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use serde_json::value::RawValue;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::Signer;
use sm2::pkcs8::DecodePrivateKey;
use yspay::{Code, SignStatus};
use yspay_fuzz::{ASKED, PLATFORM_KEY, SM, assert_refusal, signed_text};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = sm2::SecretKey::from_pkcs8_pem(PLATFORM_KEY).expect("the platform's test key");
    SigningKey::new("1234567812345678", &key).expect("a signing key")
});

fuzz_target!(|data: &str| {
    // The last of two fields with one name counts here, as in a Java map.
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(data) else { return };
    let text = |raw: &RawValue| match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(text) => text.unwrap_or_default(),
        Err(_) => raw.get().to_owned(),
    };
    let fields: BTreeMap<&str, String> = members.iter().map(|(name, raw)| (name.as_str(), text(raw))).collect();
    let signed = signed_text(fields.iter().map(|(name, value)| (*name, value.as_str())));
    let signature: sm2::dsa::Signature = KEY.sign(signed.as_bytes());
    let signature = Base64::encode_string(&signature.to_bytes());
    // `data` comes as a string that holds the object's text, or as the object itself.
    let as_text = json!({"signValue": signature, "data": data}).to_string();
    let as_object = format!(r#"{{"signValue":"{signature}","data":{data}}}"#);

    let field = |name: &str| fields.get(name).map(String::as_str);
    for body in [as_text, as_object] {
        match SM.verify_response(ASKED, body.as_bytes()) {
            Ok(verified) => {
                assert_eq!(field("code"), Some("00"));
                assert_eq!(field("sysSignFlowId"), Some(ASKED));
                assert_eq!(field("signSts"), Some(verified.status().as_text()));
                assert_eq!(verified.status(), &SignStatus::from_text(verified.status().as_text()));
                assert_eq!(signed_text(verified.fields()), signed);
                // No value hides a field of another message: a link's parameters alone may look like one.
                for (name, value) in verified.fields().filter(|(_, value)| holds_a_pair(value)) {
                    assert!(value.contains("://") && value.contains('?') && value.is_ascii(), "{name}={value}");
                    assert!(
                        !["&code=", "&signSts=", "&sysSignFlowId=", "&notify_type=", "&charset="]
                            .iter()
                            .any(|hidden| value.contains(hidden))
                    );
                }
            }
            // The signature fits whatever it covers.
            Err(error) if error.code == Code::Signature => assert!(signed.is_empty(), "{signed:?}: {error}"),
            Err(error) => {
                assert_refusal(&error, &[Code::MalformedResponse, Code::Mismatch, Code::GatewayTimeout, Code::Business])
            }
        }
    }
});

/// Whether text holds `&name=`.
fn holds_a_pair(text: &str) -> bool {
    text.split('&')
        .skip(1)
        .filter_map(|piece| piece.split_once('='))
        .any(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}
