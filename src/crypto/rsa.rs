//! RSA, PKCS#1 v1.5: `signType` RSA. Requests are signed with SHA-1, answers may be with SHA-256 as well.

use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding, Signer as _, Verifier as _};
use rsa::traits::PublicKeyParts;
use rsa::{PrivateKey, PublicKey};
use sha1::Sha1;
use sha2::Sha256;

/// The key wipes itself when dropped.
pub(crate) struct Signer(Box<SigningKey<Sha1>>);

impl Signer {
    pub(crate) fn new(key: PrivateKey) -> Self {
        Signer(Box::new(SigningKey::new(key)))
    }

    /// Deterministic; the private operation is blinded with the system's randomness.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.try_sign(message).ok().map(|signature| signature.to_vec())
    }
}

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
