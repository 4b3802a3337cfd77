//! The keys that are known: whose each is, read from a certificate or a public key.

use std::fmt;

use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use serde::{Serialize, Serializer};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Encode, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

use crate::encoding;
use crate::text::Text;

/// More keys than this are not tried.
pub(crate) const MAX_KEYS: usize = 32;
/// A file with a key is never longer.
const MAX_FILE: usize = 1 << 20;

/// Whose a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The institution's, which signs requests.
    Merchant,
    /// The platform's, which signs answers.
    Platform,
    /// Any other, to be tried as well; what to call it, in both languages alike, such as a file's name.
    Other(String),
}

impl Whose {
    /// How a sentence calls it: goes on from "signed with".
    pub fn named(&self) -> Text {
        match self {
            Whose::Merchant => Text::new("the institution's own key", "商户自己的密钥"),
            Whose::Platform => Text::new("the platform's key", "平台的密钥"),
            Whose::Other(label) => Text::new(format_args!("the key of {label}"), format_args!("{label} 的密钥")),
        }
    }

    /// What to ask for when it is not known.
    pub(crate) fn certificate(&self) -> Text {
        match self {
            Whose::Merchant => Text::new("the institution's certificate", "商户证书"),
            Whose::Platform => Text::new("the platform's certificate", "平台证书"),
            Whose::Other(label) => Text::new(label, label),
        }
    }
}

impl Serialize for Whose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Whose::Merchant => "merchant",
            Whose::Platform => "platform",
            Whose::Other(label) => label,
        })
    }
}

/// A public key and whose it is.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// Whose it is.
    pub whose: Whose,
    /// The key.
    pub key: PublicKey,
}

/// What a diagnosis may use. The more of it there is, the more can be told.
#[derive(Clone, Default)]
pub struct Keys {
    /// Keys to verify with, in the order in which they are tried.
    pub known: Vec<KnownKey>,
    /// The whole key string that the platform issued for `data`.
    pub des_key: Option<Zeroizing<String>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let des_key = if self.des_key.is_some() { "known, not shown" } else { "unknown" };
        f.debug_struct("Keys").field("known", &self.known).field("des_key", &des_key).finish()
    }
}

/// A public key of one of the two kinds that the protocol knows.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA, 1024 to 8192 bit.
    Rsa(rsa::PublicKey),
    /// SM2.
    Sm2(sm2::PublicKey),
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kind())
    }
}

/// Why a file holds no key that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoKey(pub Text);

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for NoKey {}

impl PublicKey {
    /// Reads an X.509 certificate or a public key (`SubjectPublicKeyInfo`, or PKCS#1 for RSA), PEM or DER; the Base64 of
    /// DER alone, too. A certificate is only a key's envelope here: its signature and its dates are not judged.
    pub fn from_certificate_or_key(bytes: &[u8]) -> Result<Self, NoKey> {
        let no = |en: &str, zh: &str| NoKey(Text::new(en, zh));
        if bytes.len() > MAX_FILE {
            return Err(no("it is longer than 1 MB, which no certificate is", "超过 1 MB，不可能是证书"));
        }
        let private = bytes.windows(11).any(|window| window == b"PRIVATE KEY");
        if private && !bytes.windows(11).any(|window| window == b"CERTIFICATE") {
            return Err(no(
                "it holds a private key; give the certificate or the public key",
                "里面是私钥；请提供证书或公钥",
            ));
        }
        let der = if bytes.first() == Some(&0x30) { Some(bytes.to_vec()) } else { der_in_text(bytes) };
        let der = der.ok_or_else(|| no("it is neither PEM nor DER", "既不是 PEM，也不是 DER"))?;
        public_key(&der).ok_or_else(|| {
            no(
                "it holds no RSA (1024 to 8192 bit) or SM2 public key: an X.509 certificate (.cer) or a public key is needed",
                "里面没有 RSA（1024 到 8192 位）或 SM2 公钥：需要 X.509 证书（.cer）或公钥文件",
            )
        })
    }

    /// The kind and, for RSA, the size: `RSA-2048` or `SM2`.
    pub fn kind(&self) -> String {
        match self {
            PublicKey::Rsa(key) => format!("RSA-{}", key.n().bit_width_vartime()),
            PublicKey::Sm2(_) => "SM2".to_owned(),
        }
    }
}

/// The first certificate or public key of a PEM text, or Base64 without its lines of dashes.
fn der_in_text(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let Some((_, rest)) =
        ["-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"]
            .iter()
            .filter_map(|label| text.split_once(label))
            .min_by_key(|(before, _)| before.len())
    else {
        return encoding::base64(text).filter(|der| der.first() == Some(&0x30));
    };
    encoding::base64(rest.split("-----").next()?)
}

fn public_key(der: &[u8]) -> Option<PublicKey> {
    let of_info = |info: &[u8]| {
        let rsa = rsa::PublicKey::from_public_key_der(info).map(PublicKey::Rsa).ok();
        rsa.or_else(|| sm2::PublicKey::from_public_key_der(info).map(PublicKey::Sm2).ok())
    };
    of_info(der)
        .or_else(|| rsa::PublicKey::from_pkcs1_der(der).map(PublicKey::Rsa).ok())
        .or_else(|| body_parts(der)?.iter().filter_map(|part| part.to_der().ok()).find_map(|part| of_info(&part)))
}

/// The parts of a certificate's body, taken apart by hand: a crate refuses old ones for their dates or serial numbers.
fn body_parts(certificate: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let whole = elements(AnyRef::from_der(certificate).ok()?)?;
    elements(*whole.first()?)
}

fn elements(sequence: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    if sequence.tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(found)
}
