//! PBES2 with the Chinese algorithms, as GmSSL's `sm2keygen` writes it: HMAC-SM3 in PBKDF2, SM4-CBC as the cipher, or
//! one of the two. The `pkcs5` crate knows neither.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use der::asn1::AnyRef;
use zeroize::Zeroizing;

use super::asn1;
use super::kdf::{self, HMAC_SM3, SM4_CBC};

/// Whether the algorithm, already judged by [`kdf::encryption`], is for this module.
pub(super) fn applies(algorithm: AnyRef<'_>) -> bool {
    kdf::pbkdf2(algorithm).is_some_and(|found| found.prf == HMAC_SM3 || found.cipher == SM4_CBC)
}

/// The plain text; `None` when the password is wrong, as far as the padding tells, or the parameters do not fit.
pub(super) fn decrypt(algorithm: AnyRef<'_>, password: &str, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let parameters = kdf::pbkdf2(algorithm)?;
    let iv = asn1::octets(parameters.cipher_parameters?)?;
    let length = match parameters.cipher.as_str() {
        SM4_CBC | "2.16.840.1.101.3.4.1.2" => 16,
        "2.16.840.1.101.3.4.1.22" => 24,
        "2.16.840.1.101.3.4.1.42" => 32,
        _ => return None,
    };
    let mut key = Zeroizing::new([0; 32]);
    let key = key.get_mut(..length)?;
    derive(&parameters, password.as_bytes(), key)?;
    match (parameters.cipher.as_str(), length) {
        (SM4_CBC, _) => cbc_decrypt::<sm4::Sm4>(key, iv, encrypted),
        (_, 16) => cbc_decrypt::<aes::Aes128>(key, iv, encrypted),
        (_, 24) => cbc_decrypt::<aes::Aes192>(key, iv, encrypted),
        _ => cbc_decrypt::<aes::Aes256>(key, iv, encrypted),
    }
}

fn derive(parameters: &kdf::Pbkdf2<'_>, password: &[u8], key: &mut [u8]) -> Option<()> {
    let (salt, rounds) = (parameters.salt, parameters.iterations);
    match parameters.prf.as_str() {
        HMAC_SM3 => pbkdf2::pbkdf2_hmac::<sm3::Sm3>(password, salt, rounds, key),
        kdf::HMAC_SHA1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, key),
        "1.2.840.113549.2.8" => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, rounds, key),
        "1.2.840.113549.2.9" => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, key),
        "1.2.840.113549.2.10" => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, rounds, key),
        "1.2.840.113549.2.11" => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, key),
        _ => return None,
    }
    Some(())
}

fn cbc_decrypt<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(encrypted.to_vec());
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
