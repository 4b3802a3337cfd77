//! Multiples of one point out of a table (a comb of Lim and Lee with signed digits): of the base point and of the
//! platform's key, which never change.
//!
//! An odd scalar is a sum of powers of two, each with a plus or a minus. The teeth of a comb that lies on these signs are
//! [`SPACING`] of them apart; as the comb moves along, what the teeth point at is looked up. Each block of the table has
//! [`STEPS`] columns of its own, so that all blocks share the few doublings.
//!
//! Points and their formulas are the crate's, which are complete: no sum of whatever two points is an exception.

use sm2::elliptic_curve::group::Group;
use sm2::elliptic_curve::subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use sm2::elliptic_curve::{BatchNormalize, PrimeField};
use sm2::{AffinePoint, NonZeroScalar, ProjectivePoint, Scalar};
use zeroize::Zeroizing;

// 25 KB, made in 0.3 ms. Measured against it: seven teeth make verification 2 µs faster, a table twice as long to make, and
// signing slower, which must look at every entry of a block; five teeth make verification 6 µs slower.
const TEETH: usize = 6;
const BLOCKS: usize = 11;
const STEPS: usize = 4;
/// Columns, too.
const SPACING: usize = BLOCKS * STEPS;

/// Entries of a block: the highest tooth has a plus in each, the others whatever their bit in the index says.
const ENTRIES: usize = 1 << (TEETH - 1);
/// The bit of a column for its highest tooth.
const HIGHEST: u8 = ENTRIES as u8;

// Every bit of a scalar is below a tooth.
const _: () = assert!(TEETH * SPACING >= 256 && TEETH <= 8);

pub(super) struct Comb(Vec<AffinePoint>);

impl Comb {
    pub(super) fn new(point: ProjectivePoint) -> Self {
        // What each tooth of each block points at, and twice that.
        let (mut teeth, mut doubled) = (Vec::new(), Vec::new());
        let mut next = point;
        for _ in 0..TEETH * BLOCKS {
            teeth.push(next);
            next = Group::double(&next);
            doubled.push(next);
            for _ in 1..STEPS {
                next = Group::double(&next);
            }
        }
        let mut entries = Vec::with_capacity(BLOCKS * ENTRIES);
        for block in 0..BLOCKS {
            let of = |tooth: usize| tooth * BLOCKS + block;
            let start = entries.len();
            entries.push((0..TEETH - 1).fold(teeth[of(TEETH - 1)], |sum, tooth| sum - teeth[of(tooth)]));
            for index in 1usize..ENTRIES {
                // One bit less is there already; its minus becomes a plus.
                let fewer = start + (index & (index - 1));
                entries.push(entries[fewer] + doubled[of(index.trailing_zeros() as usize)]);
            }
        }
        Comb(ProjectivePoint::batch_normalize(entries.as_slice()))
    }

    /// In constant time, for a secret scalar.
    pub(super) fn mul(&self, scalar: &NonZeroScalar) -> ProjectivePoint {
        let columns = Columns::of(scalar);
        let mut sum = ProjectivePoint::IDENTITY;
        for step in (0..STEPS).rev() {
            sum = Group::double(&sum);
            for block in 0..BLOCKS {
                sum += self.entry(block, columns.at(block, step));
            }
        }
        ProjectivePoint::conditional_select(&sum, &-sum, columns.negated)
    }

    /// The sum of multiples, in a time that tells of the scalars: for verification, which has no secrets.
    pub(super) fn sum_vartime<const N: usize>(terms: [(&Comb, &NonZeroScalar); N]) -> ProjectivePoint {
        let terms = terms.map(|(comb, scalar)| (comb, Columns::of(scalar)));
        let mut sum = ProjectivePoint::IDENTITY;
        for step in (0..STEPS).rev() {
            sum = Group::double(&sum);
            for (comb, columns) in &terms {
                for block in 0..BLOCKS {
                    let entry = comb.entry_vartime(block, columns.at(block, step));
                    sum = if columns.negated.into() { sum - entry } else { sum + entry };
                }
            }
        }
        sum
    }

    fn block(&self, block: usize) -> &[AffinePoint] {
        &self.0[block * ENTRIES..][..ENTRIES]
    }

    /// Looks at all entries of the block.
    fn entry(&self, block: usize, column: u8) -> AffinePoint {
        let minus = (column & HIGHEST).ct_eq(&0);
        // With all signs turned, the highest is a plus.
        let wanted = u8::conditional_select(&column, &!column, minus) & (HIGHEST - 1);
        let mut found = AffinePoint::IDENTITY;
        for (index, entry) in (0u8..).zip(self.block(block)) {
            found.conditional_assign(entry, index.ct_eq(&wanted));
        }
        AffinePoint::conditional_select(&found, &-found, minus)
    }

    fn entry_vartime(&self, block: usize, column: u8) -> AffinePoint {
        let index = |column: u8| usize::from(column & (HIGHEST - 1));
        if column & HIGHEST == 0 { -self.block(block)[index(!column)] } else { self.block(block)[index(column)] }
    }
}

/// The signs of a scalar as the comb meets them: a bit for each tooth, set for a plus.
struct Columns {
    signs: Zeroizing<[u8; SPACING]>,
    /// They are those of the scalar's negative.
    negated: Choice,
}

impl Columns {
    /// In constant time.
    fn of(scalar: &NonZeroScalar) -> Self {
        // The order of the group is odd, so one of a scalar and its negative is; zero alone has no odd form.
        let negated = scalar.is_even();
        let odd = Zeroizing::new(Scalar::conditional_select(scalar, &-**scalar, negated));
        let bytes = Zeroizing::new(<[u8; 32]>::from(odd.to_repr()));
        // Of an odd number k below 2^256, the sign of 2^i is bit i + 1, and the highest one a plus:
        // the signs' sum is 2 (k - 1) / 2 + 2^L - (2^L - 1).
        let bit = |place: usize| bytes.iter().rev().nth(place / 8).map_or(0, |byte| byte >> (place % 8) & 1);
        let mut signs = Zeroizing::new([0; SPACING]);
        for (column, signs) in signs.iter_mut().enumerate() {
            for tooth in 0..TEETH {
                *signs |= bit(tooth * SPACING + column + 1) << tooth;
            }
        }
        signs[SPACING - 1] |= HIGHEST;
        Columns { signs, negated }
    }

    fn at(&self, block: usize, step: usize) -> u8 {
        self.signs[block * STEPS + step]
    }
}
