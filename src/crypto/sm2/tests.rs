//! Beside the crate `sm2`, whose verifier and signer come to the same by other ways.

use std::sync::atomic::{AtomicU64, Ordering};

use sm2::dsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::group::Group;
use sm2::elliptic_curve::ops::Reduce;
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use sm2::elliptic_curve::{Curve, PrimeField};
use sm2::{AffinePoint, FieldBytes, NonZeroScalar, ProjectivePoint, PublicKey, Scalar, SecretKey, Sm2, U256};
use sm3::{Digest, Sm3};

use super::comb::Comb;
use super::point::{Affine, Point};
use super::sign::Key;
use super::{USER_ID, Verifier};

/// Choices that are the same in each run.
struct Choices(u64);

impl Choices {
    fn bytes(&mut self) -> [u8; 32] {
        self.0 += 1;
        Sm3::digest(self.0.to_be_bytes()).into()
    }

    fn below(&mut self, bound: usize) -> usize {
        let [first, second, ..] = self.bytes();
        usize::from(u16::from_be_bytes([first, second])) % bound
    }

    fn scalar(&mut self) -> Scalar {
        Scalar::reduce(&FieldBytes::from(self.bytes()))
    }

    /// A quarter of them near zero, a quarter near the order, both from nought on.
    fn number(&mut self) -> Scalar {
        let small = Scalar::from(self.below(4) as u64);
        match self.below(4) {
            0 => small,
            1 => -small,
            _ => self.scalar(),
        }
    }

    fn non_zero(&mut self) -> NonZeroScalar {
        std::iter::repeat_with(|| self.number()).find_map(|number| NonZeroScalar::new(number).into_option()).unwrap()
    }
}

/// Says the same again and again, where a signer asks for randomness.
struct Said([u8; 32]);

impl TryRng for Said {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("bytes are asked for")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("bytes are asked for")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Said {}

fn number(scalar: Scalar) -> [u8; 32] {
    scalar.to_repr().into()
}

/// The number of 256 bits that has this remainder and is not below the order, if there is one.
fn unreduced(scalar: Scalar) -> Option<[u8; 32]> {
    let order: &U256 = Sm2::ORDER.as_ref();
    let sum = U256::from_be_slice(&scalar.to_repr()).wrapping_add(order);
    (sum >= *order).then(|| sum.to_be_bytes().into())
}

/// A digest with a signature, made in one of many ways, and whether it must be good, where that is known.
fn case(choices: &mut Choices, key: &SigningKey) -> ([u8; 32], [[u8; 32]; 2], Option<bool>) {
    let d = **key.as_nonzero_scalar();
    let sign = |digest: [u8; 32], random| {
        let signature: Signature = key.sign_prehash_with_rng(&mut Said(random), &digest).unwrap();
        [signature.r_bytes(), signature.s_bytes()].map(<[u8; 32]>::from)
    };
    // With this digest r and s are good: e = r - x, where x is that of s G + (r + s) d G.
    let fitting = |r: Scalar, s: Scalar| {
        let point = ProjectivePoint::mul_by_generator(&(s + (r + s) * d));
        let good = !bool::from(point.is_identity() | r.is_zero() | s.is_zero() | (r + s).is_zero());
        (r - Scalar::reduce(&point.to_affine().x()), good)
    };
    match choices.below(12) {
        0..3 => {
            let digest = choices.bytes();
            (digest, sign(digest, choices.bytes()), Some(true))
        }
        3 => {
            // A digest near zero, or near the order from both sides.
            let e = choices.number();
            let digest = unreduced(e).filter(|_| choices.below(2) == 0).unwrap_or(number(e));
            (digest, sign(digest, choices.bytes()), Some(true))
        }
        4..6 => {
            let (r, s) = (choices.number(), choices.number());
            let (e, good) = fitting(r, s);
            (number(e), [r, s].map(number), Some(good))
        }
        6 => {
            // A sum near zero.
            let r = choices.number();
            let small = Scalar::from(choices.below(3) as u64);
            let s = if choices.below(2) == 0 { small - r } else { -small - r };
            let (e, good) = fitting(r, s);
            (number(e), [r, s].map(number), Some(good))
        }
        7 => {
            // The sum of the points is the one at infinity, which has no x; zero in its place would do.
            let t = choices.scalar();
            let s = -t * d;
            let r = t - s;
            (number(r), [r, s].map(number), Some(false))
        }
        8 => {
            let (r, s) = (choices.number(), choices.number());
            (choices.bytes(), [r, s].map(number), Some(false))
        }
        9 => {
            // Good numbers, but for the order that is added to one of them.
            let (r, s) = (Scalar::from(1 + choices.below(3) as u64), Scalar::from(1 + choices.below(3) as u64));
            let (e, _) = fitting(r, s);
            let mut written = [number(r), number(s)];
            let (which, scalar) = if choices.below(2) == 0 { (0, r) } else { (1, s) };
            written[which] = unreduced(scalar).unwrap();
            (number(e), written, Some(false))
        }
        10 => {
            // One bit is wrong, of r, s or the digest.
            let mut digest = choices.bytes();
            let mut written = sign(digest, choices.bytes());
            let bit = choices.below(256);
            let place = match choices.below(3) {
                2 => &mut digest,
                which => &mut written[which],
            };
            place[bit / 8] ^= 1 << (bit % 8);
            (digest, written, Some(false))
        }
        _ => {
            let digest = choices.bytes();
            let [r, s] = sign(digest, choices.bytes());
            let mut wrong = [s, r, r, s, [0; 32], [0xff; 32], number(-Scalar::ONE)];
            let from = choices.below(7);
            wrong.rotate_left(from);
            let written = [wrong[0], wrong[1 + choices.below(6)]];
            (digest, written, None)
        }
    }
}

/// How many signatures are compared; `YSPAY_SM2_SIGNATURES` says another number.
fn wanted() -> u64 {
    std::env::var("YSPAY_SM2_SIGNATURES").map_or(4_000, |text| text.parse().expect("a number"))
}

#[test]
fn the_crate_s_verifier_agrees_on_good_bad_and_edge_signatures() {
    const FOR_EACH_KEY: u64 = 64;
    let keys = wanted().div_ceil(FOR_EACH_KEY);
    let (next, good) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= keys {
                        break;
                    }
                    let mut choices = Choices(number << 32);
                    // n-1 signs nothing, and is no key.
                    let secret =
                        std::iter::repeat_with(|| choices.non_zero()).find(|key| **key != -Scalar::ONE).unwrap();
                    let key = SigningKey::from_nonzero_scalar(USER_ID, secret).unwrap();
                    let theirs: &VerifyingKey = key.verifying_key();
                    let ours = Verifier::new(&theirs.into()).unwrap();
                    for _ in 0..FOR_EACH_KEY {
                        let (digest, [r, s], expected) = case(&mut choices, &key);
                        let signature = Signature::from_slice(&[r, s].concat());
                        let theirs = signature.as_ref().is_ok_and(|s| theirs.verify_prehash(&digest, s).is_ok());
                        let ours = signature.is_ok_and(|signature| ours.fits(&digest.into(), &signature));
                        assert_eq!(ours, theirs, "{:?}, {digest:?}, {r:?}, {s:?}", key.to_bytes());
                        assert_eq!(ours, expected.unwrap_or(ours), "{:?}, {digest:?}, {r:?}, {s:?}", key.to_bytes());
                        good.fetch_add(u64::from(ours), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (all, good) = (keys * FOR_EACH_KEY, good.into_inner());
    assert!(good > all / 3 && good < all * 2 / 3, "{good} of {all} are good");
}

/// One point in 2^32 has an x that is not below the order.
#[test]
fn an_x_beyond_the_order_is_taken_modulo_it() {
    let mut choices = Choices(0);
    let points = (0u64..).filter_map(|more| {
        let x = Sm2::ORDER.as_ref().wrapping_add(&U256::from(more));
        PublicKey::from_sec1_bytes(&[&[2], &*x.to_be_bytes()].concat()).ok().map(|point| (point, more))
    });
    for (point, remainder) in points.take(20) {
        let (s, t) = (choices.non_zero(), choices.non_zero());
        let key = (point.to_projective() - ProjectivePoint::mul_by_generator(&s)) * t.invert().unwrap();
        let Ok(key) = PublicKey::from_affine(key.to_affine()) else { continue };
        let r = *t - *s;
        let digest = (r - Scalar::from(remainder)).to_repr();
        let Ok(signature) = Signature::from_scalars(r, *s) else { continue };
        assert!(VerifyingKey::new(USER_ID, key).unwrap().verify_prehash(&digest, &signature).is_ok());
        assert!(Verifier::new(&key).unwrap().fits(&digest, &signature));
        assert!(!Verifier::new(&key).unwrap().fits(&r.to_repr(), &signature) || remainder == 0);
    }
}

#[test]
fn the_crate_s_signer_makes_the_same_signatures_of_the_same_randomness() {
    let mut choices = Choices(0);
    for _ in 0..200 {
        let secret = choices.non_zero();
        let Some(ours) = Key::new(&SecretKey::from(secret)) else {
            assert_eq!(*secret, -Scalar::ONE);
            continue;
        };
        let theirs = SigningKey::from_nonzero_scalar(USER_ID, secret).unwrap();
        for digest in [choices.bytes(), number(choices.number()), [0; 32], [0xff; 32]] {
            let random = choices.bytes();
            let signature: Signature = theirs.sign_prehash_with_rng(&mut Said(random), &digest).unwrap();
            assert!(ours.sign(&digest.into(), &random) == Some(signature), "{:?}, {digest:?}", theirs.to_bytes());
        }
    }
}

#[test]
fn the_crate_s_multiples_are_those_of_the_table() {
    let mut choices = Choices(0);
    let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power.double())).take(256);
    let ends = (0u64..40).flat_map(|small| [Scalar::from(small), -Scalar::from(small)]);
    let scalars: Vec<NonZeroScalar> = powers
        .chain(ends)
        .chain((0..50).map(|_| choices.scalar()))
        .filter_map(|scalar| NonZeroScalar::new(scalar).into_option())
        .collect();
    for of in [Scalar::ONE, -Scalar::from(2u64), choices.scalar()] {
        let table = Comb::new(&ProjectivePoint::mul_by_generator(&of).to_affine()).unwrap();
        for scalar in &scalars {
            let theirs = |multiple: Scalar| ProjectivePoint::mul_by_generator(&(of * multiple)).to_affine();
            let same =
                |ours: Point, theirs: AffinePoint| Point::all_affine(&[ours])[0] == Affine::new(&theirs).unwrap();
            let wanted = theirs(**scalar);
            assert!(same(table.mul(scalar), wanted), "{of:?} {scalar:x}");
            assert_eq!(table.mul(scalar).x(), wanted.x(), "{of:?} {scalar:x}");
            assert!(same(Comb::sum_vartime([(&table, scalar)]), wanted), "{of:?} {scalar:x}");
            // Sums that meet equal and opposite points.
            let twice = Comb::sum_vartime([(&table, scalar), (&table, scalar)]);
            assert!(same(twice, theirs(scalar.double())), "{of:?} {scalar:x}");
            let nothing = Comb::sum_vartime([(&table, scalar), (&table, &-*scalar)]);
            assert!((0u64..4).all(|x| !nothing.has_x_vartime(&x.into())) && nothing.x() == FieldBytes::default());
        }
    }
    assert!(Comb::new(&AffinePoint::IDENTITY).is_none());
}

#[test]
fn clients_of_one_key_share_its_table_until_the_last_is_gone() {
    let key = |secret: u8| SigningKey::from_slice(USER_ID, &[secret; 32]).unwrap().verifying_key().into();
    let of = |secret| Verifier::new(&key(secret)).unwrap();
    let (first, second, other) = (of(0x51), of(0x51), of(0x52));
    assert!(first.shares_with(&second) && !first.shares_with(&other));
    let listed = |secret| super::tables::hold().lists(&key(secret));
    drop(first);
    assert!(listed(0x51));
    drop(second);
    assert!(!listed(0x51) && listed(0x52));
}
