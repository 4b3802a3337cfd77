//! RSA: what a signature says, taken out of it with the public key.

use rsa::BoxedUint;
use rsa::PublicKey;
use rsa::hazmat::rsa_encrypt;
use rsa::traits::PublicKeyParts;

use crate::hash::Algorithm;

/// What stands in a signature under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// By the rules of PKCS#1 v1.5: a digest and its name.
    Digest(Algorithm, Vec<u8>),
    /// Padded by PKCS#1 v1.5, but anything else than that.
    Bare(Vec<u8>),
    /// What looks like PSS, once for each digest with which it does.
    Pss(Vec<Pss>),
}

/// What stands in a signature of PSS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pss {
    pub(crate) algorithm: Algorithm,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// What the signature says under this key; `None` if another key made it, or none.
pub(crate) fn recovered(key: &PublicKey, signature: &[u8]) -> Option<Content> {
    if signature.len() != key.size() {
        return None;
    }
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
    if number >= *key.n().as_ref() {
        return None;
    }
    let encoded = rsa_encrypt(key, &number).ok()?.to_be_bytes();
    let encoded = encoded.get(encoded.len().checked_sub(key.size())?..)?;
    unpadded(encoded).or_else(|| {
        let bits = key.n().bit_width_vartime();
        let readings = Algorithm::ALL.into_iter().filter_map(|algorithm| of_pss(encoded, bits, algorithm));
        let readings: Vec<_> = readings.filter(|_| encoded.last() == Some(&0xbc)).collect();
        (!readings.is_empty()).then_some(Content::Pss(readings))
    })
}

fn unpadded(encoded: &[u8]) -> Option<Content> {
    let filled = encoded.strip_prefix(&[0, 1])?;
    let end = filled.iter().position(|byte| *byte != 0xff)?;
    let content = filled.get(end..)?.strip_prefix(&[0])?;
    if end < 8 {
        return None;
    }
    let named = Algorithm::ALL.into_iter().find_map(|algorithm| {
        let digest = content.get(content.len().checked_sub(algorithm.length())?..)?;
        (content == digest_info(algorithm, digest, true)).then(|| Content::Digest(algorithm, digest.to_vec()))
    });
    Some(named.unwrap_or_else(|| Content::Bare(content.to_vec())))
}

/// The DER of `DigestInfo`, with or without the `NULL` that some leave out.
pub(crate) fn digest_info(algorithm: Algorithm, digest: &[u8], null: bool) -> Vec<u8> {
    let oid = algorithm.oid();
    let parameters: &[u8] = if null { &[5, 0] } else { &[] };
    // Every length is far below 128.
    let identifier = [&[6, oid.len() as u8], oid, parameters].concat();
    let body = [&[0x30, identifier.len() as u8], identifier.as_slice(), &[4, digest.len() as u8], digest].concat();
    [&[0x30, body.len() as u8], body.as_slice()].concat()
}

/// What is inside of an encoded message of PSS (RFC 8017, 9.1.2; MGF1 with the same hash), if it is one with this digest.
fn of_pss(encoded: &[u8], modulus_bits: u32, algorithm: Algorithm) -> Option<Pss> {
    let length = algorithm.length();
    let bits = modulus_bits as usize - 1;
    // A modulus of 8k+1 bits gives one byte less.
    let encoded = encoded.get(encoded.len().checked_sub(bits.div_ceil(8))?..)?;
    let (masked, rest) = encoded.split_at(encoded.len().checked_sub(length + 1)?);
    let hash = &rest[..length];
    let mut mask = Vec::with_capacity(masked.len() + length);
    let mut counter = 0u32;
    while mask.len() < masked.len() {
        mask.extend(algorithm.digest(&[hash, &counter.to_be_bytes()].concat()));
        counter += 1;
    }
    let mut block: Vec<u8> = masked.iter().zip(&mask).map(|(a, b)| a ^ b).collect();
    *block.first_mut()? &= 0xff >> (8 * encoded.len() - bits);
    let start = block.iter().position(|byte| *byte != 0)?;
    // The usual salts: as long as the digest, or as long as can be.
    let salt = block.get(start + 1..).filter(|salt| block[start] == 1 && (start == 0 || salt.len() == length))?;
    Some(Pss { algorithm, salt: salt.to_vec(), hash: hash.to_vec() })
}

impl Pss {
    pub(crate) fn fits(&self, digest: &[u8]) -> bool {
        self.algorithm.digest(&[&[0; 8], digest, self.salt.as_slice()].concat()) == self.hash
    }

    /// Whether chance cannot have made it look like this: many zeros stand before the salt.
    pub(crate) fn is_certain(&self) -> bool {
        self.salt.len() == self.algorithm.length()
    }
}

/// Whether the crate's verifier agrees, for a digest with its name.
pub(crate) fn confirms(key: &PublicKey, signature: &[u8], algorithm: Algorithm, digest: &[u8]) -> bool {
    let prefix = digest_info(algorithm, digest, true);
    let prefix_length = prefix.len() - digest.len();
    let scheme = rsa::Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: prefix[..prefix_length].into() };
    key.verify(scheme, digest, signature).is_ok()
}
