//! How a signature is written.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use sm2::dsa::Signature;

/// Whether `r` and `s` can be read out of it.
pub(crate) fn is_well_formed(signature: &[u8]) -> bool {
    readings(signature).next().is_some()
}

/// What the bytes may mean: DER, or 64 bytes `r || s`.
pub(super) fn readings(signature: &[u8]) -> impl Iterator<Item = Signature> {
    [from_der(signature), Signature::from_slice(signature).ok()].into_iter().flatten()
}

/// Reads `r` and `s` as CFCA's SADK does: as unsigned, whether zero bytes stand before them or the one that DER wants is
/// missing. Neither is ever negative, so nothing else can be meant.
fn from_der(signature: &[u8]) -> Option<Signature> {
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

#[cfg(test)]
mod tests {
    use getrandom::SysRng;
    use sm2::dsa::SigningKey;
    use sm2::dsa::signature::RandomizedSigner;

    use super::super::{USER_ID, Verifier};
    use super::*;

    /// Two's complement.
    fn negated(number: &[u8]) -> Vec<u8> {
        let mut digits: Vec<u8> = number.iter().map(|byte| !byte).collect();
        for digit in digits.iter_mut().rev() {
            *digit = digit.wrapping_add(1);
            if *digit != 0 {
                break;
            }
        }
        digits
    }

    #[test]
    fn integers_of_a_signature_are_unsigned_whatever_their_padding() {
        let key = SigningKey::from_slice(USER_ID, &[7; 32]).unwrap();
        let verifier = Verifier::new(&key.verifying_key().into()).unwrap();
        let integer = |bytes: &[u8]| [&[2, bytes.len() as u8], bytes].concat();
        let sequence = |r: &[u8], s: &[u8]| {
            let body = [integer(r), integer(s)].concat();
            [&[0x30, body.len() as u8], body.as_slice()].concat()
        };
        let mut unpadded = 0;
        for number in 0u8..64 {
            let signature: Signature = key.try_sign_with_rng(&mut SysRng, &[number]).unwrap();
            let (r, s) = (signature.r_bytes(), signature.s_bytes());
            unpadded += u32::from(r[0] >= 0x80);
            let zeros = |count: usize, bytes: &[u8]| [vec![0; count], bytes.to_vec()].concat();
            for (before_r, before_s) in [(0, 0), (1, 1), (2, 0), (0, 7)] {
                assert!(verifier.verify(&[number], &sequence(&zeros(before_r, &r), &zeros(before_s, &s))));
            }
            let good = sequence(&zeros(1, &r), &zeros(1, &s));
            assert!(!verifier.verify(b"another", &good));
            assert!(!verifier.verify(&[number], &[good.as_slice(), &[0]].concat()));
            assert!(!verifier.verify(&[number], &sequence(&[&[1], r.as_slice()].concat(), &s)));
            // The true numbers with a minus before them.
            for minus_r in [negated(&r), [&[0xff], negated(&r).as_slice()].concat()] {
                assert!(!verifier.verify(&[number], &sequence(&minus_r, &zeros(1, &s))));
            }
            for minus_s in [negated(&s), [&[0xff], negated(&s).as_slice()].concat()] {
                assert!(!verifier.verify(&[number], &sequence(&zeros(1, &r), &minus_s)));
            }
            assert!(
                !verifier.verify(&[number], &sequence(&[0], &s)) && !verifier.verify(&[number], &sequence(&r, &[]))
            );
        }
        assert!(unpadded > 0, "no integer looked negative");
    }
}
