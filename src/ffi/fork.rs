//! `fork()` in a process that uses this library: gunicorn, multiprocessing, php-fpm.
//!
//! A child has only the thread that forked. What another thread held or was changing at that moment would stay so for
//! ever, so before a fork every lock that outlives a call is taken, in one order, and given back after it on both sides.
//! The child gets fresh connections, an empty queue, and keeps the slots that the parent's calls occupied for their rest.
//! Random numbers come from the operating system, so a child never repeats its parent's.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use once_cell::sync::Lazy;

use super::{handle, load};
use crate::cancel::CancelToken;
use crate::clock::{Clock, Monotonic};
use crate::limiter::{self, Limiter, Window};
use crate::signal::{Signal, lock};
use crate::transport::{self, Connections};
use crate::{crypto, envelope, log};

/// Has forks of this process handled from now on. To be called before a client is made.
pub(crate) fn install() {
    // No `Once`: in a child of a fork that came in the middle of it, everybody would wait for it for ever.
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    // SAFETY: plain functions that cannot unwind out of `extern "C"`. libyspay.so stays loaded (see build.rs), and the C
    // library forgets the handlers of an unloaded plugin that this library is a part of.
    let failed = unsafe { libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child)) };
    if failed != 0 {
        log::log(log::Level::Warn, || {
            "no memory to prepare for forks: do not use this library after a fork".to_owned()
        });
    }
}

thread_local! {
    /// Between `before` and `after_…`, on the thread that forks.
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

/// What is made once for the process, on first use. If another thread is making it, a child would wait for it for ever.
static MADE: Lazy<()> = Lazy::new(|| {
    let _ = Monotonic.now();
    crypto::prepare();
    load::prepare();
});

extern "C" fn before() {
    Lazy::force(&MADE);
    let _ = HELD.try_with(|held| held.replace(Some(Held::take())));
}

extern "C" fn after_in_parent() {
    let _ = HELD.try_with(|held| held.replace(None));
}

extern "C" fn after_in_child() {
    let _ = HELD.try_with(|held| {
        if let Some(mut held) = held.take() {
            held.start_anew();
        }
    });
}

/// Every lock that outlives a call.
struct Held {
    windows: Vec<Owned<Limiter, Window>>,
    #[cfg(feature = "redis")]
    stores: Vec<Owned<Limiter, limiter::StoreState>>,
    connections: Vec<Owned<Connections, ureq::Agent>>,
    watching: Vec<Owned<CancelToken, Vec<Arc<Signal>>>>,
    _handles: MutexGuard<'static, handle::Registry>,
    _limiters: MutexGuard<'static, limiter::Limiters>,
    _transports: MutexGuard<'static, transport::Transports>,
    look_ups: MutexGuard<'static, transport::LookUps>,
    _flow_ids: MutexGuard<'static, envelope::GivenIds>,
    _tables: MutexGuard<'static, crypto::Tables>,
    _sink: MutexGuard<'static, Option<log::Sink>>,
}

impl Held {
    /// In the order in which nested locks are taken elsewhere: a registry before what it lists.
    fn take() -> Self {
        let handles = handle::hold();
        let limiters = limiter::hold();
        let transports = transport::hold();
        Held {
            windows: limiters.values().map(|limiter| Owned::lock(Arc::clone(limiter), Limiter::window)).collect(),
            #[cfg(feature = "redis")]
            stores: limiters
                .values()
                .filter(|limiter| limiter.store_state().is_some())
                .map(|limiter| Owned::lock(Arc::clone(limiter), |limiter| limiter.store_state().expect("just seen")))
                .collect(),
            connections: transports.live().map(|connections| Owned::lock(connections, Connections::agent)).collect(),
            watching: handles
                .cancel_tokens()
                .map(|token| Owned::lock(Arc::new(token), CancelToken::watching))
                .collect(),
            _handles: handles,
            _limiters: limiters,
            _transports: transports,
            look_ups: transport::hold_look_ups(),
            _flow_ids: envelope::hold(),
            _tables: crypto::hold(),
            _sink: log::hold(),
        }
    }

    /// In the child: what other threads were doing will never be finished.
    fn start_anew(&mut self) {
        let now = Monotonic.now();
        for window in &mut self.windows {
            window.guard.start_anew(now);
        }
        #[cfg(feature = "redis")]
        for store in &mut self.stores {
            store.guard.start_anew();
        }
        for connections in &mut self.connections {
            let fresh = connections.owner.make();
            *connections.guard = fresh;
        }
        self.look_ups.forget();
        for watching in &mut self.watching {
            watching.guard.clear();
        }
        #[cfg(feature = "python")]
        super::python_exit::start_anew();
    }
}

/// A lock held together with what it belongs to.
struct Owned<O: 'static, T: 'static> {
    // Declared first, so dropped first.
    guard: MutexGuard<'static, T>,
    owner: Arc<O>,
}

impl<O, T> Owned<O, T> {
    fn lock(owner: Arc<O>, mutex: impl FnOnce(&O) -> &Mutex<T>) -> Self {
        let mutex: *const Mutex<T> = mutex(&owner);
        // SAFETY: the mutex is inside `owner`, or shared by it, which `Owned` keeps alive and in place (behind an `Arc`)
        // for longer than the guard.
        let guard = lock(unsafe { &*mutex });
        Owned { guard, owner }
    }
}
