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
mod kdf;
mod key;
mod kind;
mod merchant;
mod pbe;
mod pbes2_sm;
mod pem;
mod pfx;
mod pinned;
mod primitives;
mod private;
mod scheme;
mod source;
pub(crate) mod validity;

pub use certificate::{Certificate, Facts};
pub use key::{PrivateKey, PublicKey};
pub use merchant::MerchantKey;
pub use source::Source;

use crate::error::Error;
use format::{Content, Shape};
use private::Form;

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
    pinned::load(source, format::open(source)?)
}

/// Reads the certificate of a CFCA `.sm2` file, without its password; `None` if the source is no such file.
pub fn load_sm2_certificate(source: &Source) -> Option<Result<Certificate, Error>> {
    match format::open(source).ok()? {
        Content::Der(der, Shape::CfcaSm2) => Some(cfca_sm2::certificate(source, &der)),
        _ => None,
    }
}

/// Reads certificates for TLS to trust beside the built-in ones; DER comes out.
pub fn load_ca_certificates(source: &Source) -> Result<Vec<Vec<u8>>, Error> {
    pinned::load_all(source, format::open(source)?)
}

/// The same, each of them fit to be a trusted root.
pub(crate) fn load_roots(source: &Source) -> Result<Vec<Vec<u8>>, Error> {
    pinned::load_roots(source, format::open(source)?)
}

/// What a certificate in DER says of itself, whatever kind of key it is about.
pub(crate) fn facts(der: &[u8]) -> Option<Facts> {
    Facts::of(der)
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
