//! Verification, with tables of the two points that it multiplies. Nothing in it is secret.

use std::sync::Arc;

use sm2::dsa::Signature;
use sm2::elliptic_curve::ops::Reduce;
use sm2::{FieldBytes, NonZeroScalar, PublicKey, Scalar};

use super::comb::Comb;
use super::identity::Identity;
use super::{form, tables};

pub(crate) struct Verifier {
    identity: Identity,
    key: Arc<Comb>,
}

impl Verifier {
    /// `None` for no key that was loaded.
    pub(crate) fn new(key: &PublicKey) -> Option<Self> {
        Some(Verifier { identity: Identity::new(key), key: tables::hold().of(key)? })
    }

    /// Takes DER `SEQUENCE { r, s }` and 64 raw bytes `r || s`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let digest = self.identity.digest(message);
        form::readings(signature).any(|signature| self.fits(&digest, &signature))
    }

    /// GB/T 32918.2, 7.1. A [`Signature`] has numbers from 1 to n-1 only.
    pub(super) fn fits(&self, digest: &FieldBytes, signature: &Signature) -> bool {
        let (r, s) = signature.split_scalars();
        let Some(t) = NonZeroScalar::new(*r + *s).into_option() else { return false };
        let point = Comb::sum_vartime([(tables::base_point(), &s), (&self.key, &t)]);
        // r = e + x modulo the order.
        point.has_x_vartime(&(*r - Scalar::reduce(digest)))
    }

    #[cfg(test)]
    pub(super) fn shares_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key)
    }
}
