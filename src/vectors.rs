//! The algorithms against vectors that OpenSSL made (`tests/vectors`).

use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::crypto::des::DesKey;
use crate::crypto::{Signer, Verifier};
use crate::envelope::canonical::signed_text;
use crate::keys::{self, Source};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../tests/vectors/vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn signer(name: &str) -> Signer {
    let path = format!("{}/tests/vectors/credentials/{name}", env!("CARGO_MANIFEST_DIR"));
    Signer::new(keys::load_private_key(&Source::path("privateKey", path), None, None).unwrap().key).unwrap()
}

fn verifier(path: &str) -> Verifier {
    let path = format!("{}/tests/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    Verifier::new(&keys::load_certificate(&Source::path("platformCertificate", path)).unwrap().public_key).unwrap()
}

#[test]
fn des_ciphertexts() {
    for vector in vectors()["des"].as_array().unwrap() {
        let key = DesKey::from_text(text(&vector["key"])).unwrap();
        let ciphertext = Base64::encode_string(&key.encrypt(text(&vector["plaintext"]).as_bytes()));
        assert_eq!(ciphertext, text(&vector["ciphertext"]));
    }
}

#[test]
fn signed_texts() {
    for vector in vectors()["canonical"].as_array().unwrap() {
        let fields = vector["fields"].as_object().unwrap();
        assert_eq!(signed_text(fields.iter().map(|(name, value)| (name.as_str(), text(value)))), text(&vector["text"]));
    }
}

#[test]
fn rsa_signatures_to_the_byte() {
    let signer = signer("merchant-rsa.key.pem");
    for vector in vectors()["rsa_sign"].as_array().unwrap() {
        let signature = signer.sign(text(&vector["message"]).as_bytes()).unwrap();
        assert_eq!(Base64::encode_string(&signature), text(&vector["signature"]));
    }
}

#[test]
fn sm2_signatures_of_openssl_and_our_own() {
    let verifier = verifier("credentials/merchant-sm2.cer");
    for vector in vectors()["sm2_verify"].as_array().unwrap() {
        let signature = Base64::decode_vec(text(&vector["signature"])).unwrap();
        let valid = verifier.verify(text(&vector["message"]).as_bytes(), &signature);
        assert_eq!(Some(valid), vector["valid"].as_bool());
    }
    let signer = signer("merchant-sm2.key.pem");
    for message in ["", "charset=UTF-8&data=中文", &"a".repeat(5000)] {
        let (first, second) = (signer.sign(message.as_bytes()).unwrap(), signer.sign(message.as_bytes()).unwrap());
        assert_ne!(first, second, "a nonce was used twice");
        assert!(verifier.verify(message.as_bytes(), &first) && verifier.verify(message.as_bytes(), &second));
        assert!(!verifier.verify(b"another message", &first));
    }
}

#[test]
fn notices_that_the_production_platform_signed() {
    let live: Value = serde_json::from_str(include_str!("../tests/vectors/live/live.json")).unwrap();
    let platform = verifier("live/platform-production.cer");
    for notice in live["notices"].as_array().unwrap() {
        let fields = notice["fields"].as_object().unwrap();
        let signed = signed_text(fields.iter().map(|(name, value)| (name.as_str(), text(value))));
        let signature = Base64::decode_vec(text(&notice["sign"])).unwrap();
        assert!(platform.verify(signed.as_bytes(), &signature));
        assert!(!platform.verify(signed.replacen('0', "1", 1).as_bytes(), &signature));
    }
}
