//! CFCA's `.sm2` file: an SM2 key under a password, with its certificate.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use der::asn1::{AnyRef, ObjectIdentifier};
use sm3::{Digest, Sm3};
use zeroize::{Zeroize, Zeroizing};

use super::asn1;
use super::certificate::Certificate;
use super::private;
use super::source::Source;
use super::{MerchantKey, PrivateKey, PublicKey};
use crate::error::Error;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.1");
const SM4: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.104");
const SM4_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.104.2");
/// The scalar, padded to the next whole block: 32 bytes, a leading zero more, or as many less as it begins with zeros.
const ENCRYPTED_LENGTHS: [usize; 3] = [16, 32, 48];

/// The key of a `.sm2` file; its certificate proves the password.
pub(super) fn load(source: &Source, der: &[u8], password: Option<&str>) -> Result<MerchantKey, Error> {
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
    let password = password.ok_or_else(|| {
        source.fault(format_args!("is a CFCA .sm2 file and no password is given. Set {}.password.", source.field()))
    })?;
    // The format has no checksum: only the certificate tells the right password from a wrong one.
    let key = decrypt(encrypted, password)
        .filter(|key| key.public_key() == *public)
        .ok_or_else(|| private::wrong_password(source))?;
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
fn decrypt(encrypted: &[u8], password: &str) -> Option<sm2::SecretKey> {
    let mut hash = Sm3::new();
    hash.update(password.as_bytes());
    hash.update([0, 0, 0, 1]);
    let mut derived = hash.finalize();
    let (iv, key) = derived.split_at(16);
    let cipher = cbc::Decryptor::<sm4::Sm4>::new_from_slices(key, iv);
    let mut buffer = Zeroizing::new(encrypted.to_vec());
    let scalar = cipher.ok().and_then(|cipher| cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok());
    let key = scalar.and_then(private::sm2_key);
    derived.as_mut_slice().zeroize();
    key
}
