//! Certificates out of a file or a text: the one that is pinned, or all that TLS shall trust.

use super::certificate::Certificate;
use super::format::{Content, Shape};
use super::pem;
use super::source::Source;
use crate::error::Error;

/// The one certificate of a file or text.
pub(super) fn load(source: &Source, content: Content) -> Result<Certificate, Error> {
    let fault = |what: String| {
        source.fault(format_args!(
            "holds a certificate that {what}. Check that it is the right file, copied in binary mode."
        ))
    };
    match content {
        Content::Pem(text) => {
            let found = pem::certificates(source, &text)?;
            match found.as_slice() {
                [] => Err(pem::no_certificate(source, &text)),
                [der] => Certificate::from_der(der).map_err(fault),
                several => Err(source.fault(format_args!(
                    "holds {} certificates. Keep only the one of the key that signs, which is usually the first.",
                    several.len()
                ))),
            }
        }
        Content::Der(der, Shape::Certificate) => Certificate::from_der(&der).map_err(fault),
        Content::Der(_, shape) => Err(not_a_certificate(source, shape)),
        Content::Scalar(_) => Err(not_a_certificate(source, Shape::Other("64 hex digits, perhaps a private key"))),
    }
}

/// Every certificate of a file or text, as DER; keys of any kind.
pub(super) fn load_all(source: &Source, content: Content) -> Result<Vec<Vec<u8>>, Error> {
    let found = match content {
        Content::Pem(text) => {
            let found = pem::certificates(source, &text)?;
            if found.is_empty() {
                return Err(pem::no_certificate(source, &text));
            }
            found
        }
        Content::Der(der, Shape::Certificate) => vec![der.to_vec()],
        Content::Der(_, shape) => return Err(not_a_certificate(source, shape)),
        Content::Scalar(_) => {
            return Err(not_a_certificate(source, Shape::Other("64 hex digits, perhaps a private key")));
        }
    };
    for (index, der) in found.iter().enumerate() {
        if !Certificate::is_one(der) {
            return Err(source.fault(format_args!(
                "holds a damaged certificate, number {} of {}. Copy it again.",
                index + 1,
                found.len()
            )));
        }
    }
    Ok(found)
}

/// The same, each of them fit to be a trusted root.
pub(super) fn load_roots(source: &Source, content: Content) -> Result<Vec<Vec<u8>>, Error> {
    let found = load_all(source, content)?;
    for der in &found {
        rustls::RootCertStore::empty().add(der.as_slice().into()).map_err(|reason| {
            source.fault(format_args!("holds a certificate that cannot be a trusted root: {reason}."))
        })?;
    }
    Ok(found)
}

fn not_a_certificate(source: &Source, shape: Shape) -> Error {
    let file = source.shell_name("old.p7b");
    let wanted = "A certificate in DER or PEM is needed, usually a .cer file";
    match shape {
        Shape::Pfx | Shape::BerPfx => {
            source.fault(format_args!("is a PKCS#12 container (.pfx), with a key of one's own. {wanted}."))
        }
        Shape::CfcaSm2 => source.fault(format_args!("is a CFCA .sm2 file, with a key of one's own. {wanted}.")),
        Shape::Pkcs8 | Shape::EncryptedPkcs8 | Shape::Pkcs1 | Shape::Sec1 => {
            source.fault(format_args!("holds a private key, not a certificate. {wanted}."))
        }
        Shape::Other(what) if what.contains("PKCS#7") => source.fault(format_args!(
            "holds {what}, not a certificate. Take the certificates out: `openssl pkcs7 -inform DER -in {file} -print_certs \
             -out new.pem`, and keep the one that is meant."
        )),
        Shape::Other(what) => source.fault(format_args!("holds {what}. {wanted}.")),
        Shape::Certificate => source.fault("is a certificate."),
    }
}
