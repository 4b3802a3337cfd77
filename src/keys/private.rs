//! Private keys out of bare DER: PKCS#8, plain or under a password, PKCS#1 and SEC1.

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use rsa::pkcs1::RsaPrivateKeyRef;
use zeroize::Zeroizing;

use super::asn1;
use super::format::Shape;
use super::kdf::{self, Refusal};
use super::key::PrivateKey;
use super::kind::{self, Kind};
use super::pbe;
use super::source::Source;
use crate::error::Error;

/// The key in a bare structure; `form` says how a command line must read the file.
pub(super) fn parse(
    source: &Source,
    der: &[u8],
    shape: Shape,
    password: Option<&str>,
    form: Form,
) -> Result<PrivateKey, Error> {
    let damaged = |what: String| source.fault(what);
    match shape {
        Shape::Pkcs8 => pkcs8_key(der).map_err(damaged),
        Shape::EncryptedPkcs8 => {
            let plain = decrypt(source, der, password, form)?;
            pkcs8_key(&plain).map_err(damaged)
        }
        Shape::Pkcs1 => rsa_key(der).map_err(damaged),
        Shape::Sec1 => sec1_key(der, None).map_err(damaged),
        other => Err(not_a_key(source, other)),
    }
}

/// How a file is written down, for the command that converts it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// PEM, which `openssl` expects.
    Pem,
    /// Bare DER.
    Der,
}

/// The command that turns any key file into one that is read.
pub(super) fn conversion(source: &Source, form: Form, legacy: bool) -> String {
    let (inform, file) = match form {
        Form::Pem => ("", source.shell_name("old.pem")),
        Form::Der => (" -inform DER", source.shell_name("old.der")),
    };
    let (legacy, note) = if legacy {
        (" -provider legacy -provider default", " (OpenSSL 1.x knows no -provider: leave both out)")
    } else {
        ("", "")
    };
    format!("`openssl pkcs8 -topk8 -v2 aes-256-cbc{inform} -in {file} -out new.pem{legacy}`{note}")
}

/// Says what stands where a private key belongs.
pub(super) fn not_a_key(source: &Source, shape: Shape) -> Error {
    let wanted = "A private key is needed: .pfx, CFCA .sm2 or PEM";
    match shape {
        Shape::Certificate => source.fault(format_args!("is a certificate, not a private key. {wanted}.")),
        Shape::Other(what) => source.fault(format_args!("holds {what}. {wanted}.")),
        _ => source.fault(format_args!("holds no private key of a known form. {wanted}.")),
    }
}

fn decrypt(source: &Source, der: &[u8], password: Option<&str>, form: Form) -> Result<Zeroizing<Vec<u8>>, Error> {
    let damaged = || source.fault("holds a damaged encrypted private key. Copy the file again.");
    let parts = asn1::sequence(der).ok_or_else(damaged)?;
    let algorithm: AnyRef<'_> = *parts.first().ok_or_else(damaged)?;
    // Judged before the password: a costly file must cost nothing.
    kdf::encryption(algorithm, kdf::Place::Pkcs8).map_err(|refusal| match refusal {
        Refusal::Malformed => damaged(),
        Refusal::Costly(what) => source.fault(format_args!(
            "is refused: {what}, and at most {} rounds or 256 MiB are taken. Encrypt it again: {}.",
            kdf::digits(kdf::MAX_ITERATIONS),
            conversion(source, form, false)
        )),
        Refusal::Unsupported(name) | Refusal::UnsupportedMac(name) => source.fault(format_args!(
            "is encrypted with {name}, which is not read here. Convert it: {}. If OpenSSL does not read it either, export it \
             again where it was made, with AES-256.",
            conversion(source, form, name.starts_with("PBE-"))
        )),
    })?;
    let password = password.ok_or_else(|| {
        source.fault(format_args!("is encrypted and no password is given. Set {}.password.", source.field()))
    })?;
    let encrypted = parts.get(1).copied().and_then(asn1::octets).ok_or_else(damaged)?;
    let plain = pbe::pbes2(algorithm, password.as_bytes(), encrypted).ok_or_else(|| wrong_password(source))?;
    // A wrong password passes the padding once in 256 times; it never leaves a key behind.
    if PrivateKeyInfoRef::from_der(&plain).is_err() {
        return Err(wrong_password(source));
    }
    Ok(plain)
}

/// The sentence for a password that does not open a file.
pub(super) fn wrong_password(source: &Source) -> Error {
    source.fault(format_args!(
        "does not open: the password is wrong, or the file is damaged. Check {}.password, upper and lower case included.",
        source.field()
    ))
}

/// The key in a PKCS#8 structure; the error completes a sentence that begins with the file.
pub(super) fn pkcs8_key(der: &[u8]) -> Result<PrivateKey, String> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| damaged())?;
    let content = info.private_key.as_bytes();
    if info.algorithm.oid == asn1::RSA {
        return rsa_key(content);
    }
    let parameters = info.algorithm.parameters.and_then(|any| any.to_der().ok());
    match kind::key_kind(info.algorithm.oid, parameters.as_deref()) {
        Kind::Sm2 => sec1_key(content, Some(asn1::SM2_CURVE)),
        Kind::Other(name) => Err(another_kind(&name)),
    }
}

/// The RSA key in a PKCS#1 structure, checked as far as its numbers allow.
fn rsa_key(der: &[u8]) -> Result<PrivateKey, String> {
    // Old GnuTLS left the zero byte before a number out; the version and the public exponent are never so large.
    let der = asn1::with_sign_bytes(der, &[1, 3, 4, 5, 6, 7, 8]).ok_or_else(damaged)?;
    let parts = RsaPrivateKeyRef::from_der(&der).map_err(|_| damaged())?;
    if parts.other_prime_infos.is_some() {
        return Err("holds an RSA key of more than two primes, which is not used here. Ask for a usual key.".to_owned());
    }
    kind::check_rsa(parts.modulus.as_bytes(), parts.public_exponent.as_bytes())
        .map_err(|what| format!("holds {what}. Ask the platform's CA for a usual key."))?;
    let inconsistent = || {
        "holds a damaged RSA key: its numbers do not belong together. Copy the file again, or ask for a new key."
            .to_owned()
    };
    // Equal primes pass the crate's checks and make wrong signatures.
    if parts.prime1.as_bytes() == parts.prime2.as_bytes() {
        return Err(inconsistent());
    }
    rsa::PrivateKey::try_from(parts).map(|key| PrivateKey::Rsa(Box::new(key))).map_err(|_| inconsistent())
}

/// The SM2 key in a SEC1 structure; `outer` is the curve that a wrapper has named.
fn sec1_key(der: &[u8], outer: Option<ObjectIdentifier>) -> Result<PrivateKey, String> {
    let parts = asn1::sequence(der).ok_or_else(damaged)?;
    let scalar = parts.get(1).copied().and_then(asn1::octets).ok_or_else(damaged)?;
    let inner = parts.iter().find_map(|part| asn1::explicit(*part, 0));
    if inner.is_some() || outer.is_none() {
        // Parameters that are no name (a SEQUENCE) fall to the kind "not given by name".
        match kind::curve(inner.and_then(asn1::oid)) {
            Kind::Sm2 => {}
            Kind::Other(name) => return Err(another_kind(&name)),
        }
    }
    let key = sm2_key(scalar).ok_or_else(damaged)?;
    let stated = parts.iter().find_map(|part| asn1::explicit(*part, 1));
    if let Some(bits) = stated {
        let bits: BitStringRef<'_> = bits.decode_as().map_err(|_| damaged())?;
        let point = bits.as_bytes().and_then(|bytes| sm2::PublicKey::from_sec1_bytes(bytes).ok());
        if point != Some(key.public_key()) {
            return Err(
                "holds a damaged SM2 key: its private and public halves do not belong together. Copy the file \
                        again, or ask for a new key."
                    .to_owned(),
            );
        }
    }
    Ok(PrivateKey::Sm2(key))
}

/// Whether a scalar has a length that writers give it: 32 bytes, less without its leading zeros, or one with a zero more.
pub(super) fn is_sm2_length(scalar: &[u8]) -> bool {
    match scalar {
        [0, rest @ ..] => rest.len() <= 32,
        _ => (1..=32).contains(&scalar.len()),
    }
}

/// An SM2 key out of its big-endian scalar.
pub(super) fn sm2_key(scalar: &[u8]) -> Option<sm2::SecretKey> {
    if !is_sm2_length(scalar) {
        return None;
    }
    let digits = &scalar[scalar.iter().take_while(|byte| **byte == 0).count()..];
    let mut padded = Zeroizing::new([0u8; 32]);
    padded.get_mut(32usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    let key = sm2::SecretKey::from_slice(padded.as_slice()).ok()?;
    // SM2 divides by 1 + d: the one scalar for which that is zero is no key.
    let next = *key.to_nonzero_scalar() + sm2::Scalar::ONE;
    (!bool::from(next.is_zero())).then_some(key)
}

fn damaged() -> String {
    "holds a damaged private key. Copy the file again.".to_owned()
}

fn another_kind(name: &str) -> String {
    format!("holds a private key of another kind ({name}). An RSA or SM2 key is needed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_scalar_that_cannot_sign_is_no_key() {
        let last = -sm2::Scalar::ONE;
        assert!(sm2_key(&last.to_bytes()).is_none());
        assert!(sm2_key(&(last - sm2::Scalar::ONE).to_bytes()).is_some());
    }

    /// One key in 256 begins with a zero, which some writers leave out and others double.
    #[test]
    fn a_scalar_may_be_shortened_or_have_a_zero_more() {
        let mut whole = [0; 32];
        whole[29..].copy_from_slice(&[1, 0, 7]);
        let key = sm2::SecretKey::from_slice(&whole).unwrap();
        for scalar in [&[1, 0, 7][..], &[0, 1, 0, 7], &whole, &[&[0], whole.as_slice()].concat()] {
            assert!(sm2_key(scalar).is_some_and(|found| found == key), "{scalar:?}");
        }
        for scalar in [&[][..], &[0], &[0; 32], &[0xff; 32], &[1; 33], &[&[0; 2], whole.as_slice()].concat()] {
            assert!(sm2_key(scalar).is_none(), "{scalar:?}");
        }
    }
}
