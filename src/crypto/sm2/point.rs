//! Points of the curve with their coordinates in reach, which those of the crate `sm2` keep to themselves: so verification
//! needs no inversion, and signing a faster one. The field is the crate's.
//!
//! The sums are complete: by the formulas of Renes, Costello and Batina (2015/1060) for a = -3, no two points are an
//! exception, and each sum takes the same steps.

use sm2::elliptic_curve::hazmat::FieldArithmetic;
use sm2::elliptic_curve::ops::BatchInvert;
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::elliptic_curve::subtle::{Choice, ConditionallySelectable};
use sm2::elliptic_curve::{Curve, PrimeField};
use sm2::{AffinePoint, FieldBytes, Scalar, Sm2, U256};

type Element = <Sm2 as FieldArithmetic>::FieldElement;

/// The curve's b.
const B: Element = Element::from_hex_vartime("28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93");

/// Any point but the one at infinity.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Affine {
    x: Element,
    y: Element,
}

impl Affine {
    /// `None` for the point at infinity.
    pub(super) fn new(point: &AffinePoint) -> Option<Self> {
        let number = |bytes: &FieldBytes| Element::from_repr(*bytes).into_option();
        let (x, y) = (number(&point.x())?, number(&point.y())?);
        if point.is_identity().into() { None } else { Some(Affine { x, y }) }
    }

    pub(super) fn negated(&self) -> Self {
        Affine { x: self.x, y: -self.y }
    }
}

impl ConditionallySelectable for Affine {
    fn conditional_select(one: &Self, other: &Self, choice: Choice) -> Self {
        let select = |one, other| Element::conditional_select(one, other, choice);
        Affine { x: select(&one.x, &other.x), y: select(&one.y, &other.y) }
    }
}

/// Has x / z and y / z, or lies at infinity where z is zero.
#[derive(Clone, Copy)]
pub(super) struct Point {
    x: Element,
    y: Element,
    z: Element,
}

impl From<Affine> for Point {
    fn from(point: Affine) -> Self {
        Point { x: point.x, y: point.y, z: Element::ONE }
    }
}

impl Point {
    pub(super) const AT_INFINITY: Self = Point { x: Element::ZERO, y: Element::ONE, z: Element::ZERO };

    /// Algorithm 5.
    pub(super) fn plus(&self, other: &Affine) -> Self {
        let (xx, yy) = (self.x * other.x, self.y * other.y);
        let xy = (self.x + self.y) * (other.x + other.y) - xx - yy;
        let yz = other.y * self.z + self.y;
        let xz = other.x * self.z + self.x;
        Self::of_products(xx, yy, self.z, [xy, yz, xz])
    }

    /// Algorithm 6, which is the sum of a point and itself.
    pub(super) fn doubled(&self) -> Self {
        let (xx, yy, zz) = (self.x.square(), self.y.square(), self.z.square());
        let [xy, yz, xz] = [self.x * self.y, self.y * self.z, self.x * self.z].map(|product| product.double());
        Self::of_products(xx, yy, zz, [xy, yz, xz])
    }

    /// The sum of two points, of the products of equal coordinates and the sums of those of different ones.
    #[inline(always)]
    fn of_products(xx: Element, yy: Element, zz: Element, [xy, yz, xz]: [Element; 3]) -> Self {
        let thrice = |number: Element| number.double() + number;
        let zz3 = thrice(zz);
        let shift = thrice(xz - B * zz);
        let (less, more) = (yy - shift, yy + shift);
        let slope = thrice(xx) - zz3;
        let rest = thrice(B * xz - zz3 - xx);
        Point { x: more * xy - yz * rest, y: more * less + slope * rest, z: less * yz + xy * slope }
    }

    pub(super) fn negated_if(&self, choice: Choice) -> Self {
        Point { y: Element::conditional_select(&self.y, &-self.y, choice), ..*self }
    }

    /// The coordinate x, zero at infinity; in constant time.
    pub(super) fn x(&self) -> FieldBytes {
        (self.x * inverse(&self.z)).to_repr()
    }

    /// Whether the coordinate x is this number or this number and the order; never at infinity.
    pub(super) fn has_x_vartime(&self, x: &Scalar) -> bool {
        let order: &U256 = Sm2::ORDER.as_ref();
        let small = U256::from_be_slice(&x.to_repr());
        let large = small.wrapping_add(order);
        // No number if it has more than 256 bits, none of the field if it is not below the field's prime.
        let candidates = [Some(small), (large >= *order).then_some(large)];
        let mut candidates =
            candidates.into_iter().flatten().filter_map(|x| Element::from_repr(x.to_be_bytes().into()).into_option());
        !bool::from(self.z.is_zero()) && candidates.any(|x| x * self.z == self.x)
    }

    /// None of them may be at infinity.
    pub(super) fn all_affine(points: &[Point]) -> Vec<Affine> {
        let mut inverses: Vec<Element> = points.iter().map(|point| point.z).collect();
        Element::batch_invert_in_place(&mut inverses, &mut vec![Element::ZERO; points.len()]);
        points.iter().zip(inverses).map(|(point, z)| Affine { x: point.x * z, y: point.y * z }).collect()
    }
}

/// By Fermat: to the power of the prime less two, 2^256 - 2^224 - 2^96 + 2^64 - 3. Zero of zero.
fn inverse(number: &Element) -> Element {
    let squared = |number: Element, times: u32| (0..times).fold(number, |number, _| number.square());
    // As many bits of one.
    let two = number.square() * *number;
    let three = two.square() * *number;
    let six = squared(three, 3) * three;
    let twelve = squared(six, 6) * six;
    let fifteen = squared(twelve, 3) * three;
    let thirty = squared(fifteen, 15) * fifteen;
    let thirty_one = thirty.square() * *number;
    let thirty_two = thirty_one.square() * *number;
    // 31 bits of one, a zero, 128 of one, 32 of zero, 62 of one, a zero, a one.
    let mut power = thirty_one.square();
    for _ in 0..4 {
        power = squared(power, 32) * thirty_two;
    }
    power = squared(power, 32);
    for _ in 0..2 {
        power = squared(power, 31) * thirty_one;
    }
    squared(power, 2) * *number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_is_the_crate_s() {
        let mut number = Element::ONE;
        for _ in 0..500 {
            assert_eq!(Some(inverse(&number)), number.invert().into_option());
            assert_eq!(Some(inverse(&-number)), (-number).invert().into_option());
            number = number.double().double() + number + Element::ONE;
        }
        assert_eq!(inverse(&Element::ZERO), Element::ZERO);
    }
}
