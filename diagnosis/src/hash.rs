//! The digests that may have been signed.

use md5::Md5;
use serde::{Serialize, Serializer};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use sm3::Sm3;
use sm3::digest::Digest;

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-1, which a request with RSA wants.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256, with which an answer may be signed as well.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SM3.
    Sm3,
}

impl Algorithm {
    pub(crate) const ALL: [Algorithm; 7] = [
        Algorithm::Sha1,
        Algorithm::Sha256,
        Algorithm::Md5,
        Algorithm::Sm3,
        Algorithm::Sha512,
        Algorithm::Sha384,
        Algorithm::Sha224,
    ];

    /// As people write it: `SHA-1`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA-1",
            Algorithm::Sha224 => "SHA-224",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha384 => "SHA-384",
            Algorithm::Sha512 => "SHA-512",
            Algorithm::Sm3 => "SM3",
        }
    }

    /// Of the digest, in bytes.
    pub(crate) fn length(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha224 => 28,
            Algorithm::Sha256 | Algorithm::Sm3 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        }
    }

    /// The object identifier's DER, without tag and length.
    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Algorithm::Md5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5],
            Algorithm::Sha1 => &[0x2b, 0x0e, 3, 2, 0x1a],
            Algorithm::Sha224 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4],
            Algorithm::Sha256 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
            Algorithm::Sha384 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2],
            Algorithm::Sha512 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3],
            Algorithm::Sm3 => &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11],
        }
    }

    pub(crate) fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Md5 => Md5::digest(text).to_vec(),
            Algorithm::Sha1 => Sha1::digest(text).to_vec(),
            Algorithm::Sha224 => Sha224::digest(text).to_vec(),
            Algorithm::Sha256 => Sha256::digest(text).to_vec(),
            Algorithm::Sha384 => Sha384::digest(text).to_vec(),
            Algorithm::Sha512 => Sha512::digest(text).to_vec(),
            Algorithm::Sm3 => Sm3::digest(text).to_vec(),
        }
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
