//! Keys of the two kinds that the protocol knows, whatever they were read from.

use std::fmt;

use rsa::traits::PublicKeyParts;

/// A public key of one of the two kinds that the protocol knows.
#[derive(Clone, PartialEq)]
pub enum PublicKey {
    /// RSA, 1024 to 8192 bit.
    Rsa(rsa::PublicKey),
    /// SM2, on the curve of the standard.
    Sm2(sm2::PublicKey),
}

impl PublicKey {
    /// The kind and, for RSA, the size: `RSA-2048` or `SM2`.
    pub fn kind(&self) -> String {
        match self {
            PublicKey::Rsa(key) => format!("RSA-{}", key.n().bit_width_vartime()),
            PublicKey::Sm2(_) => "SM2".to_owned(),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kind())
    }
}

/// A private key of one of the two kinds that the protocol knows. Zeroized on drop.
pub enum PrivateKey {
    /// RSA, 1024 to 8192 bit.
    Rsa(Box<rsa::PrivateKey>),
    /// SM2, on the curve of the standard.
    Sm2(sm2::SecretKey),
}

impl PrivateKey {
    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        match self {
            PrivateKey::Rsa(key) => PublicKey::Rsa(key.to_public_key()),
            PrivateKey::Sm2(key) => PublicKey::Sm2(key.public_key()),
        }
    }

    /// The kind and, for RSA, the size: `RSA-2048` or `SM2`.
    pub fn kind(&self) -> String {
        self.public_key().kind()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}
