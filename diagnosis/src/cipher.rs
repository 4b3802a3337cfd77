//! The ways to encrypt `data` that people take for the right one.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::{Des, TdesEde2, TdesEde3};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::encoding;
use crate::mistake::Mistake;

/// A cipher with its key, and the mistakes that it is.
pub(crate) struct Cipher {
    pub(crate) mistakes: Vec<Mistake>,
    block: usize,
    /// As an initialisation vector.
    key: Zeroizing<Vec<u8>>,
    decrypt: OnBlock,
    encrypt: OnBlock,
}

/// Decrypts or encrypts one block where it stands.
type OnBlock = Box<dyn Fn(&mut [u8])>;

/// What a request says begins with this, which is what shows an initialisation vector that is not known.
const BEGINNING: &[u8] = b"{\"sysSignFlowId\":\"";

/// Longer business parameters are tried in blocks alone.
const MAX_STREAM: usize = 4 << 10;

/// No padding that is used by mistake is longer: a block of AES.
const MOST_PADDING: usize = 16;

impl Cipher {
    fn new<C>(key: &[u8], mistakes: &[Mistake]) -> Option<Self>
    where
        C: KeyInit + BlockCipherDecrypt + BlockCipherEncrypt + BlockSizeUser + Clone + 'static,
    {
        let cipher = C::new_from_slice(key).ok()?;
        let encrypting = cipher.clone();
        Some(Cipher {
            mistakes: mistakes.to_vec(),
            block: C::block_size(),
            key: Zeroizing::new(key.to_vec()),
            decrypt: Box::new(move |block| {
                if let Ok(block) = <&mut Array<u8, C::BlockSize>>::try_from(block) {
                    cipher.decrypt_block(block);
                }
            }),
            encrypt: Box::new(move |block| {
                if let Ok(block) = <&mut Array<u8, C::BlockSize>>::try_from(block) {
                    encrypting.encrypt_block(block);
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
        // What Java's SecureRandom makes of a seed, and so many a KeyGenerator.
        let generated = |seed: &[u8]| Zeroizing::new(Sha1::digest(Sha1::digest(seed))[..16].to_vec());
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
            Self::new::<Aes192>(&first(24), &[Mistake::Aes(192)]),
            Self::new::<Aes128>(&generated(key.as_bytes()), &[Mistake::Aes(128)]),
            Self::new::<Aes128>(&generated(&decoded), &[Mistake::Aes(128)]),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What the bytes may say, mode by mode, with the mistake that a mode is; padding included.
    pub(crate) fn decrypted(&self, bytes: &[u8]) -> Vec<(Option<Mistake>, Vec<u8>)> {
        let mut readings = self.in_blocks(bytes);
        if bytes.len() > MAX_STREAM {
            return readings;
        }
        let zeros = vec![0; self.block];
        let key = self.iv();
        readings.extend(self.in_streams(&zeros, bytes));
        if key.len() == self.block {
            readings.extend(self.in_streams(&key, bytes));
        }
        // Some send the initialisation vector before the rest.
        if let Some((iv, rest)) = bytes.split_at_checked(self.block).filter(|(_, rest)| !rest.is_empty()) {
            readings.extend(self.in_streams(iv, rest));
            if let Some((_, cbc)) = self.in_blocks(bytes).into_iter().find(|(mode, _)| *mode == Some(Mistake::CbcZero))
            {
                readings.push((Some(Mistake::CbcOther), cbc[self.block..].to_vec()));
            }
        }
        readings
    }

    /// The beginning of the key, as some take it for an initialisation vector.
    fn iv(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.key[..self.block.min(self.key.len())].to_vec())
    }

    /// Those modes that make a stream of the cipher.
    fn in_streams(&self, iv: &[u8], bytes: &[u8]) -> Vec<(Option<Mistake>, Vec<u8>)> {
        let encrypted = |block: &[u8]| {
            let mut block = block.to_vec();
            (self.encrypt)(&mut block);
            block
        };
        let xored = |bytes: &[u8], stream: &[u8]| bytes.iter().zip(stream).map(|(a, b)| a ^ b).collect::<Vec<u8>>();
        // Each block of the stream is made of the one before, of the encrypted bytes before, or of a number.
        let (mut ofb, mut cfb, mut ctr) = (Vec::new(), Vec::new(), Vec::new());
        let (mut state, mut before, mut counter) = (Zeroizing::new(iv.to_vec()), iv, Zeroizing::new(iv.to_vec()));
        for block in bytes.chunks(self.block) {
            state = Zeroizing::new(encrypted(&state));
            ofb.extend(xored(block, &state));
            cfb.extend(xored(block, &encrypted(before)));
            before = block;
            ctr.extend(xored(block, &encrypted(&counter)));
            for byte in counter.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
        // Byte by byte.
        let register = Zeroizing::new([iv, bytes].concat());
        let cfb8 = bytes.iter().zip(register.windows(self.block)).map(|(byte, last)| byte ^ encrypted(last)[0]);
        vec![
            (Some(Mistake::StreamMode("CFB")), cfb),
            (Some(Mistake::StreamMode("CFB8")), cfb8.collect()),
            (Some(Mistake::StreamMode("OFB")), ofb),
            (Some(Mistake::StreamMode("CTR")), ctr),
        ]
    }

    fn in_blocks(&self, bytes: &[u8]) -> Vec<(Option<Mistake>, Vec<u8>)> {
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
        let key = with_iv(&self.iv());
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
        // Those of which the last byte is the length, whatever stands before it, and that which begins with 0x80; what is
        // encrypted ends with a brace.
        let end = bytes.iter().rposition(|byte| *byte != 0)? + 1;
        let by_length = bytes.len().checked_sub(usize::from(bytes[bytes.len() - 1])).map(|end| &bytes[..end]);
        let by_mark = bytes[..end].strip_suffix(&[0x80]);
        let ends = |content: &&[u8]| content.ends_with(b"}") && bytes.len() - content.len() <= MOST_PADDING;
        if let Some(content) = by_length.into_iter().chain(by_mark).find(ends)
            && content.len() < bytes.len()
        {
            return Some((Some(Mistake::OtherPadding), String::from_utf8(content.to_vec()).ok()?));
        }
        let mistake = if end < bytes.len() { Mistake::ZeroPadding } else { Mistake::NoPadding };
        Some((Some(mistake), String::from_utf8(bytes[..end].to_vec()).ok()?))
    }
}
