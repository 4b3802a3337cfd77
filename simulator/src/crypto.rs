//! The platform's cryptography, from the protocol's description: the signed text, RSA, SM2 and DES.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use des::Des;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeDecrypt, KeyInit};
use rsa::pkcs1v15;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use sha1::Sha1;
use sm2::dsa;
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

const DISTINGUISHING_ID: &str = "1234567812345678";

macro_rules! credential {
    ($name:literal) => {
        include_str!(concat!("../../tests/vectors/credentials/", $name))
    };
}

/// The certificates of both sides, in PEM.
pub(crate) const CERTIFICATES: [(Signatory, &str); 4] = [
    (Signatory::Merchant, credential!("merchant-rsa.cert.pem")),
    (Signatory::Merchant, credential!("merchant-sm2.cert.pem")),
    (Signatory::Platform, credential!("platform-rsa.cert.pem")),
    (Signatory::Platform, credential!("platform-sm2.cert.pem")),
];

/// The two signature algorithms of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1 with RSA, PKCS#1 v1.5.
    Rsa,
    /// SM2 with SM3.
    Sm,
}

/// Whose key signs: the platform's, or, to misbehave, the merchant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatory {
    /// The platform, whose answers these are.
    Platform,
    /// The institution that asks.
    Merchant,
}

/// The test keys of both sides.
pub struct Keys {
    merchant_rsa_certificate: pkcs1v15::VerifyingKey<Sha1>,
    merchant_sm_certificate: dsa::VerifyingKey,
    platform_rsa: pkcs1v15::SigningKey<Sha1>,
    platform_sm: dsa::SigningKey,
    merchant_rsa: pkcs1v15::SigningKey<Sha1>,
    merchant_sm: dsa::SigningKey,
    des_key: [u8; 8],
}

impl Keys {
    /// Reads the credentials that are built into the program.
    pub fn load() -> Result<Self, String> {
        let merchant_rsa_certificate = public_key(credential!("merchant-rsa.cert.pem"))?;
        let merchant_sm_certificate = public_key(credential!("merchant-sm2.cert.pem"))?;
        let key = crate::DES_KEY.as_bytes().first_chunk().ok_or("the DES key is too short")?;
        Ok(Self {
            merchant_rsa_certificate: pkcs1v15::VerifyingKey::new(
                rsa::PublicKey::from_public_key_der(&merchant_rsa_certificate).map_err(text)?,
            ),
            merchant_sm_certificate: dsa::VerifyingKey::new(
                DISTINGUISHING_ID,
                sm2::PublicKey::from_public_key_der(&merchant_sm_certificate).map_err(text)?,
            )
            .map_err(text)?,
            platform_rsa: rsa_key(credential!("platform-rsa.key.pem"))?,
            platform_sm: sm_key(credential!("platform-sm2.key.pem"))?,
            merchant_rsa: rsa_key(credential!("merchant-rsa.key.pem"))?,
            merchant_sm: sm_key(credential!("merchant-sm2.key.pem"))?,
            des_key: *key,
        })
    }

    /// Whether the merchant signed this text.
    pub fn merchant_signed(&self, algorithm: Algorithm, signed_text: &str, signature: &[u8]) -> bool {
        match algorithm {
            Algorithm::Rsa => pkcs1v15::Signature::try_from(signature).is_ok_and(|signature| {
                self.merchant_rsa_certificate.verify(signed_text.as_bytes(), &signature).is_ok()
            }),
            Algorithm::Sm => dsa::Signature::from_der(signature)
                .is_ok_and(|signature| self.merchant_sm_certificate.verify(signed_text.as_bytes(), &signature).is_ok()),
        }
    }

    /// The signature over a text: PKCS#1 for RSA, DER for SM2.
    pub fn sign(&self, signatory: Signatory, algorithm: Algorithm, signed_text: &str) -> Vec<u8> {
        let message = signed_text.as_bytes();
        match (algorithm, signatory) {
            (Algorithm::Rsa, Signatory::Platform) => self.platform_rsa.sign(message).to_vec(),
            (Algorithm::Rsa, Signatory::Merchant) => self.merchant_rsa.sign(message).to_vec(),
            (Algorithm::Sm, Signatory::Platform) => self.platform_sm.sign(message).to_der().to_bytes().to_vec(),
            (Algorithm::Sm, Signatory::Merchant) => self.merchant_sm.sign(message).to_der().to_bytes().to_vec(),
        }
    }

    /// The platform's signature in the form that has no ASN.1; for RSA there is only one form.
    pub(crate) fn sign_raw(&self, algorithm: Algorithm, signed_text: &str) -> Vec<u8> {
        match algorithm {
            Algorithm::Rsa => self.sign(Signatory::Platform, algorithm, signed_text),
            Algorithm::Sm => self.platform_sm.sign(signed_text.as_bytes()).to_bytes().to_vec(),
        }
    }

    /// DES/ECB/PKCS5Padding; `None` if the length or the padding is wrong.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        ecb::Decryptor::<Des>::new_from_slice(&self.des_key).ok()?.decrypt_padded_vec::<Pkcs7>(ciphertext).ok()
    }
}

/// Base64 as Java's decoders take it: carriage returns and line feeds do not count.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let one_line: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    Base64::decode_vec(&one_line).ok()
}

/// Base64 in lines of 76 characters.
pub(crate) fn encode_base64_wrapped(bytes: &[u8], line_break: &str) -> String {
    let one_line = Base64::encode_string(bytes);
    let lines: Vec<_> = one_line.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    lines.join(line_break)
}

/// The text that is signed: no blank fields, names in Java's order, `name=value` joined by `&`.
///
/// Of two fields with one name the last counts, as in a Java map.
pub fn signed_text<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let by_java_order: BTreeMap<Vec<u16>, (&str, &str)> =
        fields.into_iter().map(|(name, value)| (name.encode_utf16().collect(), (name, value))).collect();
    let pairs: Vec<_> = by_java_order
        .into_values()
        .filter(|(_, value)| value.chars().any(|c| c > '\u{20}'))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn public_key(certificate_pem: &str) -> Result<Vec<u8>, String> {
    let certificate = Certificate::from_pem(certificate_pem).map_err(text)?;
    certificate.tbs_certificate().subject_public_key_info().to_der().map_err(text)
}

fn rsa_key(pem: &str) -> Result<pkcs1v15::SigningKey<Sha1>, String> {
    Ok(pkcs1v15::SigningKey::new(rsa::PrivateKey::from_pkcs8_pem(pem).map_err(text)?))
}

fn sm_key(pem: &str) -> Result<dsa::SigningKey, String> {
    let key = sm2::SecretKey::from_pkcs8_pem(pem).map_err(text)?;
    dsa::SigningKey::new(DISTINGUISHING_ID, &key).map_err(text)
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
