//! DES/ECB/PKCS5Padding: how the platform wants the business data encrypted.

use des::Des;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeEncrypt, KeyInit};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The first eight characters of the key string that the platform issued. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct DesKey([u8; 8]);

impl DesKey {
    /// The key out of the platform's string: the UTF-8 bytes of its first 8 characters, neither hex-decoded nor AES,
    /// whatever the platform's sample calls it. The error never shows the string.
    pub(crate) fn from_text(text: &str) -> Result<Self, &'static str> {
        if text.trim() != text {
            return Err("has white space around it");
        }
        let end = match text.char_indices().nth(8) {
            Some((end, _)) => end,
            None if text.chars().count() == 8 => text.len(),
            None => return Err("has fewer than 8 characters"),
        };
        match text.as_bytes()[..end].try_into() {
            Ok(bytes) => Ok(DesKey(bytes)),
            Err(_) => Err("has a character outside ASCII among its first 8"),
        }
    }

    /// The ciphertext, a whole number of 8-byte blocks, always longer than the plaintext.
    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        // PKCS#5 and PKCS#7 padding are the same for blocks of eight bytes.
        ecb::Encryptor::<Des>::new(&self.0.into()).encrypt_padded_vec::<Pkcs7>(plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_wiped_when_dropped() {
        fn wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}
        let mut key = DesKey(*b"A81F41DE");
        wiped_when_dropped(&key);
        key.zeroize();
        assert_eq!(key.0, [0; 8]);
    }

    #[test]
    fn the_key_is_the_first_eight_characters() {
        let of = |text| DesKey::from_text(text).map(|key| key.0);
        assert_eq!(of("A81F41DE7406CC1566579A751D93CA7A"), Ok(*b"A81F41DE"));
        assert_eq!(of("12345678"), Ok(*b"12345678"));
        assert!(of("1234567").unwrap_err().contains("fewer than 8"));
        assert!(of(" A81F41DE7406").unwrap_err().contains("white space"));
        assert!(of("        ").unwrap_err().contains("white space"));
        assert!(of("").unwrap_err().contains("fewer than 8"));
        assert!(of("中文中文中文中文中文").unwrap_err().contains("outside ASCII"));
        assert_eq!(of("12345678中"), Ok(*b"12345678"));
    }
}
