//! A certificate and the public key in it. A certificate here is a pinned public key: its signature, chain, dates and
//! serial number are reported, never judged, so what breaks their rules is no hindrance.

use std::fmt::Write as _;

use der::asn1::{AnyRef, BmpString};
use der::{Decode, Encode, Tag, Tagged};
use rsa::BoxedUint;
use rsa::pkcs1::RsaPublicKeyRef;
use sha2::{Digest, Sha256};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RelativeDistinguishedName};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::asn1;
use super::date;
use super::key::PublicKey;
use super::kind::{Kind, check_rsa, key_kind};

/// What a certificate says of itself, whatever kind of key it is about.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The subject in the form of RFC 4514, for example `CN=ysepay,O=organize,C=cn`; the hex of its DER when it is no such
    /// name.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// The serial number in upper-case hex, as `openssl` prints it; `None` when the certificate has none.
    pub serial: Option<String>,
    /// Not valid before this time; RFC 3339, UTC. `None` when it is no date.
    pub not_before: Option<String>,
    /// Not valid after this time; RFC 3339, UTC. `None` when it is no date.
    pub not_after: Option<String>,
}

impl Facts {
    /// `None` if DER is no certificate.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        Body::of(der).map(|body| Self::of_body(&body))
    }

    fn of_body(body: &Body<'_>) -> Self {
        let date = |place: usize| body.validity.get(place).and_then(|time| date::rfc3339(*time));
        Facts {
            subject: told(body.subject),
            issuer: told(body.issuer),
            serial: body.serial.map(AnyRef::value).filter(|bytes| !bytes.is_empty()).map(serial),
            not_before: date(0),
            not_after: date(1),
        }
    }
}

/// An X.509 certificate, as far as a reader cares.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// What it says of itself.
    pub facts: Facts,
    /// SHA-256 of the DER, in lower-case hex.
    pub fingerprint_sha256: String,
    /// The key that the certificate is about.
    pub public_key: PublicKey,
}

/// So that a certificate's facts are its own.
impl std::ops::Deref for Certificate {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl Certificate {
    /// Whether DER is a certificate at all, with whatever key.
    pub(super) fn is_one(der: &[u8]) -> bool {
        Body::of(der).is_some()
    }

    /// Reads DER; the error completes the sentence "the certificate …".
    pub(super) fn from_der(der: &[u8]) -> Result<Self, String> {
        let body = Body::of(der).ok_or("is damaged")?;
        let info = body.key.to_der().ok().and_then(|der| SubjectPublicKeyInfoOwned::from_der(&der).ok());
        Ok(Certificate {
            facts: Facts::of_body(&body),
            fingerprint_sha256: hex(&Sha256::digest(der), false),
            public_key: public_key(&info.ok_or("is damaged")?)?,
        })
    }
}

/// The parts of a certificate that matter here. The `x509-cert` crate refuses a certificate for its dates and its serial
/// number, so it is taken apart by hand.
struct Body<'a> {
    serial: Option<AnyRef<'a>>,
    issuer: AnyRef<'a>,
    validity: Vec<AnyRef<'a>>,
    subject: AnyRef<'a>,
    key: AnyRef<'a>,
}

impl<'a> Body<'a> {
    fn of(der: &'a [u8]) -> Option<Self> {
        let whole = asn1::sequence(der)?;
        let [body, algorithm, signature] = whole.as_slice() else { return None };
        let signed = algorithm.tag() == Tag::Sequence && signature.tag() == Tag::BitString;
        let parts = asn1::elements(*body).filter(|_| signed)?;
        let mut rest = parts.as_slice();
        if let [version, after @ ..] = rest
            && asn1::explicit(*version, 0).is_some()
        {
            rest = after;
        }
        let mut serial = None;
        if let [number, after @ ..] = rest
            && number.tag() == Tag::Integer
        {
            (serial, rest) = (Some(*number), after);
        }
        let [algorithm, issuer, validity, subject, key, _extensions @ ..] = rest else { return None };
        let sequences = [algorithm, issuer, subject, key].iter().all(|part| part.tag() == Tag::Sequence);
        let validity = asn1::elements(*validity).filter(|_| sequences)?;
        Some(Body { serial, issuer: *issuer, validity, subject: *subject, key: *key })
    }
}

/// The key of a certificate; the error completes "a certificate that …" and names every other kind.
fn public_key(info: &SubjectPublicKeyInfoOwned) -> Result<PublicKey, String> {
    let bits = info.subject_public_key.as_bytes().ok_or("is damaged")?;
    if info.algorithm.oid == asn1::RSA {
        return rsa_public_key(bits).map(PublicKey::Rsa);
    }
    let parameters = info.algorithm.parameters.as_ref().and_then(|any| any.to_der().ok());
    match key_kind(info.algorithm.oid, parameters.as_deref()) {
        Kind::Sm2 => sm2::PublicKey::from_sec1_bytes(bits)
            .map(PublicKey::Sm2)
            .map_err(|_| "has an SM2 key that is not a point of the curve".to_owned()),
        Kind::Other(name) => Err(format!("is about a key of another kind ({name}); only RSA and SM2 are used here")),
    }
}

fn rsa_public_key(der: &[u8]) -> Result<rsa::PublicKey, String> {
    // Old GnuTLS left the zero byte before the modulus out.
    let der = asn1::with_sign_bytes(der, &[0]).ok_or("has a damaged RSA key")?;
    let parts = RsaPublicKeyRef::from_der(&der).map_err(|_| "has a damaged RSA key".to_owned())?;
    let (modulus, exponent) = (parts.modulus.as_bytes(), parts.public_exponent.as_bytes());
    check_rsa(modulus, exponent).map_err(|what| format!("has {what}"))?;
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, bytes.len() as u32 * 8).map_err(|_| "is damaged");
    rsa::PublicKey::new(number(modulus)?, number(exponent)?).map_err(|_| "has a damaged RSA key".to_owned())
}

/// The name, or how its DER begins when a text in it is of a kind that the crate does not know, UniversalString say.
fn told(part: AnyRef<'_>) -> String {
    let der = part.to_der().unwrap_or_default();
    Name::from_der(&der).map_or_else(|_| format!("#{}", hex(&der[..der.len().min(64)], false)), |found| name(&found))
}

/// A name in the form of RFC 4514; old Chinese certificates write it in BMPString, which the crate leaves in hex.
fn name(name: &Name) -> String {
    let one = |set: &RelativeDistinguishedName| set.iter().map(attribute).collect::<Vec<_>>().join("+");
    let mut parts: Vec<String> = name.as_ref().iter().map(one).collect();
    // RFC 4514 begins with the innermost part, which stands last in the certificate.
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let bmp = (attribute.value.tag() == Tag::BmpString)
        .then(|| attribute.value.to_der().ok().and_then(|der| BmpString::from_der(&der).ok()))
        .flatten();
    // Given as UTF-8, the crate writes the same attribute readably and escapes what must be escaped.
    let readable = bmp.and_then(|text| der::Any::new(Tag::Utf8String, text.to_string().into_bytes()).ok());
    match readable {
        Some(value) => AttributeTypeAndValue { oid: attribute.oid, value }.to_string(),
        None => attribute.to_string(),
    }
}

/// The serial number as `openssl` prints it: upper-case hex, two digits a byte, a sign before a negative one.
fn serial(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    if negative {
        let mut carry = true;
        for byte in bytes.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let text = if digits.is_empty() { "00".to_owned() } else { hex(digits, true) };
    if negative { format!("-{text}") } else { text }
}

fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
        text
    })
}
