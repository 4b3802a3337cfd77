//! Verifying, with the platform's public key.

use rsa::PublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::Sha256;

/// The platform's newer gateway signs with the very same key, but SHA-256.
pub(crate) struct Verifier {
    sha1: VerifyingKey<Sha1>,
    sha256: VerifyingKey<Sha256>,
    length: usize,
}

impl Verifier {
    pub(crate) fn new(key: PublicKey) -> Self {
        let length = key.size();
        Verifier { sha1: VerifyingKey::new(key.clone()), sha256: VerifyingKey::new(key), length }
    }

    /// Of a signature, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::try_from(signature).is_ok_and(|signature| {
            self.sha1.verify(message, &signature).is_ok() || self.sha256.verify(message, &signature).is_ok()
        })
    }
}
