//! RSA, PKCS#1 v1.5: `signType` RSA. Requests are signed with SHA-1, answers may be with SHA-256 as well.

mod blinding;
mod sign;
#[cfg(test)]
mod test_keys;
mod verify;

pub(crate) use sign::Signer;
pub(crate) use verify::Verifier;
