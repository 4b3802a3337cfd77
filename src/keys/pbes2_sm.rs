//! PBES2 with the Chinese algorithms, as GmSSL's `sm2keygen` writes it: HMAC-SM3 in PBKDF2, SM4-CBC as the cipher, or
//! one of the two. The `pkcs5` crate knows neither.

use der::asn1::AnyRef;
use zeroize::Zeroizing;

use super::asn1;
use super::primitives::{cbc_decrypt, pbkdf2};
use super::scheme::{self, SM4_CBC};

/// Whether the algorithm, already judged by [`super::kdf::encryption`], is for this module.
pub(super) fn applies(algorithm: AnyRef<'_>) -> bool {
    scheme::pbes2(algorithm).is_some_and(|found| found.has_sm())
}

/// The plain text; `None` when the password is wrong, as far as the padding tells, or the parameters do not fit.
pub(super) fn decrypt(algorithm: AnyRef<'_>, password: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let parameters = scheme::pbes2(algorithm)?;
    let iv = asn1::octets(parameters.cipher_parameters?)?;
    let length = match parameters.cipher.as_str() {
        SM4_CBC | "2.16.840.1.101.3.4.1.2" => 16,
        "2.16.840.1.101.3.4.1.22" => 24,
        "2.16.840.1.101.3.4.1.42" => 32,
        _ => return None,
    };
    let key = pbkdf2(&parameters.derivation, password, length)?;
    match (parameters.cipher.as_str(), length) {
        (SM4_CBC, _) => cbc_decrypt::<sm4::Sm4>(&key, iv, encrypted),
        (_, 16) => cbc_decrypt::<aes::Aes128>(&key, iv, encrypted),
        (_, 24) => cbc_decrypt::<aes::Aes192>(&key, iv, encrypted),
        _ => cbc_decrypt::<aes::Aes256>(&key, iv, encrypted),
    }
}
