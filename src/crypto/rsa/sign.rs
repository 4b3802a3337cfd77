//! Signing, with the institution's private key. The crate's own signer blinds each signature with a new factor, which it
//! inverts, and blinds exponents and primes besides; so it takes twice as long as this and as Java's does.

use getrandom::SysRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};
use sha1::{Digest, Sha1};

use super::blinding::Blinding;

/// DER of a `DigestInfo` for SHA-1, up to the digest (RFC 8017, 9.2, note 1).
const DIGEST_INFO: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// The key stands in a box, so that it stays in one place in memory, and wipes itself when dropped. So does the rest, for it is
/// large: where SM2's signer is moved in the place of this one, as much of the stack would go with it, and what keys left there.
pub(crate) struct Signer {
    key: Box<PrivateKey>,
    blinding: Box<Blinding>,
}

impl Signer {
    pub(crate) fn new(key: Box<PrivateKey>) -> Self {
        Signer { key, blinding: Box::default() }
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.1): deterministic. The private operation takes constant time and is blinded with the
    /// system's randomness; its result is checked before it leaves, for one with a fault in it would give the key away.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (key, length) = (&*self.key, self.key.size());
        let padded = BoxedUint::from_be_slice(&padded(message, length)?, key.n_bits_precision()).ok()?;
        let operation = |blinded: &BoxedUint| rsa_decrypt_and_check(key, None::<&mut SysRng>, blinded).ok();
        let bytes = self.blinding.around(key, padded, operation)?.to_be_bytes();
        // The number is kept in whole words, which may be longer than the modulus.
        Some(bytes[bytes.len() - length..].to_vec())
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2) in `length` bytes; `None` if that is too short, which no key that was loaded is.
fn padded(message: &[u8], length: usize) -> Option<Vec<u8>> {
    let digest = Sha1::digest(message);
    let filling = length.checked_sub(3 + DIGEST_INFO.len() + digest.len()).filter(|filling| *filling >= 8)?;
    Some([&[0, 1][..], &vec![0xff; filling], &[0], &DIGEST_INFO, &digest].concat())
}

#[cfg(test)]
mod tests {
    use rsa::pkcs1v15::SigningKey;
    use rsa::signature::{SignatureEncoding, Signer as _};

    use super::super::test_keys::keys;
    use super::*;

    #[test]
    fn the_crate_s_signer_makes_the_same_signatures() {
        for key in keys() {
            let theirs = SigningKey::<Sha1>::new(key.clone());
            let ours = Signer::new(Box::new(key));
            // More than one random number is used for.
            for message in 0..70_u8 {
                let expected = theirs.try_sign(&[message]).unwrap().to_vec();
                assert_eq!(ours.sign(&[message]), Some(expected), "{} bytes, {message}", ours.key.size());
            }
        }
    }
}
