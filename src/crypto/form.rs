//! What a signature that does not fit is, when its form alone shows that no key of the expected kind has made it.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, Tagged};

/// The lengths of RSA signatures, in bytes.
const RSA_LENGTHS: [usize; 4] = [128, 256, 384, 512];
/// `r || s`.
const RAW_SM2_LENGTH: usize = 64;

/// `signedData` of PKCS#7, and its sister for SM2 (GM/T 0010).
const SIGNED_DATA: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2"), ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.2")];

/// Whether all of it is hexadecimal digits, with `0x`, colons or blanks perhaps, and too many to be anything else by chance.
pub(crate) fn is_hex(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"0X")).unwrap_or(text);
    let is_between = |byte: &u8| *byte == b':' || byte.is_ascii_whitespace();
    digits.iter().all(|byte| byte.is_ascii_hexdigit() || is_between(byte))
        && digits.iter().filter(|byte| !is_between(byte)).count() >= 2 * RAW_SM2_LENGTH
}

/// What is signed like neither algorithm.
fn of_neither(signature: &[u8]) -> Option<&'static str> {
    if is_hex(signature) {
        return Some("is hexadecimal text inside Base64, not a signature's bytes");
    }
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    if signature.len() >= RAW_SM2_LENGTH && signature.iter().all(is_base64) {
        return Some("is encoded in Base64 twice");
    }
    let first = elements(signature)?.into_iter().next()?;
    let is_message = first.decode_as().is_ok_and(|oid| SIGNED_DATA.contains(&oid));
    is_message.then_some("is a PKCS#7 message (signedData), not a signature alone")
}

/// What a signature is that no key of the expected kind, or not this one, has made.
pub(crate) struct Misform {
    /// Goes on from "the signature".
    pub(crate) what: String,
    /// Whether another key of the same kind may have made it.
    pub(crate) of_other_key: bool,
}

impl From<String> for Misform {
    fn from(what: String) -> Self {
        Misform { what, of_other_key: false }
    }
}

/// What it is in place of an RSA signature under a key of so many bytes.
pub(super) fn not_rsa(signature: &[u8], key: usize) -> Option<Misform> {
    let length = signature.len();
    if let Some(what) = of_neither(signature) {
        return Some(what.to_owned().into());
    }
    if length == key {
        return None;
    }
    if length == RAW_SM2_LENGTH || are_two_integers(signature) {
        let what = "has the form of an SM2 signature, while signType is RSA. Ask YSEPAY which of the two it uses for this \
                    institution";
        return Some(what.to_owned().into());
    }
    let what = format!("has {length} bytes, while the key of platformCertificate makes signatures of {key}");
    Some(Misform { what, of_other_key: true })
}

/// What it is in place of an SM2 signature; `well_formed` says whether `r` and `s` can be read out of it.
pub(super) fn not_sm2(signature: &[u8], well_formed: bool) -> Option<Misform> {
    let length = signature.len();
    if let Some(what) = of_neither(signature) {
        return Some(what.to_owned().into());
    }
    if well_formed {
        return None;
    }
    let what = if RSA_LENGTHS.contains(&length) {
        format!(
            "has {length} bytes, as an RSA signature has, while signType is SM. Ask YSEPAY which of the two it uses for this \
             institution"
        )
    } else {
        format!(
            "is of a form that no SM2 signature has: {length} bytes that are neither DER SEQUENCE {{ r, s }} with both \
             numbers in range nor the {RAW_SM2_LENGTH} bytes r || s"
        )
    };
    Some(what.into())
}

fn are_two_integers(der: &[u8]) -> bool {
    elements(der).is_some_and(|parts| parts.len() == 2 && parts.iter().all(|part| part.tag() == Tag::Integer))
}

/// The elements of a `SEQUENCE` that is all of `der`.
fn elements(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let outer = AnyRef::from_der(der).ok().filter(|outer| outer.tag() == Tag::Sequence)?;
    let mut reader = SliceReader::new(outer.value()).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(found)
}
