//! What the tests of key files share: short ways to load, and what every refusal has to say.

use std::path::{Path, PathBuf};

use der::asn1::AnyRef;
use der::{Decode, Encode, Tagged};
use yspay::keys::{Certificate, MerchantKey, Source, load_certificate, load_private_key};
use yspay::{Code, Error};
use zeroize::Zeroizing;

pub(crate) use crate::files::{Scratch, credential};

/// The password of the test credentials.
pub(crate) const PASSWORD: &str = "123456";

/// A file as it is met in the field.
pub(crate) fn field(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/field").join(name)
}

pub(crate) fn key_file(path: &Path, password: Option<&str>) -> Result<MerchantKey, Error> {
    load_private_key(&Source::path("privateKey", path), password, None)
}

pub(crate) fn cert_file(path: &Path) -> Result<Certificate, Error> {
    load_certificate(&Source::path("platformCertificate", path))
}

pub(crate) fn key_base64(text: &str, password: Option<&str>) -> Result<MerchantKey, Error> {
    load_private_key(&Source::base64("privateKey", Zeroizing::new(text.to_owned())), password, None)
}

/// The message of a credential error that names this file, says this, and holds no password.
#[track_caller]
pub(crate) fn refused<T>(result: Result<T, Error>, named: &str, says: &str) -> String {
    let error = match result {
        Ok(_) => panic!("accepted; expected: {says}"),
        Err(error) => error,
    };
    assert_eq!(error.code, Code::Credential, "{error}");
    // What `setting` says is what the first words say.
    assert!(error.setting.is_some_and(|setting| error.message.starts_with(setting)), "{:?}: {error}", error.setting);
    assert!(error.message.contains(named), "{named:?} is not in: {}", error.message);
    assert!(error.message.contains(says), "{says:?} is not in: {}", error.message);
    assert!(error.message.ends_with(['.', '`', ')']) || error.message.contains("new.pem"), "{}", error.message);
    assert!(!error.message.contains(PASSWORD) && !error.message.contains("wrong-horse"), "{}", error.message);
    error.message
}

/// The command that a message advises.
#[track_caller]
pub(crate) fn advised(message: &str) -> String {
    message.split('`').nth(1).unwrap_or_else(|| panic!("no command in: {message}")).to_owned()
}

/// DER: a tag, a length, the parts.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = match body.len() {
        0..128 => vec![body.len() as u8],
        128..256 => vec![0x81, body.len() as u8],
        _ => [&[0x82][..], &(body.len() as u16).to_be_bytes()].concat(),
    };
    [&[tag], length.as_slice(), &body].concat()
}

/// DER: an object identifier.
pub(crate) fn oid(arcs: &[u64]) -> Vec<u8> {
    let mut body = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let digits = (0..9).rev().map(|at| (arc >> (7 * at)) as u8 & 0x7f).skip_while(|digit| *digit == 0);
        let mut chunk: Vec<u8> = digits.map(|digit| digit | 0x80).collect();
        match chunk.last_mut() {
            Some(last) => *last &= 0x7f,
            None => chunk.push(0),
        }
        body.extend(chunk);
    }
    tlv(6, &[&body])
}

/// The elements of a `SEQUENCE`, each with its header.
pub(crate) fn parts(der: &[u8]) -> Vec<Vec<u8>> {
    let whole = AnyRef::from_der(der).unwrap();
    assert_eq!(whole.tag(), der::Tag::Sequence);
    let mut rest = whole.value();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (part, after) = AnyRef::from_der_partial(rest).unwrap();
        found.push(part.to_der().unwrap());
        rest = after;
    }
    found
}

/// What a tag and a length stand around.
pub(crate) fn content(der: &[u8]) -> Vec<u8> {
    AnyRef::from_der(der).unwrap().value().to_vec()
}

pub(crate) fn join(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// A certificate again with other elements in its body: version, serial, algorithm, issuer, validity, subject, key.
pub(crate) fn changed(name: &str, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut whole = parts(&std::fs::read(credential(name)).unwrap());
    let mut body = parts(&whole[0]);
    change(&mut body);
    whole[0] = join(&body);
    join(&whole)
}
