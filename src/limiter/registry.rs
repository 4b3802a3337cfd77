//! The windows of this process: one for each address and institution, alive while a client or a slot needs it.

use std::collections::HashMap;
use std::sync::Arc;

use once_cell::sync::Lazy;

use crate::clock::Monotonic;
use crate::error::{Code, Error};
use crate::limiter::window::ABANDONED_FOR;
use crate::limiter::{Limiter, StoreSettings};
use crate::rate::Rate;
use crate::signal::lock;
use crate::sync::{Mutex, MutexGuard};

/// What the platform counts by, as far as we can tell: where requests go and who sends them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WindowKey {
    /// Lower case.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) src: String,
}

/// The limiters of this process.
pub(crate) type Limiters = HashMap<WindowKey, Arc<Limiter>>;

static LIMITERS: Lazy<Mutex<Limiters>> = Lazy::new(Mutex::default);

/// Nobody else finds or makes a limiter while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, Limiters> {
    lock(&LIMITERS)
}

/// The one limiter among these for `key`, made if there is none; `shared` says in which store it is kept, and what this
/// process does by itself while that is away.
///
/// A window outlives its clients until its slots are free, or making a client again would forget the last calls.
pub(crate) fn shared(
    limiters: &mut Limiters,
    key: WindowKey,
    rate: Rate,
    shared: Option<(StoreSettings, Option<Rate>)>,
) -> Result<Arc<Limiter>, Error> {
    limiters.retain(|_, limiter| Arc::strong_count(limiter) > 1 || !limiter.is_idle());
    let of = format!("{} on {}:{}", key.src, key.host, key.port);
    if let Some(limiter) = limiters.get(&key) {
        let is_same_store = match (&limiter.fleet, &shared) {
            (Some(fleet), Some((settings, fallback))) => {
                fleet.store.settings() == settings && fleet.fallback == *fallback
            }
            (own, wanted) => own.is_none() && wanted.is_none(),
        };
        if limiter.rate() == rate && is_same_store {
            return Ok(Arc::clone(limiter));
        }
        let (what, theirs) = if is_same_store {
            (format!("perSecond is {rate}"), format!("{} for {of}", limiter.rate()))
        } else {
            ("shared is another one".to_owned(), format!("its own for {of}"))
        };
        let is_in_use = Arc::strong_count(limiter) > 1;
        return Err(if is_in_use {
            conflict(format!(
                "rateLimit.{what}, but another client of this process uses {theirs}, and they share one limit. Give both \
                 the same value. (A freed client counts until its last call has ended.)"
            ))
        } else {
            let rest = limiter.rate().rest().as_secs_f64().ceil() as u64;
            conflict(format!(
                "rateLimit.{what}, but a client that is gone used {theirs}, and its last calls still count. Make the client \
                 again in {rest} s, or in {} s if a call was given up before its answer.",
                ABANDONED_FOR.as_secs() + rest
            ))
            .passing()
        });
    }
    let clock = Arc::new(Monotonic);
    let limiter = Arc::new(match shared {
        None => Limiter::new(rate, clock),
        Some((settings, fallback)) => {
            let of = format!("{}@{}:{}", key.src, key.host, key.port);
            Limiter::in_store(rate, clock, &of, settings, fallback)
        }
    });
    limiters.insert(key, Arc::clone(&limiter));
    Ok(limiter)
}

/// To be called for a client that goes: the last one's limit leaves no thread behind in a store.
pub(crate) fn leave(limiters: &mut Limiters, limiter: &Arc<Limiter>) {
    // The list's own, and the client's.
    if limiter.fleet.is_some() && Arc::strong_count(limiter) == 2 && limiter.is_idle() {
        limiters.retain(|_, other| !Arc::ptr_eq(other, limiter));
    }
}

fn conflict(message: String) -> Error {
    Error::new(Code::Config, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::signal::Signal;

    fn shared(key: WindowKey, per_second: impl Into<f64>) -> Result<Arc<Limiter>, Error> {
        super::shared(&mut hold(), key, Rate::new(per_second.into()).unwrap(), None)
    }

    fn key(src: &str) -> WindowKey {
        WindowKey { host: "registry.test".into(), port: 1, src: src.into() }
    }

    #[test]
    fn one_address_and_institution_share_one_window() {
        let first = shared(key("one"), 10).unwrap();
        assert!(Arc::ptr_eq(&first, &shared(key("one"), 10).unwrap()));
        assert!(!Arc::ptr_eq(&first, &shared(key("other"), 10).unwrap()));
        let error = shared(key("one"), 9).err().unwrap();
        assert_eq!(error.code, Code::Config);
        assert!(error.message.contains("perSecond is 9") && error.message.contains("client of this process uses 10"));
        assert!(!error.retryable());
        // Nobody can tell it from one that is not freed.
        assert!(error.message.contains("A freed client counts until its last call has ended"), "{error}");
    }

    #[test]
    fn host_and_port_matter() {
        let at = |host: &str, port| shared(WindowKey { host: host.into(), port, src: "at".into() }, 10).unwrap();
        let first = at("localhost", 80);
        assert!(Arc::ptr_eq(&first, &at("localhost", 80)));
        assert!(!Arc::ptr_eq(&first, &at("127.0.0.1", 80)));
        assert!(!Arc::ptr_eq(&first, &at("localhost", 81)));
    }

    #[test]
    fn a_window_outlives_its_clients_while_a_slot_rests() {
        let limiter = shared(key("resting"), 10).unwrap();
        drop(limiter.acquire(Moment::MAX / 2, &Arc::new(Signal::default()), None).unwrap());
        drop(limiter);
        let error = shared(key("resting"), 9).err().expect("the slot used just now must not be forgotten");
        assert!(error.retryable() && error.message.contains("a client that is gone used 10"), "{error}");
        assert!(error.message.contains("again in 1 s, or in 21 s if"), "{error}");
        let idle = shared(key("idle"), 10).unwrap();
        drop(idle);
        assert!(shared(key("idle"), 9).is_ok(), "nobody needs the old window any more");
    }

    #[test]
    fn a_fraction_is_told_as_it_was_given_and_with_the_time_that_its_slot_rests() {
        let limiter = shared(key("fraction"), 0.3).unwrap();
        assert!(Arc::ptr_eq(&limiter, &shared(key("fraction"), 0.3).unwrap()));
        let error = shared(key("fraction"), 1).err().unwrap();
        assert!(error.message.contains("perSecond is 1, but another client of this process uses 0.3 for"), "{error}");
        drop(limiter.acquire(Moment::MAX / 2, &Arc::new(Signal::default()), None).unwrap());
        drop(limiter);
        let error = shared(key("fraction"), 0.5).err().unwrap();
        assert!(error.message.contains("perSecond is 0.5, but a client that is gone used 0.3 for"), "{error}");
        // Rests for 3.3 seconds.
        assert!(error.retryable() && error.message.contains("again in 4 s, or in 24 s if"), "{error}");
    }
}
