//! What a message is multiplied with before the private key sees it, so that the time which that takes tells whoever
//! measures it nothing about the key (Kocher, 1996).
//!
//! A factor costs an inversion, a tenth of a signature. So one is squared from signature to signature, and made anew after
//! [`SIGNATURES`], as OpenSSL does it.

use std::sync::Mutex;

use crypto_bigint::RandomMod;
use crypto_bigint::modular::BoxedMontyForm;
use getrandom::SysRng;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};
use zeroize::{Zeroize, Zeroizing};

/// Of how many signatures the factors come from one random number.
const SIGNATURES: u32 = 32;

/// The factors of a key's next signature.
#[derive(Default)]
pub(super) struct Blinding(Mutex<Option<Factors>>);

/// Both are secret: with them a measured time is one of a known message.
#[derive(Clone)]
struct Factors {
    /// r^e
    blind: BoxedMontyForm,
    /// 1 / r
    unblind: BoxedMontyForm,
    /// How many signatures had a power of this r before.
    used: u32,
}

impl Blinding {
    /// What the key's private operation makes of `m`, which is below n and which it does not get to see. `None` if the
    /// operation fails or the system has no randomness.
    pub(super) fn around(
        &self,
        key: &PrivateKey,
        m: BoxedUint,
        operation: impl FnOnce(&BoxedUint) -> Option<BoxedUint>,
    ) -> Option<BoxedUint> {
        let factors = self.next(key)?;
        operation(&factors.blind(m)).map(|s| factors.unblind(s))
    }

    /// Factors that no other signature has.
    ///
    /// Nobody waits: whoever finds the lock taken makes factors of his own. It may be taken for ever, in the child of a fork
    /// that came while another thread had it.
    fn next(&self, key: &PrivateKey) -> Option<Factors> {
        let Ok(mut kept) = self.0.try_lock() else { return Factors::fresh(key) };
        let next = match kept.take() {
            Some(last) if last.used + 1 < SIGNATURES => last.squared(),
            _ => Factors::fresh(key)?,
        };
        *kept = Some(next.clone());
        Some(next)
    }
}

impl Factors {
    fn fresh(key: &PrivateKey) -> Option<Self> {
        loop {
            let r = BoxedUint::try_random_mod_vartime(&mut SysRng, key.n()).ok()?;
            let r = Zeroizing::new(BoxedMontyForm::new(r, key.n_params()));
            // None but multiples of p or q have no inverse.
            if let Some(unblind) = r.invert().into_option() {
                let blind = r.pow_bounded_exp(key.e(), key.e().bit_width_vartime());
                return Some(Factors { blind, unblind, used: 0 });
            }
        }
    }

    fn squared(&self) -> Self {
        Factors { blind: self.blind.square(), unblind: self.unblind.square(), used: self.used + 1 }
    }

    /// m r^e
    fn blind(&self, m: BoxedUint) -> BoxedUint {
        (BoxedMontyForm::new(m, self.blind.params()) * &self.blind).retrieve()
    }

    /// s / r, for the private operation makes r of r^e.
    fn unblind(&self, s: BoxedUint) -> BoxedUint {
        (BoxedMontyForm::new(s, self.unblind.params()) * &self.unblind).retrieve()
    }
}

impl Drop for Factors {
    fn drop(&mut self) {
        self.blind.zeroize();
        self.unblind.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use rsa::traits::PrivateKeyParts;

    use super::super::test_keys::keys;
    use super::*;

    fn numbers(factors: &Factors) -> [BoxedUint; 2] {
        [factors.blind.retrieve(), factors.unblind.retrieve()]
    }

    #[test]
    fn no_signature_has_the_factors_of_another_one() {
        let key = keys().next().unwrap();
        let blinding = Blinding::default();
        let mut seen = Vec::new();
        for signature in 0..3 * SIGNATURES {
            let factors = blinding.next(&key).unwrap();
            assert_eq!(factors.used, signature % SIGNATURES);
            assert!(!seen.contains(&numbers(&factors)), "{signature}");
            seen.push(numbers(&factors));
        }
    }

    #[test]
    fn the_private_operation_sees_another_number_each_time_and_makes_the_same_of_it() {
        let key = keys().next().unwrap();
        let power = |m: &BoxedUint| BoxedMontyForm::new(m.clone(), key.n_params()).pow(key.d()).retrieve();
        let m = BoxedMontyForm::one(key.n_params()).double().retrieve();
        let (blinding, mut seen) = (Blinding::default(), vec![m.clone()]);
        for signature in 0..2 * SIGNATURES {
            let operation = |blinded: &BoxedUint| {
                assert!(!seen.contains(blinded), "{signature}");
                seen.push(blinded.clone());
                Some(power(blinded))
            };
            assert_eq!(blinding.around(&key, m.clone(), operation), Some(power(&m)));
        }
        assert_eq!(blinding.around(&key, m, |_| None), None);
    }

    #[test]
    fn nobody_waits_for_who_has_the_lock() {
        let key = keys().next().unwrap();
        let blinding = Blinding::default();
        let first = blinding.next(&key).unwrap();
        let _held = blinding.0.lock().unwrap();
        for _ in 0..2 {
            let factors = blinding.next(&key).unwrap();
            assert!(factors.used == 0 && numbers(&factors) != numbers(&first));
        }
    }
}
