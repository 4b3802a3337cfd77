//! Password-based schemes taken apart, whatever their parameters ask for: which they are, and with which numbers.

use der::asn1::AnyRef;

use super::asn1;

pub(super) const PBES2: &str = "1.2.840.113549.1.5.13";
pub(super) const PBMAC1: &str = "1.2.840.113549.1.5.14";
pub(super) const PBKDF2: &str = "1.2.840.113549.1.5.12";
pub(super) const SCRYPT: &str = "1.3.6.1.4.1.11591.4.11";
pub(super) const PBE_3DES: &str = "1.2.840.113549.1.12.1.3";
pub(super) const PBE_RC2_40: &str = "1.2.840.113549.1.12.1.6";
pub(super) const HMAC_SHA1: &str = "1.2.840.113549.2.7";
pub(super) const SM3: &str = "1.2.156.10197.1.401";
pub(super) const HMAC_SM3: &str = "1.2.156.10197.1.401.2";
pub(super) const SM4_CBC: &str = "1.2.156.10197.1.104.2";

/// The identifier and the parameters of an `AlgorithmIdentifier`.
pub(super) fn identifier(any: AnyRef<'_>) -> Option<(String, Option<AnyRef<'_>>)> {
    let parts = asn1::elements(any)?;
    Some((asn1::oid(*parts.first()?)?.to_string(), parts.get(1).copied()))
}

/// The parameters of a scheme that is older than PBES2.
pub(super) struct Pbes1<'a> {
    pub(super) scheme: String,
    pub(super) salt: &'a [u8],
    pub(super) iterations: u64,
}

/// Takes a scheme that is older than PBES2 apart.
pub(super) fn pbes1(algorithm: AnyRef<'_>) -> Option<Pbes1<'_>> {
    let (scheme, parameters) = identifier(algorithm)?;
    let parameters = asn1::elements(parameters?)?;
    let [salt, count, ..] = parameters.as_slice() else { return None };
    Some(Pbes1 { scheme, salt: asn1::octets(*salt)?, iterations: asn1::unsigned(*count)? })
}

/// The parameters of PBKDF2.
pub(super) struct Pbkdf2<'a> {
    pub(super) prf: String,
    pub(super) salt: &'a [u8],
    pub(super) iterations: u64,
    pub(super) key_length: Option<u64>,
}

/// Takes PBKDF2 apart; `None` for anything else.
pub(super) fn pbkdf2(derivation: AnyRef<'_>) -> Option<Pbkdf2<'_>> {
    let (oid, parameters) = identifier(derivation)?;
    let parameters = asn1::elements(parameters.filter(|_| oid == PBKDF2)?)?;
    // The key length is optional, so the PRF stands second or third; none means HMAC-SHA-1.
    let prf = parameters.get(2..)?.iter().find_map(|part| identifier(*part));
    Some(Pbkdf2 {
        prf: prf.map_or_else(|| HMAC_SHA1.to_owned(), |(oid, _)| oid),
        salt: asn1::octets(*parameters.first()?)?,
        iterations: asn1::unsigned(*parameters.get(1)?)?,
        key_length: parameters.get(2).and_then(|part| asn1::unsigned(*part)),
    })
}

/// The parameters of PBES2 with PBKDF2.
pub(super) struct Pbes2<'a> {
    pub(super) derivation: Pbkdf2<'a>,
    pub(super) cipher: String,
    pub(super) cipher_parameters: Option<AnyRef<'a>>,
}

impl Pbes2<'_> {
    /// Whether SM3 or SM4 is a part of it, which the `pkcs5` crate does not know.
    pub(super) fn has_sm(&self) -> bool {
        self.derivation.prf == HMAC_SM3 || self.cipher == SM4_CBC
    }
}

/// Takes PBES2 with PBKDF2 apart; `None` for anything else.
pub(super) fn pbes2(algorithm: AnyRef<'_>) -> Option<Pbes2<'_>> {
    let (oid, parameters) = identifier(algorithm)?;
    let parameters = asn1::elements(parameters.filter(|_| oid == PBES2)?)?;
    let (cipher, cipher_parameters) = identifier(*parameters.get(1)?)?;
    Some(Pbes2 { derivation: pbkdf2(*parameters.first()?)?, cipher, cipher_parameters })
}
