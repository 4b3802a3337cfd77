//! Who signs: what is digested before the message, `Z` of GB/T 32918.2, 5.5.

use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::{AffinePoint, FieldBytes, PublicKey};
use sm3::{Digest, Sm3};

use super::USER_ID;

/// The curve's `a` and `b`.
const CURVE: [[u8; 32]; 2] = [
    [
        0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
    ],
    [
        0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, //
        0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
    ],
];

/// A user id and a public key, digested.
pub(super) struct Identity(FieldBytes);

impl Identity {
    pub(super) fn new(key: &PublicKey) -> Self {
        let mut digest = Sm3::new();
        digest.update((8 * USER_ID.len() as u16).to_be_bytes());
        digest.update(USER_ID);
        digest.update(CURVE[0]);
        digest.update(CURVE[1]);
        for point in [&AffinePoint::GENERATOR, key.as_affine()] {
            digest.update(point.x());
            digest.update(point.y());
        }
        Identity(digest.finalize())
    }

    /// What is signed in the message's place, `e` before it is taken modulo the order.
    pub(super) fn digest(&self, message: &[u8]) -> FieldBytes {
        Sm3::new_with_prefix(self.0).chain_update(message).finalize()
    }
}
