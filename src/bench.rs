//! What `benches/` measures and no public item reaches alone. Not part of the interface.

use std::sync::Arc;
#[cfg(feature = "redis")]
use std::time::Duration;

#[cfg(feature = "redis")]
use crate::clock::Clock;
use crate::clock::{Moment, Monotonic};
#[cfg(feature = "redis")]
use crate::config::{SharedLimit, StoreAddress};
use crate::crypto::{Signer, Verifier};
use crate::keys::{PrivateKey, PublicKey};
use crate::limiter::Limiter;
#[cfg(feature = "redis")]
use crate::limiter::StoreSettings;
use crate::rate::Rate;
use crate::signal::Signal;

/// Signs as requests are signed.
pub fn signer(key: PrivateKey) -> Option<impl Fn(&[u8]) -> Option<Vec<u8>>> {
    let signer = Signer::new(key)?;
    Some(move |message: &[u8]| signer.sign(message))
}

/// Whether a message has this signature, as answers are verified.
pub fn verifier(key: &PublicKey) -> Option<impl Fn(&[u8], &[u8]) -> bool + use<>> {
    let verifier = Verifier::new(key)?;
    Some(move |message: &[u8], signature: &[u8]| verifier.verify(message, signature))
}

/// Takes a turn that nobody else wants and gives it back; whether there was one.
pub fn turns() -> impl Fn() -> bool {
    let limiter = Arc::new(Limiter::new(Rate::default(), Arc::new(Monotonic)));
    let signal = Arc::new(Signal::default());
    move || {
        // Unused, for a turn that was used would rest for a second; the work is the same.
        limiter.acquire(Moment::MAX, &signal, None).map(|turn| turn.give_back_unused()).is_ok()
    }
}

/// The same of a limit in a store.
#[cfg(feature = "redis")]
pub fn store_turns(url: &str) -> impl Fn() -> bool + use<> {
    let store = StoreAddress::parse(url).expect("a store's address");
    let timeout = Duration::from_secs(5);
    let limit = SharedLimit { store, prefix: "yspay-bench".into(), timeout, fallback: None, ca_file: None };
    let settings = StoreSettings::new(&limit).expect("no file is read");
    let limiter = Arc::new(Limiter::in_store(Rate::default(), Arc::new(Monotonic), "bench", settings, None));
    let signal = Arc::new(Signal::default());
    move || {
        let deadline = Monotonic.now() + Duration::from_secs(10);
        limiter.acquire(deadline, &signal, None).map(|turn| turn.give_back_unused()).is_ok()
    }
}
