//! The ways to encrypt `data` that people take for the right one.

use aes::cipher::{Array, BlockCipherDecrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes256};
use des::{Des, TdesEde2, TdesEde3};
use zeroize::Zeroizing;

use crate::encoding;
use crate::mistake::Mistake;

/// A cipher with its key, and the mistakes that it is.
pub(crate) struct Cipher {
    pub(crate) mistakes: Vec<Mistake>,
    block: usize,
    /// As an initialisation vector.
    key: Zeroizing<Vec<u8>>,
    decrypt: Decrypt,
}

/// Decrypts one block where it stands.
type Decrypt = Box<dyn Fn(&mut [u8])>;

/// What a request says begins with this, which is what shows an initialisation vector that is not known.
const BEGINNING: &[u8] = b"{\"sysSignFlowId\":\"";

impl Cipher {
    fn new<C>(key: &[u8], mistakes: &[Mistake]) -> Option<Self>
    where
        C: KeyInit + BlockCipherDecrypt + BlockSizeUser + 'static,
    {
        let cipher = C::new_from_slice(key).ok()?;
        Some(Cipher {
            mistakes: mistakes.to_vec(),
            block: C::block_size(),
            key: Zeroizing::new(key.to_vec()),
            decrypt: Box::new(move |block| {
                if let Ok(block) = <&mut Array<u8, C::BlockSize>>::try_from(block) {
                    cipher.decrypt_block(block);
                }
            }),
        })
    }

    /// The right one, then the others.
    pub(crate) fn all(key: &str) -> Vec<Self> {
        let characters = |text: &str, count: usize| {
            let end = text.char_indices().nth(count).map_or(text.len(), |(end, _)| end);
            Zeroizing::new(text.as_bytes()[..end].to_vec())
        };
        let first = |count: usize| characters(key, count);
        let decoded = Zeroizing::new(encoding::hex(key).unwrap_or_default());
        let lower = Zeroizing::new(key.to_lowercase());
        let upper = Zeroizing::new(key.to_uppercase());
        let part = |count: usize| decoded.get(..count).unwrap_or_default();
        let last = Zeroizing::new(key.as_bytes()[key.len().saturating_sub(8)..].to_vec());
        let case = |other: &str| if other == key { Zeroizing::new(Vec::new()) } else { characters(other, 8) };
        [
            Self::new::<Des>(&first(8), &[]),
            Self::new::<Des>(part(8), &[Mistake::DesKeyDecoded]),
            Self::new::<Des>(&last, &[Mistake::DesKeyEnd]),
            Self::new::<Des>(&case(&lower), &[Mistake::DesKeyCase]),
            Self::new::<Des>(&case(&upper), &[Mistake::DesKeyCase]),
            Self::new::<TdesEde3>(&first(24), &[Mistake::TripleDes]),
            Self::new::<TdesEde2>(&first(16), &[Mistake::TripleDes]),
            Self::new::<TdesEde2>(part(16), &[Mistake::TripleDes, Mistake::DesKeyDecoded]),
            // PHP and others fill the third part with the first.
            Self::new::<TdesEde3>(
                &Zeroizing::new([part(16), part(8)].concat()),
                &[Mistake::TripleDes, Mistake::DesKeyDecoded],
            ),
            Self::new::<Aes128>(part(16), &[Mistake::Aes(128)]),
            Self::new::<Aes256>(&first(32), &[Mistake::Aes(256)]),
            Self::new::<Aes128>(&first(16), &[Mistake::Aes(128)]),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What the bytes may say, mode by mode, with the mistake that a mode is; padding included.
    pub(crate) fn decrypted(&self, bytes: &[u8]) -> Vec<(Option<Mistake>, Vec<u8>)> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(self.block) {
            return Vec::new();
        }
        let mut ecb = bytes.to_vec();
        ecb.chunks_exact_mut(self.block).for_each(|block| (self.decrypt)(block));
        let with_iv = |iv: &[u8]| {
            let before = iv.iter().chain(bytes);
            ecb.iter().zip(before).map(|(a, b)| a ^ b).collect::<Vec<u8>>()
        };
        let zeros = with_iv(&vec![0; self.block]);
        let mut other = zeros.clone();
        // Not with one block: then anything would begin like that.
        if bytes.len() > self.block
            && let Some(start) = other.get_mut(..self.block)
        {
            start.copy_from_slice(&BEGINNING[..self.block]);
        }
        let key = with_iv(&self.key[..self.block.min(self.key.len())]);
        vec![
            (None, ecb.clone()),
            (Some(Mistake::CbcZero), zeros),
            (Some(Mistake::CbcKey), key),
            (Some(Mistake::CbcOther), other),
        ]
    }

    /// What stands before a right PKCS#5 padding; `None` if there is none.
    pub(crate) fn without_padding<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let last = usize::from(*bytes.last()?);
        let end = bytes.len().checked_sub(last).filter(|_| (1..=self.block).contains(&last))?;
        bytes[end..].iter().all(|byte| usize::from(*byte) == last).then_some(&bytes[..end])
    }

    /// The text, and the mistake that its padding is; `None` if it is no text.
    pub(crate) fn unpadded(&self, bytes: &[u8]) -> Option<(Option<Mistake>, String)> {
        if let Some(content) = self.without_padding(bytes) {
            return Some((None, String::from_utf8(content.to_vec()).ok()?));
        }
        let end = bytes.iter().rposition(|byte| *byte != 0)? + 1;
        let mistake = if end < bytes.len() { Mistake::ZeroPadding } else { Mistake::NoPadding };
        Some((Some(mistake), String::from_utf8(bytes[..end].to_vec()).ok()?))
    }
}
