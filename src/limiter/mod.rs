//! The process-wide limit: one window for each address and institution, shared by every client in the process.
//!
//! The promise: no interval of one second as the platform sees it, wherever it starts, holds more than N requests. It
//! holds because a request occupies one of N slots until one second *after its answer*: whatever the network delays, the
//! platform saw the request before it answered, so more than one second earlier than the next request of the same slot.
//! A caller who gives up does not change that: an abandoned request keeps its slot, and its connection, until the answer
//! or the connection's end is seen. Not promised is what the platform reads later than [`window::ABANDONED_FOR`] after
//! its caller gave up, or after something in between closed the connection towards us.

mod registry;
mod window;

use std::sync::Arc;

use crate::cancel::CancelToken;
use crate::clock::{Clock, Moment};
use crate::signal::{Signal, lock};
use crate::sync::Mutex;

pub(crate) use registry::{Limiters, WindowKey, hold, shared};
pub(crate) use window::{Figures, UnderWay, Window};

/// Hands out turns of one window. Every method may be called from any thread.
pub(crate) struct Limiter {
    per_second: u32,
    clock: Arc<dyn Clock>,
    window: Mutex<Window>,
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
}

impl Limiter {
    pub(crate) fn new(per_second: u32, clock: Arc<dyn Clock>) -> Self {
        Limiter { per_second, clock, window: Mutex::new(Window::new(per_second as usize)) }
    }

    pub(crate) fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Waits for a turn, first come first served. `cancel` must have been told to give `signal`.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        deadline: Moment,
        signal: &Arc<Signal>,
        cancel: Option<&CancelToken>,
    ) -> Result<Turn, NoTurn> {
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

    /// What the window does now, and has done.
    pub(crate) fn figures(&self) -> Figures {
        lock(&self.window).figures(self.clock.now())
    }

    /// For `fork`, which must not happen while somebody changes it.
    pub(crate) fn window(&self) -> &Mutex<Window> {
        &self.window
    }

    /// Whether nobody holds, awaits or recently used a slot.
    fn is_idle(&self) -> bool {
        lock(&self.window).is_idle(self.clock.now())
    }

    fn turn(self: &Arc<Self>, window: &Window) -> Turn {
        Turn { limiter: Arc::clone(self), epoch: window.epoch(), end: End::Answered }
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
    epoch: u64,
    end: End,
}

/// How the request of a turn ended, as far as its caller waited for it.
enum End {
    Answered,
    Unsent,
    Abandoned,
}

impl Turn {
    /// Gives the slot back at once: no byte of the request was written.
    pub(crate) fn give_back_unused(mut self) {
        self.end = End::Unsent;
    }

    /// Keeps the slot taken: nobody waits for the answer any more, but the platform may yet read the request.
    pub(crate) fn abandon(mut self, request: Box<dyn UnderWay>) {
        self.end = End::Abandoned;
        let now = self.limiter.clock.now();
        lock(&self.limiter.window).abandon(self.epoch, now, request);
    }
}

impl Drop for Turn {
    /// The answer came or the attempt failed: the slot is free again one second from now.
    fn drop(&mut self) {
        if matches!(self.end, End::Abandoned) {
            return;
        }
        let mut window = lock(&self.limiter.window);
        let now = self.limiter.clock.now();
        window.give_back(self.epoch, now, matches!(self.end, End::Answered));
    }
}

#[cfg(test)]
mod tests;
