//! A turn of a limit that other processes share: the first of this process's queue asks the store for it.

use std::sync::Arc;
use std::time::Duration;

use super::store::{NoAnswer, Store, Told};
use super::{Hold, Limiter, NoTurn, Place, Turn};
use crate::cancel::CancelToken;
use crate::clock::Moment;
use crate::rate::Rate;
use crate::signal::{Signal, lock};

/// A limit in a store, and what is done while that is away.
pub(super) struct Fleet {
    pub(super) store: Store,
    /// How often this process asks by itself; `None`: not at all.
    pub(super) fallback: Option<Rate>,
}

/// How often a waiter looks whether the store is back, while it waits for a turn of this process alone.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How soon a waiter asks again with another ticket.
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

impl Limiter {
    pub(super) fn acquire_in(
        self: &Arc<Self>,
        fleet: &Fleet,
        deadline: Moment,
        signal: &Arc<Signal>,
        cancel: Option<&CancelToken>,
    ) -> Result<Turn, NoTurn> {
        if let (None, Some(why)) = (fleet.fallback, fleet.store.away()) {
            return Err(NoTurn::NoStore(why));
        }
        let place = self.join_fleet(deadline, signal)?;
        let mut asking = Asking { store: &fleet.store, ticket: ticket()?, waits: false };
        let mut wake_at = Moment::ZERO;
        loop {
            let now = self.clock.now();
            if cancel.is_some_and(CancelToken::is_triggered) {
                return Err(NoTurn::Cancelled);
            }
            if now > deadline {
                return Err(NoTurn::DeadlinePassed);
            }
            if !lock(&self.window).is_first(place.ticket) {
                wake_at = deadline;
            } else if now >= wake_at || !asking.waits {
                match fleet.store.ask(&asking.ticket, deadline, signal, cancel) {
                    Ok(Told::Granted(grant)) => {
                        asking.waits = false;
                        return Ok(Turn::new(self, Hold::Store(grant)));
                    }
                    Ok(Told::Wait(wait)) => {
                        asking.waits = true;
                        wake_at = self.clock.now() + wait;
                    }
                    Ok(Told::Hopeless(wait)) => {
                        asking.waits = false;
                        return Err(NoTurn::TooLate { wait });
                    }
                    // Soon, not at once: should the store refuse every ticket, it is not pressed.
                    Ok(Told::Refused) => {
                        asking = Asking { store: &fleet.store, ticket: ticket()?, waits: false };
                        wake_at = self.clock.now() + REFUSED_PAUSE;
                    }
                    Err(NoAnswer::Cancelled) => return Err(NoTurn::Cancelled),
                    Err(NoAnswer::DeadlinePassed) => return Err(NoTurn::DeadlinePassed),
                    Err(NoAnswer::Away(why)) => {
                        if fleet.fallback.is_none() {
                            return Err(NoTurn::NoStore(why));
                        }
                        // What became of the last question is not known.
                        asking = Asking { store: &fleet.store, ticket: ticket()?, waits: false };
                        let mut window = lock(&self.window);
                        let now = self.clock.now();
                        if window.take_in_turn(place.ticket, now) {
                            return Ok(self.turn(&window));
                        }
                        let again = now + LOOK_AGAIN;
                        wake_at = window.next_change(place.ticket, now).map_or(again, |change| change.min(again));
                    }
                }
            }
            // One tick past the deadline, so that the next look finds it passed.
            self.clock.wait(signal, wake_at.min(deadline) + Moment::from_nanos(1));
        }
    }

    /// A place in this process's queue, unless so many are ahead that no turn can come in time.
    fn join_fleet(&self, deadline: Moment, signal: &Arc<Signal>) -> Result<Place<'_>, NoTurn> {
        let mut window = lock(&self.window);
        let rounds = u32::try_from(window.waiting() / self.rate.slots()).unwrap_or(u32::MAX);
        let wait = self.rate.rest().saturating_mul(rounds);
        if self.clock.now() + wait > deadline {
            return Err(NoTurn::TooLate { wait });
        }
        Ok(Place { limiter: self, ticket: window.join(Arc::clone(signal)) })
    }
}

/// A place in the store's queue, given up when dropped.
struct Asking<'a> {
    store: &'a Store,
    ticket: String,
    waits: bool,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if self.waits {
            self.store.leave(&self.ticket);
        }
    }
}

/// One that no other process and no child of a fork has.
fn ticket() -> Result<String, NoTurn> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| NoTurn::NoStore(format!("The system gives no random numbers: {error}.")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
