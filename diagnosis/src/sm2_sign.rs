//! SM2: which digest a signature is about, under a given key.

use sm2::dsa::Signature;
use sm2::dsa::signature::hazmat::PrehashVerifier;
use sm2::elliptic_curve::PrimeField;
use sm2::elliptic_curve::ops::Reduce;
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::elliptic_curve::sec1::ToSec1Point;
use sm2::{FieldBytes, ProjectivePoint, PublicKey, Scalar};
use sm3::Sm3;
use sm3::digest::{Digest, Output};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Reader, SliceReader, Tag, Tagged};

/// The user id that GM/T 0009 names for when no other is agreed, and that the platform uses.
pub(crate) const USER_ID: &str = "1234567812345678";

/// The curve's `a`, `b`, and base point, as they go into Z.
const CURVE: [&str; 4] = [
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
];

/// The digest of the user id and the key, which goes in before the text.
pub(crate) fn z(key: &PublicKey, user_id: &[u8]) -> [u8; 32] {
    z_by::<Sm3>(key, user_id).into()
}

/// The same by another digest, as BouncyCastle makes it where the text is digested by another.
pub(crate) fn z_by<D: Digest>(key: &PublicKey, user_id: &[u8]) -> Output<D> {
    let mut hasher = D::new();
    // Ids are short texts or fields of 65535 bits at most.
    hasher.update(u16::try_from(user_id.len().saturating_mul(8)).unwrap_or(u16::MAX).to_be_bytes());
    hasher.update(user_id);
    for number in CURVE {
        hasher.update(crate::encoding::hex(number).unwrap_or_default());
    }
    // Uncompressed: one byte, then both coordinates.
    hasher.update(&key.to_sec1_point(false).as_bytes()[1..]);
    hasher.finalize()
}

/// `r` and `s` out of DER, read as CFCA's SADK does: whether padded or not.
pub(crate) fn from_der(signature: &[u8]) -> Option<Signature> {
    let body = AnyRef::from_der(signature).ok().filter(|outer| outer.tag() == Tag::Sequence)?;
    let mut reader = SliceReader::new(body.value()).ok()?;
    let mut scalar = || {
        let integer = AnyRef::decode(&mut reader).ok().filter(|integer| integer.tag() == Tag::Integer)?;
        let digits = integer.value();
        let digits = &digits[digits.iter().position(|byte| *byte != 0)?..];
        let mut padded = [0; 32];
        padded[32usize.checked_sub(digits.len())?..].copy_from_slice(digits);
        Some(padded)
    };
    let (r, s) = (scalar()?, scalar()?);
    reader.finish().ok()?;
    Signature::from_scalars(r, s).ok()
}

/// The 64 bytes `r || s`.
pub(crate) fn from_raw(signature: &[u8]) -> Option<Signature> {
    Signature::from_slice(signature).ok()
}

/// The digest that was signed, if this key signed, modulo the curve's order: with any other key it is a number without
/// a meaning. `None` for what no key has signed.
pub(crate) fn recovered(key: &PublicKey, signature: &Signature) -> Option<Scalar> {
    let (r, s) = (signature.r(), signature.s());
    let t = *r + *s;
    if t == Scalar::ZERO {
        return None;
    }
    let point = ProjectivePoint::GENERATOR * *s + ProjectivePoint::from(*key.as_affine()) * t;
    let x = point.to_affine().x();
    Some(*r - Scalar::reduce(&x))
}

/// A digest as the number that is signed.
pub(crate) fn number(digest: &[u8]) -> Option<Scalar> {
    let mut padded = [0; 32];
    padded[32usize.checked_sub(digest.len())?..].copy_from_slice(digest);
    Some(Scalar::reduce(&FieldBytes::from(padded)))
}

/// A whole text as the number that is signed: what some libraries do where nobody asked for a digest.
pub(crate) fn long_number(text: &[u8]) -> Scalar {
    let base = Scalar::from(1u64 << 32);
    let fold = |number: Scalar, byte: &u8| number * Scalar::from(256u64) + Scalar::from(u64::from(*byte));
    let (words, rest) = text.as_chunks::<4>();
    let number = words
        .iter()
        .fold(Scalar::ZERO, |number, word| number * base + Scalar::from(u64::from(u32::from_be_bytes(*word))));
    rest.iter().fold(number, fold)
}

/// The number as 32 bytes.
pub(crate) fn bytes(number: &Scalar) -> Vec<u8> {
    number.to_repr().to_vec()
}

/// Whether the crate's verifier agrees.
pub(crate) fn confirms(key: &PublicKey, signature: &Signature, digest: &[u8]) -> bool {
    let mut padded = [0; 32];
    let Some(start) = 32usize.checked_sub(digest.len()) else { return false };
    padded[start..].copy_from_slice(digest);
    // The user id is of no account for a digest that is given.
    sm2::dsa::VerifyingKey::new(USER_ID, *key).is_ok_and(|key| key.verify_prehash(&padded, signature).is_ok())
}
