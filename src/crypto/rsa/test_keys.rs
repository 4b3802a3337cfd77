//! Keys for tests, the same in each run.

use std::convert::Infallible;

use rsa::PrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

struct Choices(u64);

impl TryRng for Choices {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| number as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Sha256::digest(self.0.to_be_bytes())[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Choices {}

/// Keys of whole words and of none, of whole bytes and of none.
pub(super) fn keys() -> impl Iterator<Item = PrivateKey> {
    [1024, 1025, 1031, 1096, 2048].into_iter().map(|bits| PrivateKey::new(&mut Choices(bits as u64), bits).unwrap())
}
