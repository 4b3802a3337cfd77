//! Key files in, typed keys out.
//!
//! A container is recognised by its content, bounded before any work, and refused with a sentence that names the
//! setting, the file and what to try.

mod archive;
mod asn1;
mod certificate;
mod cfca_sm2;
mod date;
mod format;
pub(crate) mod hex;
mod kdf;
mod kind;
mod pbe;
mod pbes2_sm;
mod pem;
mod pfx;
mod private;
mod source;
pub(crate) mod validity;

use std::fmt;

pub use certificate::{Certificate, PublicKey};
pub use source::Source;

use crate::error::Error;
use format::{Content, Shape};
use private::Form;

/// A private key of one of the two kinds that the protocol knows. Zeroized on drop.
pub enum PrivateKey {
    /// RSA, 1024 to 8192 bit.
    Rsa(Box<rsa::PrivateKey>),
    /// SM2, on the curve of the standard.
    Sm2(sm2::SecretKey),
}

impl PrivateKey {
    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        private::public_half(self)
    }

    /// The kind and, for RSA, the size: `RSA-2048` or `SM2`.
    pub fn kind(&self) -> String {
        self.public_key().kind()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

/// The merchant's key, as it was found.
#[derive(Debug)]
#[non_exhaustive]
pub struct MerchantKey {
    /// The key that signs.
    pub key: PrivateKey,
    /// What it was in, for example `PKCS#12` or `PEM PKCS#8 (encrypted)`.
    pub container: &'static str,
    /// The certificate of this very key, when the container has it.
    pub certificate: Option<Certificate>,
}

/// Reads the merchant's private key out of any container.
///
/// `alias` is the friendly name of the key in a `.pfx` with several.
pub fn load_private_key(source: &Source, password: Option<&str>, alias: Option<&str>) -> Result<MerchantKey, Error> {
    let content = format::open(source)?;
    if let Content::Der(der, Shape::Pfx) = &content {
        return pfx::load(source, der, password, alias);
    }
    let loaded = match &content {
        Content::Pem(text) => pem::private_key(source, text, password),
        Content::Der(_, Shape::BerPfx) => Err(pfx::ber(source)),
        Content::Der(der, Shape::CfcaSm2) => cfca_sm2::load(source, der, password),
        Content::Der(der, shape) => bare(source, der, *shape, password),
        Content::Scalar(number) => scalar(source, number),
    }?;
    match alias {
        None => Ok(loaded),
        Some(_) => Err(source.fault(format_args!(
            "is not a PKCS#12 file, so its key has no name to pick. Drop {}.alias.",
            source.field()
        ))),
    }
}

/// Reads one certificate: DER, PEM or Base64 of either.
pub fn load_certificate(source: &Source) -> Result<Certificate, Error> {
    certificate::load(source, format::open(source)?)
}

/// Reads the certificates that TLS shall trust beside the built-in ones; DER comes out.
pub fn load_ca_certificates(source: &Source) -> Result<Vec<Vec<u8>>, Error> {
    certificate::load_all(source, format::open(source)?)
}

/// An SM2 key out of nothing but its number; what it is the key of, only the platform's answer tells.
fn scalar(source: &Source, number: &[u8]) -> Result<MerchantKey, Error> {
    let key = private::sm2_key(number).ok_or_else(|| {
        source.fault(
            "is no SM2 key: its number must be from 1 to n-2, where n is the order of the curve. Copy all 64 digits again.",
        )
    })?;
    Ok(MerchantKey { key: PrivateKey::Sm2(key), container: "SM2 number in hex", certificate: None })
}

fn bare(source: &Source, der: &[u8], shape: Shape, password: Option<&str>) -> Result<MerchantKey, Error> {
    let container = match shape {
        Shape::Pkcs8 => "DER PKCS#8",
        Shape::EncryptedPkcs8 => "DER PKCS#8 (encrypted)",
        Shape::Pkcs1 => "DER PKCS#1",
        Shape::Sec1 => "DER SEC1",
        other => return Err(private::not_a_key(source, other)),
    };
    let key = private::parse(source, der, shape, password, Form::Der)?;
    Ok(MerchantKey { key, container, certificate: None })
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_zeroized_on_drop() {
        fn zeroized<T: zeroize::ZeroizeOnDrop>() {}
        zeroized::<rsa::PrivateKey>();
        zeroized::<sm2::SecretKey>();
    }
}
