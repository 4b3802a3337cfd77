//! CFCA's `.sm2` file: an SM2 key under a password, with its certificate.

use der::asn1::{AnyRef, ObjectIdentifier};
use sm3::{Digest, Sm3};
use zeroize::{Zeroize, Zeroizing};

use super::asn1;
use super::certificate::Certificate;
use super::key::{PrivateKey, PublicKey};
use super::merchant::MerchantKey;
use super::primitives::cbc_decrypt;
use super::private;
use super::source::Source;
use crate::error::Error;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.1");
const SM4: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.104");
const SM4_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.104.2");
/// The scalar, padded to the next whole block: 32 bytes, a leading zero more, or as many less as it begins with zeros.
const ENCRYPTED_LENGTHS: [usize; 3] = [16, 32, 48];
/// So much padding proves the password: a wrong one makes it once in 2^64 times.
const PROVEN: usize = 8;

/// What stands in a `.sm2` file in the clear, and the encrypted key.
struct Opened<'a> {
    encrypted: &'a [u8],
    certificate: Certificate,
    public: sm2::PublicKey,
}

/// The certificate of a `.sm2` file, for which nobody needs the password.
pub(super) fn certificate(source: &Source, der: &[u8]) -> Result<Certificate, Error> {
    open(source, der).map(|opened| opened.certificate)
}

fn open<'a>(source: &Source, der: &'a [u8]) -> Result<Opened<'a>, Error> {
    let damaged = || source.fault("is a damaged CFCA .sm2 file. Copy it again.");
    let parts = asn1::sequence(der).ok_or_else(damaged)?;
    let [_, key_part, certificate_part] = parts.as_slice() else { return Err(damaged()) };
    let key_part = asn1::elements(*key_part).ok_or_else(damaged)?;
    let certificate_part = asn1::elements(*certificate_part).ok_or_else(damaged)?;
    let ([data, cipher, encrypted], [certificate_data, certificate]) =
        (key_part.as_slice(), certificate_part.as_slice())
    else {
        return Err(damaged());
    };
    for (found, expected) in [(*data, &[DATA][..]), (*cipher, &[SM4, SM4_CBC]), (*certificate_data, &[DATA])] {
        expect(source, found, expected)?;
    }
    let fits = |bytes: &&[u8]| ENCRYPTED_LENGTHS.contains(&bytes.len());
    let encrypted = asn1::octets(*encrypted).filter(fits).ok_or_else(damaged)?;
    let certificate = Certificate::from_der(asn1::octets(*certificate).ok_or_else(damaged)?).map_err(|what| {
        source.fault(format_args!(
            "is a CFCA .sm2 file with a certificate that {what}. Copy it again, or ask for a new one."
        ))
    })?;
    let PublicKey::Sm2(public) = &certificate.public_key else {
        return Err(source.fault("is a CFCA .sm2 file with an RSA certificate, which cannot be. Ask for a new one."));
    };
    Ok(Opened { encrypted, public: *public, certificate })
}

/// The key of a `.sm2` file; its certificate proves the password.
pub(super) fn load(source: &Source, der: &[u8], password: Option<&str>) -> Result<MerchantKey, Error> {
    let Opened { encrypted, certificate, public } = open(source, der)?;
    let password = password.ok_or_else(|| {
        source.fault(format_args!("is a CFCA .sm2 file and no password is given. Set {}.password.", source.field()))
    })?;
    // The format has no checksum: only the certificate tells the right password from a wrong one.
    let scalar = decrypt(encrypted, password).ok_or_else(|| private::wrong_password(source))?;
    let key = private::sm2_key(&scalar).filter(|key| key.public_key() == public).ok_or_else(|| match scalar.len() {
        length if encrypted.len() - length < PROVEN => private::wrong_password(source),
        length if !private::is_sm2_length(&scalar) => source.fault(format_args!(
            "is a CFCA .sm2 file that is not read: its private key has {length} bytes, though the password is right; it may \
             have up to 32, and a zero before them. Export it again from CFCA's tool as .sm2, or as .pfx."
        )),
        _ => source.fault(
            "is a CFCA .sm2 file that is not read: its private key is not its certificate's, though the password is right, \
             so the file is damaged. Copy it again, or export it again from CFCA's tool.",
        ),
    })?;
    Ok(MerchantKey { key: PrivateKey::Sm2(key), container: "CFCA SM2", certificate: Some(certificate) })
}

fn expect(source: &Source, found: AnyRef<'_>, expected: &[ObjectIdentifier]) -> Result<(), Error> {
    match asn1::oid(found) {
        Some(oid) if expected.contains(&oid) => Ok(()),
        Some(oid) => Err(source.fault(format_args!(
            "looks like a CFCA .sm2 file, but has the identifier {oid} where {} belongs. Export it again from CFCA's tool as \
             .sm2, or as .pfx.",
            expected[0]
        ))),
        None => Err(source.fault("is a damaged CFCA .sm2 file. Copy it again.")),
    }
}

/// `h = SM3(password || 00 00 00 01)`; the first half is the IV, the second the key of SM4-CBC.
fn decrypt(encrypted: &[u8], password: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut hash = Sm3::new();
    hash.update(password.as_bytes());
    hash.update([0, 0, 0, 1]);
    let mut derived = hash.finalize();
    let (iv, key) = derived.split_at(16);
    let scalar = cbc_decrypt::<sm4::Sm4>(key, iv, encrypted);
    derived.as_mut_slice().zeroize();
    scalar
}
