//! Cut and flipped files: a credential error every time, never a panic, never a long wait.

use base64ct::{Base64, Encoding};
use yspay::Code;
use yspay::keys::{Source, load_ca_certificates, load_certificate, load_private_key};
use zeroize::Zeroizing;

use crate::support::*;

/// The containers, encrypted anew with few rounds so that thousands of attempts take seconds.
fn containers() -> Vec<(String, Vec<u8>)> {
    let scratch = Scratch::new();
    let pfx = "openssl pkcs12 -export -passout pass:123456 -iter 1 -nomaciter";
    let sm2 = "-inkey $C/merchant-sm2.key.pem -in $C/merchant-sm2.cert.pem";
    let rsa = "-inkey $C/platform-rsa.key.pem -in $C/platform-rsa.cert.pem";
    scratch.sh(&format!(
        "{pfx} {sm2} -out sm2.pfx; {pfx} {sm2} -nomac -keypbe NONE -certpbe NONE -name x -out clear.pfx; \
         {pfx} {rsa} -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg sha1 -out rsa.pfx; \
         {pfx} {rsa} -nomac -out nomac.pfx; \
         {pfx} {sm2} -keypbe SM4-CBC -certpbe SM4-CBC -macalg sm3 -out sm4.pfx; \
         openssl pkcs8 -topk8 -v2 sm4-cbc -iter 1 -passout pass:123456 -in $C/merchant-sm2.key.pem -outform DER -out sm4.der; \
         cp $C/../../field/odd_UTCTime_0800.cer $C/../../field/odd_unreadable.cer $C/../../field/gmsm_marshal_31byte.sm2 .; \
         openssl pkcs8 -topk8 -iter 1 -passout pass:123456 -in $C/merchant-sm2.key.pem -out enc.pem; \
         openssl pkcs8 -topk8 -iter 1 -passout pass:123456 -in $C/merchant-sm2.key.pem -outform DER -out enc.der; \
         openssl pkcs8 -topk8 -scrypt -scrypt_N 2 -passout pass:123456 -in $C/merchant-sm2.key.pem -outform DER -out s.der; \
         openssl rsa -traditional -in $C/platform-rsa.key.pem -outform DER -out rsa.der; \
         openssl pkcs8 -topk8 -nocrypt -in $C/merchant-sm2.key.pem -outform DER -out sm2.der; \
         tr -d '\\n' < $C/merchant.sm2 | base64 -d > cfca.der; \
         cp $C/merchant.sm2 $C/platform-rsa.key.pem $C/merchant-sm2.cer $C/platform-rsa.cer $C/merchant-sm2.cert.pem ."
    ));
    [
        "sm2.pfx",
        "clear.pfx",
        "rsa.pfx",
        "nomac.pfx",
        "sm4.pfx",
        "sm4.der",
        "odd_UTCTime_0800.cer",
        "odd_unreadable.cer",
        "gmsm_marshal_31byte.sm2",
        "enc.pem",
        "enc.der",
        "s.der",
        "rsa.der",
        "sm2.der",
        "cfca.der",
        "merchant.sm2",
        "platform-rsa.key.pem",
        "merchant-sm2.cer",
        "platform-rsa.cer",
        "merchant-sm2.cert.pem",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), std::fs::read(scratch.path(name)).unwrap()))
    .collect()
}

/// Loads the bytes through every door; true when one of them took them.
fn load(bytes: &[u8]) -> bool {
    let text = Zeroizing::new(Base64::encode_string(bytes));
    let key = load_private_key(&Source::base64("privateKey", text.clone()), Some(PASSWORD), None).map(|_| ());
    let certificate = load_certificate(&Source::base64("platformCertificate", text.clone())).map(|_| ());
    let roots = load_ca_certificates(&Source::base64("caFile", text)).map(|_| ());
    let results = [key, certificate, roots];
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(error.code, Code::Credential);
        assert!(!error.message.contains(PASSWORD), "{error}");
    }
    results.iter().any(Result::is_ok)
}

#[test]
fn every_truncation_is_refused() {
    for (name, bytes) in containers() {
        assert!(load(&bytes), "{name} itself");
        for length in 0..bytes.len() {
            // Only what follows the last -----END line may go.
            let whole = bytes[..length].ends_with(b"KEY-----") || bytes[..length].ends_with(b"CERTIFICATE-----");
            // Text without its last line break is still whole.
            let padded = name == "merchant.sm2" && length == bytes.len() - 1;
            let ended = whole && bytes[..length].windows(8).any(|window| window == b"-----END");
            assert_eq!(load(&bytes[..length]), ended || padded, "{name} cut to {length}");
        }
    }
}

#[test]
fn no_flipped_byte_makes_a_panic() {
    for (name, bytes) in containers() {
        let start = std::time::Instant::now();
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            // Small files in every way, large ones in turn: the test must take seconds.
            let flips = [0x01, 0x80, 0xff];
            for flip in if bytes.len() < 700 { &flips[..] } else { &flips[at % 3..][..1] } {
                changed[at] = bytes[at] ^ flip;
                load(&changed);
            }
            changed[at] = bytes[at];
        }
        assert!(start.elapsed().as_secs() < 300, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn deep_nesting_and_many_parts_are_refused_quickly() {
    let start = std::time::Instant::now();
    let mut nested = vec![];
    for _ in 0..20_000 {
        let length = nested.len() as u32;
        nested.splice(0..0, [&[0x30, 0x84][..], &length.to_be_bytes()].concat());
    }
    assert!(!load(&nested));
    for unit in [&[0x30u8, 0][..], &[5, 0], &[2, 1, 1], &[0xa0, 0]] {
        let body = unit.repeat(700_000 / unit.len());
        let whole = [&[0x30, 0x84][..], &(body.len() as u32).to_be_bytes(), &body].concat();
        assert!(!load(&whole));
    }
    for text in
        ["-----BEGIN ".repeat(60_000), "-----BEGIN A-----\n-----END A-----\n".repeat(20_000), "-".repeat(700_000)]
    {
        assert!(!load(text.as_bytes()));
    }
    assert!(start.elapsed().as_secs() < 120, "took {:?}", start.elapsed());
}
