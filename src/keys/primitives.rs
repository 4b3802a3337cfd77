//! CBC with padding and PBKDF2, for whichever cipher and digest a container names.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use zeroize::Zeroizing;

use super::scheme;

/// CBC with the padding of PKCS#7; `None` when the padding or a length does not fit.
pub(super) fn cbc_decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(encrypted.to_vec());
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// The key that PBKDF2 makes.
pub(super) fn pbkdf2(parameters: &scheme::Pbkdf2<'_>, password: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let (salt, rounds) = (parameters.salt, u32::try_from(parameters.iterations).ok()?);
    let mut key = Zeroizing::new(vec![0; length]);
    match parameters.prf.as_str() {
        scheme::HMAC_SM3 => pbkdf2::pbkdf2_hmac::<sm3::Sm3>(password, salt, rounds, &mut key),
        scheme::HMAC_SHA1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, &mut key),
        "1.2.840.113549.2.8" => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, rounds, &mut key),
        "1.2.840.113549.2.9" => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, &mut key),
        "1.2.840.113549.2.10" => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, rounds, &mut key),
        "1.2.840.113549.2.11" => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, &mut key),
        _ => return None,
    }
    Some(key)
}
