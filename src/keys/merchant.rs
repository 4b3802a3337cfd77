//! The institution's own key, with what else its file told.

use super::certificate::Certificate;
use super::key::PrivateKey;

/// The merchant's key, as it was found.
#[derive(Debug)]
#[non_exhaustive]
pub struct MerchantKey {
    /// The key that signs.
    pub key: PrivateKey,
    /// What it was in, for example `PKCS#12` or `PEM PKCS#8 (encrypted)`.
    pub container: &'static str,
    /// The certificate of this very key, when the container has it.
    pub certificate: Option<Certificate>,
}
