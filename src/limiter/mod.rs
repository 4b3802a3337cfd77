//! The process-wide limit: one window for each address and institution, shared by every client in the process.
//!
//! The promise: no interval of one second as the platform sees it, wherever it starts, holds more than N requests. It
//! holds because a request occupies one of N slots until one second *after its answer*: whatever the network delays, the
//! platform saw the request before it answered, so more than one second earlier than the next request of the same slot.
//! Less than one request a second is one slot that rests longer.
//! A caller who gives up does not change that: an abandoned request keeps its slot, and its connection, until the answer
//! or the connection's end is seen. Not promised is what the platform reads later than [`window::ABANDONED_FOR`] after
//! its caller gave up, or after something in between closed the connection towards us.

mod fleet;
#[cfg(not(feature = "redis"))]
#[path = "no_store.rs"]
mod store;
#[cfg(feature = "redis")]
mod store;

mod registry;
mod window;

use std::sync::Arc;

use crate::cancel::CancelToken;
use crate::clock::{Clock, Moment};
use crate::rate::Rate;
use crate::signal::{Signal, lock};
use crate::sync::Mutex;

use fleet::Fleet;
#[cfg(unix)]
pub(crate) use registry::Limiters;
pub(crate) use registry::{WindowKey, hold, leave, shared};
#[cfg(all(unix, feature = "redis"))]
pub(crate) use store::State as StoreState;
pub(crate) use store::{Figures as StoreFigures, Settings as StoreSettings};
use store::{Grant, Store};
pub(crate) use window::{Figures, UnderWay, Window};

/// Hands out turns of one window. Every method may be called from any thread.
pub(crate) struct Limiter {
    rate: Rate,
    clock: Arc<dyn Clock>,
    /// The queue of this process, and the slots that it has to itself.
    window: Mutex<Window>,
    /// The limit is shared with other processes.
    fleet: Option<Fleet>,
}

/// Why there is no turn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoTurn {
    /// None can come before the deadline; `wait` is how long the shortest possible wait would be.
    TooLate { wait: Moment },
    /// The deadline came while waiting.
    DeadlinePassed,
    /// The call was cancelled while waiting.
    Cancelled,
    /// The store of the shared limit is away; the sentence says why.
    NoStore(String),
}

impl Limiter {
    pub(crate) fn new(rate: Rate, clock: Arc<dyn Clock>) -> Self {
        Limiter { rate, clock, window: Mutex::new(Window::new(rate.slots(), rate.rest())), fleet: None }
    }

    /// The same kept in a store under a name, for all processes that ask there; `fallback` is this process's own while
    /// that is away.
    #[cfg_attr(not(feature = "redis"), allow(unreachable_code, unused_variables, reason = "there is no store"))]
    pub(crate) fn in_store(
        rate: Rate,
        clock: Arc<dyn Clock>,
        of: &str,
        settings: StoreSettings,
        fallback: Option<Rate>,
    ) -> Self {
        let store = Store::new(settings, of, rate.slots(), rate.rest());
        let own = Limiter::new(fallback.unwrap_or(rate), clock);
        Limiter { rate, fleet: Some(Fleet { store, fallback }), ..own }
    }

    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Waits for a turn, first come first served. `cancel` must have been told to give `signal`.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        deadline: Moment,
        signal: &Arc<Signal>,
        cancel: Option<&CancelToken>,
    ) -> Result<Turn, NoTurn> {
        if let Some(fleet) = &self.fleet {
            return self.acquire_in(fleet, deadline, signal, cancel);
        }
        let ticket = {
            let mut window = lock(&self.window);
            let now = self.clock.now();
            if window.take_at_once(now) {
                return Ok(self.turn(&window));
            }
            let earliest = window.earliest_turn(now);
            if earliest > deadline {
                return Err(NoTurn::TooLate { wait: earliest - now });
            }
            window.join(Arc::clone(signal))
        };
        // Leaves the queue also when this thread panics.
        let place = Place { limiter: self, ticket };
        loop {
            let wake_at = {
                let mut window = lock(&self.window);
                let now = self.clock.now();
                if cancel.is_some_and(CancelToken::is_triggered) {
                    return Err(NoTurn::Cancelled);
                }
                if now > deadline {
                    return Err(NoTurn::DeadlinePassed);
                }
                if window.take_in_turn(place.ticket, now) {
                    return Ok(self.turn(&window));
                }
                window.next_change(place.ticket, now).map_or(deadline, |change| change.min(deadline))
            };
            // One tick past the deadline, so that the next look finds it passed.
            self.clock.wait(signal, wake_at + Moment::from_nanos(1));
        }
    }

    /// What the window does now, and has done; of a store's, what this process does there.
    pub(crate) fn figures(&self) -> Figures {
        let mut figures = lock(&self.window).figures(self.clock.now());
        if let Some(store) = self.store_figures() {
            figures.in_use += store.in_use;
            figures.turns += store.turns;
        }
        figures
    }

    /// What is known of the store of a shared limit.
    pub(crate) fn store_figures(&self) -> Option<StoreFigures> {
        self.fleet.as_ref().map(|fleet| fleet.store.figures())
    }

    /// For `fork`, which must not happen while somebody changes it.
    #[cfg(unix)]
    pub(crate) fn window(&self) -> &Mutex<Window> {
        &self.window
    }

    /// For `fork` as well.
    #[cfg(all(unix, feature = "redis"))]
    pub(crate) fn store_state(&self) -> Option<&std::sync::Mutex<StoreState>> {
        self.fleet.as_ref().map(|fleet| fleet.store.state())
    }

    /// Who has these calls a second together, for messages.
    pub(crate) fn sharers(&self) -> &'static str {
        if self.fleet.is_some() { "all processes that use this limit's store" } else { "all clients of this process" }
    }

    /// Waits until a store knows what became of every turn, or for as long as it may take to answer.
    pub(crate) fn flush(&self) {
        if let Some(fleet) = &self.fleet {
            fleet.store.flush();
        }
    }

    /// A sentence for the log when a store has gone away, or has come back, since this was asked last.
    pub(crate) fn news(&self) -> Option<String> {
        let fleet = self.fleet.as_ref()?;
        let news = fleet.store.news()?;
        Some(match (fleet.fallback, fleet.store.away()) {
            (Some(rate), Some(_)) => {
                format!("{news} Until it is back this process keeps to {} by itself.", rate.in_words())
            }
            _ => news,
        })
    }

    /// Whether nobody holds, awaits or recently used a slot. What a store knows needs no limiter to be remembered.
    fn is_idle(&self) -> bool {
        lock(&self.window).is_idle(self.clock.now())
    }

    fn turn(self: &Arc<Self>, window: &Window) -> Turn {
        Turn::new(self, Hold::Window { epoch: window.epoch() })
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    limiter: &'a Limiter,
    ticket: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.limiter.window).leave(self.ticket);
    }
}

/// The right to send one request. Dropping it, on whatever path, gives the slot back.
pub(crate) struct Turn {
    limiter: Arc<Limiter>,
    hold: Hold,
    end: End,
}

/// Whose slot it is.
enum Hold {
    /// This process's own, taken before the fork that the epoch counts.
    Window {
        epoch: u64,
    },
    Store(Grant),
}

/// How the request of a turn ended, as far as its caller waited for it.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Answered,
    Unsent,
    Abandoned,
}

impl Turn {
    fn new(limiter: &Arc<Limiter>, hold: Hold) -> Self {
        Turn { limiter: Arc::clone(limiter), hold, end: End::Answered }
    }

    /// Gives the slot back at once: no byte of the request was written.
    pub(crate) fn give_back_unused(mut self) {
        self.end = End::Unsent;
    }

    /// Keeps the slot taken: nobody waits for the answer any more, but the platform may yet read the request.
    pub(crate) fn abandon(mut self, request: Box<dyn UnderWay>) {
        self.end = End::Abandoned;
        match (&self.hold, &self.limiter.fleet) {
            (Hold::Store(grant), Some(fleet)) => fleet.store.abandon(grant, request),
            (Hold::Window { epoch }, _) => {
                let now = self.limiter.clock.now();
                lock(&self.limiter.window).abandon(*epoch, now, request);
            }
            (Hold::Store(_), None) => {}
        }
    }
}

impl Drop for Turn {
    /// The answer came or the attempt failed: the slot is free again after its rest.
    fn drop(&mut self) {
        match (&self.hold, &self.limiter.fleet, self.end) {
            (_, _, End::Abandoned) | (Hold::Store(_), None, _) => {}
            (Hold::Store(grant), Some(fleet), End::Answered) => fleet.store.answered(grant),
            (Hold::Store(grant), Some(fleet), End::Unsent) => fleet.store.unsent(grant),
            (Hold::Window { epoch }, _, end) => {
                let mut window = lock(&self.limiter.window);
                let now = self.limiter.clock.now();
                window.give_back(*epoch, now, end == End::Answered);
            }
        }
    }
}

#[cfg(test)]
mod tests;
