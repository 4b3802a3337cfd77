//! SM3 with SM2 and the standard user id: `signType` SM.
//!
//! ```text
//! sign      with the institution's key      comb      multiples of a point out of a table
//! verify    with the platform's             tables    which tables there are, and who shares them
//! identity  what is digested                point     sums of points
//! form      how a signature is written
//! ```

mod comb;
mod form;
mod identity;
mod point;
mod sign;
mod tables;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use form::is_well_formed;
pub(crate) use sign::Signer;
#[cfg(unix)]
pub(crate) use tables::{Tables, hold};
pub(crate) use verify::Verifier;

/// The user id that the platform expects; GM/T 0009 names it for when no other is agreed.
const USER_ID: &str = "1234567812345678";

/// Makes the tables of the base point: ours, and that of the crate, which finds the public half of a key.
#[cfg(unix)]
pub(crate) fn prepare() {
    use sm2::elliptic_curve::group::Group;

    std::hint::black_box(tables::base_point());
    std::hint::black_box(sm2::ProjectivePoint::mul_by_generator(&sm2::Scalar::ONE));
}
