//! The window itself: slots and a queue, told the time by its caller, so that it can be tested without waiting.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::signal::Signal;

/// How long an abandoned request occupies its slot at the most: as long as the platform's own SDK waits for an answer.
pub(crate) const ABANDONED_FOR: Duration = Duration::from_secs(20);

/// How often the abandoned requests are looked at, by a waiter and by all together.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A request that was sent and whose caller gave up: the platform may not have read it yet.
pub(crate) trait UnderWay: Send {
    /// Whether its answer, or the end of its connection, has been seen. Asked under the window's lock, so it may wait for a
    /// millisecond at most.
    fn is_over(&mut self) -> bool;
}

struct Abandoned {
    request: Box<dyn UnderWay>,
    until: Moment,
}

/// What people who watch a window see of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Slots whose request is under way, abandoned ones included.
    pub(crate) in_use: usize,
    /// Slots that nobody uses and that are not free yet.
    pub(crate) resting: usize,
    pub(crate) waiting: usize,
    /// Turns granted so far.
    pub(crate) turns: u64,
}

pub(crate) struct Window {
    /// How long a slot rests after its request was answered.
    rest: Duration,
    /// When each slot that is not in use becomes, or became, free; earliest first.
    free: VecDeque<Moment>,
    /// Abandoned requests count, too.
    in_use: usize,
    /// Oldest first.
    abandoned: Vec<Abandoned>,
    /// When they may be looked at again: many may ask for a turn at once, and a look holds the window's lock.
    next_look: Moment,
    /// First come, first served; tickets grow from front to back.
    queue: VecDeque<(u64, Arc<Signal>)>,
    next_ticket: u64,
    /// Counts forks: a turn taken before one is not given back after it.
    epoch: u64,
    /// Turns granted so far.
    turns: u64,
}

impl Window {
    pub(crate) fn new(slots: usize, rest: Duration) -> Self {
        Window {
            rest,
            free: std::iter::repeat_n(Moment::ZERO, slots).collect(),
            in_use: 0,
            abandoned: Vec::new(),
            next_look: Moment::ZERO,
            queue: VecDeque::new(),
            next_ticket: 0,
            epoch: 0,
            turns: 0,
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Takes the slot that has been free longest, if one is free and nobody waits.
    pub(crate) fn take_at_once(&mut self, now: Moment) -> bool {
        self.queue.is_empty() && self.take(now)
    }

    /// The earliest turn that somebody who joined now could have: every answer under way comes now, and everyone
    /// ahead takes the earliest turn.
    pub(crate) fn earliest_turn(&self, now: Moment) -> Moment {
        let slots = self.free.len() + self.in_use;
        let (rounds, place) = (self.queue.len() / slots, self.queue.len() % slots);
        // Slots come free within one rest of each other, so the queue goes round them in the same order.
        let first = self.free.get(place).map_or(now + self.rest, |free| now.max(*free));
        first + self.rest * u32::try_from(rounds).unwrap_or(u32::MAX)
    }

    /// How many stand in the queue.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Joins the queue; `signal` is given whenever a look may be worthwhile.
    pub(crate) fn join(&mut self, signal: Arc<Signal>) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.queue.push_back((ticket, signal));
        ticket
    }

    /// Takes a slot for the first in the queue, and for nobody else. The place in the queue stays until it is left.
    pub(crate) fn take_in_turn(&mut self, ticket: u64, now: Moment) -> bool {
        self.is_first(ticket) && self.take(now)
    }

    /// When the holder of `ticket` should look again if no signal comes.
    pub(crate) fn next_change(&self, ticket: u64, now: Moment) -> Option<Moment> {
        if !self.is_first(ticket) {
            return None;
        }
        let next_look = if self.next_look > now { self.next_look } else { now + LOOK_EVERY };
        let look = (!self.abandoned.is_empty()).then_some(next_look);
        self.free.front().copied().into_iter().chain(look).min()
    }

    /// Leaves the queue, with or without a turn; costs nobody else theirs.
    pub(crate) fn leave(&mut self, ticket: u64) {
        let Ok(index) = self.queue.binary_search_by_key(&ticket, |(ticket, _)| *ticket) else { return };
        self.queue.remove(index);
        if index == 0 {
            self.wake_first();
        }
    }

    /// Gives a slot back: free after its rest, or at once if no byte was written.
    pub(crate) fn give_back(&mut self, epoch: u64, now: Moment, wrote: bool) {
        if epoch != self.epoch {
            return;
        }
        self.in_use -= 1;
        let free = if wrote { now + self.rest } else { now };
        self.free.insert(self.free.partition_point(|other| *other <= free), free);
        self.wake_first();
    }

    /// Keeps the slot of a request that nobody waits for any more, until that is over.
    pub(crate) fn abandon(&mut self, epoch: u64, now: Moment, request: Box<dyn UnderWay>) {
        if epoch == self.epoch {
            // Where turns never run out nobody else looks, and connections must not gather.
            self.look_at_abandoned(now);
            self.abandoned.push(Abandoned { request, until: now + ABANDONED_FOR });
        }
    }

    /// In the child of a fork: whoever waited or held a slot is gone, but the platform may see their requests now. The
    /// connections of abandoned ones are the parent's; dropping them closes the child's descriptors alone.
    #[cfg(unix)]
    pub(crate) fn start_anew(&mut self, now: Moment) {
        self.epoch += 1;
        self.queue.clear();
        self.abandoned.clear();
        let held = std::mem::take(&mut self.in_use);
        self.free.extend(std::iter::repeat_n(now + self.rest, held));
    }

    pub(crate) fn is_idle(&mut self, now: Moment) -> bool {
        self.look_at_abandoned(now);
        self.in_use == 0 && self.queue.is_empty() && self.free.back().is_none_or(|free| *free <= now)
    }

    pub(crate) fn figures(&mut self, now: Moment) -> Figures {
        self.look_at_abandoned(now);
        Figures {
            in_use: self.in_use,
            resting: self.free.len() - self.free.partition_point(|free| *free <= now),
            waiting: self.queue.len(),
            turns: self.turns,
        }
    }

    fn take(&mut self, now: Moment) -> bool {
        if !self.has_free(now) || self.abandoned.first().is_some_and(|oldest| oldest.until <= now) {
            self.look_at_abandoned(now);
        }
        if !self.has_free(now) {
            return false;
        }
        self.free.pop_front();
        self.in_use += 1;
        self.turns += 1;
        true
    }

    fn has_free(&self, now: Moment) -> bool {
        self.free.front().is_some_and(|free| *free <= now)
    }

    /// Slots of requests that are over rest from now on, for now is the first that we know of it; or from the end of their
    /// time, when nobody looked before.
    fn look_at_abandoned(&mut self, now: Moment) {
        let asks = !self.abandoned.is_empty() && self.next_look <= now;
        if asks {
            self.next_look = now + LOOK_EVERY;
        }
        let over: Vec<Moment> = self
            .abandoned
            .extract_if(.., |each| each.until <= now || (asks && each.request.is_over()))
            .map(|each| each.until.min(now))
            .collect();
        for end in over {
            self.give_back(self.epoch, end, true);
        }
    }

    /// Whether it is next.
    pub(crate) fn is_first(&self, ticket: u64) -> bool {
        self.queue.front().is_some_and(|(first, _)| *first == ticket)
    }

    fn wake_first(&self) {
        if let Some((_, signal)) = self.queue.front() {
            signal.give();
        }
    }
}
