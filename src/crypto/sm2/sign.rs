//! Signing, in constant time.

use getrandom::SysRng;
use getrandom::rand_core::TryRng;
use rfc6979::KGenerator;
use sm2::dsa::Signature;
use sm2::elliptic_curve::Curve;
use sm2::elliptic_curve::PrimeField;
use sm2::elliptic_curve::ops::Reduce;
use sm2::{FieldBytes, NonZeroScalar, Scalar, SecretKey, Sm2, U256};
use sm3::Sm3;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::identity::Identity;
use super::tables;

/// How often another nonce is tried. None was ever seen to be refused: one in 2^255 is.
const NONCES: usize = 4;

/// The key stands in a box, so that it stays in one place in memory, where it is overwritten when dropped.
pub(crate) struct Signer {
    identity: Identity,
    key: Box<Key>,
}

#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Key {
    d: Scalar,
    /// Of `1 + d`; whoever knows it knows the key.
    inverse: Scalar,
}

impl Signer {
    /// `None` for the one key that cannot sign, n-1.
    pub(crate) fn new(key: &SecretKey) -> Option<Self> {
        Some(Signer { identity: Identity::new(&key.public_key()), key: Box::new(Key::new(key)?) })
    }

    /// ASN.1 DER `SEQUENCE { r, s }`, another one each time. The nonce comes from the key, the message and the
    /// system's randomness (RFC 6979 with added data), so neither a bad generator nor a repeated state reveals the key.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut random = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(&mut *random).ok()?;
        let signature = self.key.sign(&self.identity.digest(message), &*random)?;
        Some(signature.to_der().as_ref().to_vec())
    }
}

impl Key {
    /// As [`Signer::new`].
    pub(super) fn new(key: &SecretKey) -> Option<Self> {
        let d = Zeroizing::new(*key.to_nonzero_scalar());
        let inverse = Zeroizing::new((*d + Scalar::ONE).invert().into_option()?);
        Some(Key { d: *d, inverse: *inverse })
    }

    /// GB/T 32918.2, 6.1.
    pub(super) fn sign(&self, digest: &FieldBytes, random: &[u8]) -> Option<Signature> {
        let e = Scalar::reduce(digest);
        let d = Zeroizing::new(<[u8; 32]>::from(self.d.to_repr()));
        let mut nonces = KGenerator::<Sm3, U256>::new(&*d, &e.to_repr(), random, &Sm2::ORDER);
        (0..NONCES).find_map(|_| {
            let mut bytes = Zeroizing::new([0; 32]);
            nonces.fill_next_k(&mut *bytes);
            let k = Zeroizing::new(NonZeroScalar::from_repr((*bytes).into()).into_option()?);
            let r = e + Scalar::reduce(&tables::base_point().mul(&k).x());
            let sum = Zeroizing::new(r + **k);
            // Is (k - r d) / (1 + d), with one product less.
            let s = self.inverse * *sum - r;
            // Neither r, which Signature refuses, nor the sum may be zero; nor s, which Signature refuses.
            if sum.is_zero().into() { None } else { Signature::from_scalars(r, s).ok() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_key_is_overwritten() {
        // What a drop does; tests/native/wiping.rs looks for it in the memory that is given back.
        fn zeroized<T: ZeroizeOnDrop>(_: &T) {}
        let mut key = Key::new(&SecretKey::from_slice(&[7; 32]).unwrap()).unwrap();
        zeroized(&key);
        key.zeroize();
        assert_eq!([key.d, key.inverse], [Scalar::ZERO; 2]);
    }
}
