//! One algorithm in each file, bytes in, bytes out; signer and verifier choose between the two.

pub(crate) mod des;
pub(crate) mod form;
mod rsa;
mod sm2;

use std::fmt;

use crate::keys::{PrivateKey, PublicKey};

/// The signature algorithm of the envelope, `signType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignType {
    /// RSA, PKCS#1 v1.5: requests with SHA-1, answers with SHA-1 or SHA-256.
    Rsa,
    /// SM3 with SM2, user id `1234567812345678`; what the platform asks new institutions to use.
    Sm,
}

impl SignType {
    /// What stands in the envelope: `RSA` or `SM`.
    pub fn as_str(self) -> &'static str {
        match self {
            SignType::Rsa => "RSA",
            SignType::Sm => "SM",
        }
    }
}

impl fmt::Display for SignType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes what a first use would make, if it is not made yet.
#[cfg(unix)]
pub(crate) fn prepare() {
    sm2::prepare();
}

#[cfg(unix)]
pub(crate) use sm2::{Tables, hold};

/// Signs requests with the institution's private key.
pub(crate) enum Signer {
    Rsa(rsa::Signer),
    Sm(sm2::Signer),
}

impl Signer {
    /// `None` when the key cannot sign, which no key that was loaded does.
    pub(crate) fn new(key: PrivateKey) -> Option<Self> {
        match key {
            PrivateKey::Rsa(key) => Some(Signer::Rsa(rsa::Signer::new(key))),
            PrivateKey::Sm2(key) => sm2::Signer::new(&key).map(Signer::Sm),
        }
    }

    /// The signature's bytes; `None` when the algorithm fails, which no valid key does.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Signer::Rsa(signer) => signer.sign(message),
            Signer::Sm(signer) => signer.sign(message),
        }
    }
}

/// Verifies answers with the platform's public key.
pub(crate) enum Verifier {
    Rsa(rsa::Verifier),
    Sm(sm2::Verifier),
}

impl Verifier {
    /// `None` when the key cannot verify, which no key that was loaded does.
    pub(crate) fn new(key: &PublicKey) -> Option<Self> {
        match key {
            PublicKey::Rsa(key) => Some(Verifier::Rsa(rsa::Verifier::new(key.clone()))),
            PublicKey::Sm2(key) => sm2::Verifier::new(key).map(Verifier::Sm),
        }
    }

    /// Whether `signature` is this key's signature of `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Verifier::Rsa(verifier) => verifier.verify(message, signature),
            Verifier::Sm(verifier) => verifier.verify(message, signature),
        }
    }

    /// What a signature is that does not fit, if its form alone shows that this key has not made it.
    pub(crate) fn misform(&self, signature: &[u8]) -> Option<form::Misform> {
        match self {
            Verifier::Rsa(verifier) => form::not_rsa(signature, verifier.length()),
            Verifier::Sm(_) => form::not_sm2(signature, sm2::is_well_formed(signature)),
        }
    }
}
