//! What a password opens: the encryptions of PKCS#5 and PKCS#12, and the MACs of PKCS#12.

use der::asn1::AnyRef;
use der::{Decode, Encode};
use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use hmac::{EagerHash, Hmac, KeyInit, Mac as _};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use zeroize::Zeroizing;

use super::kdf;
use super::pbes2_sm;
use super::primitives::{cbc_decrypt, pbkdf2};
use super::scheme;

/// A password in the forms of PKCS#12.
pub(super) struct Password<'a> {
    text: &'a str,
    /// UTF-16 that ends with a zero. "None at all" and "an empty one" are two passwords here, and both mean the same to
    /// people, so an empty one is tried as both.
    wide: Vec<Zeroizing<Vec<u8>>>,
}

impl<'a> Password<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // Room for all of it at once, since growing would leave copies behind.
        let mut wide = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        wide.extend(text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes));
        let none = text.is_empty().then(Zeroizing::default);
        Password { text, wide: [wide].into_iter().chain(none).collect() }
    }

    /// The plain text of what [`kdf::encryption`] has judged, if `fits` says that it is one.
    pub(super) fn decrypt(
        &self,
        algorithm: AnyRef<'_>,
        encrypted: &[u8],
        fits: impl Fn(&[u8]) -> bool,
    ) -> Option<Zeroizing<Vec<u8>>> {
        match scheme::pbes1(algorithm) {
            None => pbes2(algorithm, self.text.as_bytes(), encrypted).filter(|plain| fits(plain)),
            Some(scheme) => {
                let mut plain = self.wide.iter().filter_map(|password| pbes1(&scheme, password, encrypted));
                plain.find(|plain| fits(plain))
            }
        }
    }

    /// Whether the MAC that [`kdf::mac`] has judged is this password's.
    pub(super) fn proves(&self, mac: &Mac<'_>) -> bool {
        match &mac.kind {
            kdf::Mac::Usual(digest) => self.wide.iter().any(|password| mac.usual(digest, password)),
            kdf::Mac::Pbmac1(derivation, length, scheme) => pbkdf2(derivation, self.text.as_bytes(), *length)
                .is_some_and(|key| hmac_of(scheme, &key, mac.covered, mac.expected)),
        }
    }
}

/// The MAC of a PKCS#12 container.
pub(super) struct Mac<'a> {
    pub(super) kind: kdf::Mac<'a>,
    pub(super) salt: &'a [u8],
    pub(super) rounds: u64,
    pub(super) expected: &'a [u8],
    /// What the MAC is of.
    pub(super) covered: &'a [u8],
}

impl Mac<'_> {
    fn usual(&self, digest: &str, password: &[u8]) -> bool {
        match digest {
            "1.3.14.3.2.26" => self.by::<sha1::Sha1>(password),
            "2.16.840.1.101.3.4.2.4" => self.by::<sha2::Sha224>(password),
            "2.16.840.1.101.3.4.2.1" => self.by::<sha2::Sha256>(password),
            "2.16.840.1.101.3.4.2.2" => self.by::<sha2::Sha384>(password),
            "2.16.840.1.101.3.4.2.3" => self.by::<sha2::Sha512>(password),
            "2.16.840.1.101.3.4.2.5" => self.by::<sha2::Sha512_224>(password),
            "2.16.840.1.101.3.4.2.6" => self.by::<sha2::Sha512_256>(password),
            scheme::SM3 => self.by::<sm3::Sm3>(password),
            _ => false,
        }
    }

    fn by<D: EagerHash + FixedOutputReset + BlockSizeUser>(&self, password: &[u8]) -> bool {
        let length = <D as Digest>::output_size();
        let key = pkcs12_key::<D>(password, self.salt, Pkcs12KeyType::Mac, self.rounds, length);
        key.is_some_and(|key| hmac_fits::<D>(&key, self.covered, self.expected))
    }
}

/// PBES2; `None` for another scheme, when the password is wrong, or the parameters do not fit.
pub(super) fn pbes2(algorithm: AnyRef<'_>, password: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if pbes2_sm::applies(algorithm) {
        return pbes2_sm::decrypt(algorithm, password, encrypted);
    }
    let der = algorithm.to_der().ok()?;
    EncryptionScheme::from_der(&der).ok()?.decrypt(password, encrypted).map(Zeroizing::new).ok()
}

/// The older schemes of PKCS#12.
fn pbes1(scheme: &scheme::Pbes1<'_>, password: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let derive = |id, length| pkcs12_key::<sha1::Sha1>(password, scheme.salt, id, scheme.iterations, length);
    let iv = derive(Pkcs12KeyType::Iv, 8)?;
    match scheme.scheme.as_str() {
        scheme::PBE_3DES => cbc_decrypt::<des::TdesEde3>(&derive(Pkcs12KeyType::EncryptionKey, 24)?, &iv, encrypted),
        scheme::PBE_RC2_40 => cbc_decrypt::<rc2::Rc2>(&derive(Pkcs12KeyType::EncryptionKey, 5)?, &iv, encrypted),
        _ => None,
    }
}

fn pkcs12_key<D: Digest + FixedOutputReset + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    id: Pkcs12KeyType,
    rounds: u64,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    Some(Zeroizing::new(derive_key::<D>(password, salt, id, i32::try_from(rounds).ok()?, length)))
}

/// Whether this is the HMAC, which shares its identifier with the PRF of PBKDF2.
fn hmac_of(scheme: &str, key: &[u8], covered: &[u8], expected: &[u8]) -> bool {
    match scheme {
        scheme::HMAC_SM3 => hmac_fits::<sm3::Sm3>(key, covered, expected),
        scheme::HMAC_SHA1 => hmac_fits::<sha1::Sha1>(key, covered, expected),
        "1.2.840.113549.2.8" => hmac_fits::<sha2::Sha224>(key, covered, expected),
        "1.2.840.113549.2.9" => hmac_fits::<sha2::Sha256>(key, covered, expected),
        "1.2.840.113549.2.10" => hmac_fits::<sha2::Sha384>(key, covered, expected),
        "1.2.840.113549.2.11" => hmac_fits::<sha2::Sha512>(key, covered, expected),
        _ => false,
    }
}

fn hmac_fits<D: EagerHash>(key: &[u8], covered: &[u8], expected: &[u8]) -> bool
where
    Hmac<D>: KeyInit + hmac::Mac,
{
    <Hmac<D> as KeyInit>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(covered).verify_slice(expected).is_ok())
}
