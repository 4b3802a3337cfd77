//! What the store has to do, said a second time, from the promise: a request holds one of n slots until a rest after its
//! answer; first come, first served; whoever waits is told the earliest moment that its turn can come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How long after the moment that it was told a waiter counts as gone.
pub(crate) const MISSED: i64 = 2_000_000;

pub(crate) type Ticket = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Granted { ahead: usize },
    Wait { us: i64, ahead: usize },
    Hopeless { us: i64, ahead: usize },
    Refused,
}

impl Answer {
    pub(crate) fn reply(self) -> Vec<i64> {
        match self {
            Answer::Granted { ahead } => vec![1, 0, ahead as i64],
            Answer::Wait { us, ahead } | Answer::Hopeless { us, ahead } => vec![0, us, ahead as i64],
            Answer::Refused => vec![-1, 0, 0],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Answered,
    Kept,
    Unsent,
    Left,
}

/// Times in microseconds.
pub(crate) struct Definition {
    n: usize,
    rest: i64,
    /// The time that has passed; it stands still while the store's clock is set back.
    now: i64,
    /// What the store's clock showed last.
    clock: Option<i64>,
    /// Since when anything is remembered.
    since: Option<i64>,
    /// When the slot of each ticket is free again.
    held: BTreeMap<Ticket, i64>,
    /// First come, first served.
    line: Vec<Waiter>,
    /// Who left, and until when it is refused.
    refused: BTreeMap<Ticket, i64>,
}

struct Waiter {
    ticket: Ticket,
    /// When it counts as gone.
    gone: i64,
}

impl Definition {
    pub(crate) fn new(n: usize, rest: i64) -> Self {
        Definition {
            n,
            rest,
            now: 0,
            clock: None,
            since: None,
            held: BTreeMap::new(),
            line: Vec::new(),
            refused: BTreeMap::new(),
        }
    }

    pub(crate) fn acquire(&mut self, clock: i64, ticket: Ticket, patience: i64) -> Answer {
        self.see(clock);
        let now = self.now;
        self.held.retain(|_, free| *free > now);
        self.refused.retain(|_, until| *until > now);
        self.line.retain(|waiter| waiter.gone > now);
        if self.held.contains_key(&ticket) {
            return Answer::Granted { ahead: 0 };
        }
        let place = self.line.iter().position(|waiter| waiter.ticket == ticket);
        if place.is_none() && self.refused.contains_key(&ticket) {
            return Answer::Refused;
        }
        let ahead = place.unwrap_or(self.line.len());
        let turn = self.earliest_turn(ahead);
        if turn - now > patience {
            self.line.retain(|waiter| waiter.ticket != ticket);
            return Answer::Hopeless { us: turn - now, ahead };
        }
        if turn == now {
            self.line.retain(|waiter| waiter.ticket != ticket);
            self.held.insert(ticket, now + patience + self.rest);
            return Answer::Granted { ahead };
        }
        // The one of the n before it that came first is the next to be missed, if it is dead.
        let missed = self.line[ahead.saturating_sub(self.n)..ahead].first().map_or(i64::MAX, |waiter| waiter.gone);
        let look = turn.min(missed);
        if place.is_none() {
            self.line.push(Waiter { ticket, gone: 0 });
        }
        self.line[ahead].gone = look + MISSED;
        Answer::Wait { us: look - now, ahead }
    }

    pub(crate) fn settle(&mut self, clock: i64, what: What, ticket: Ticket, us: i64) {
        self.see(clock);
        self.held.remove(&ticket);
        self.line.retain(|waiter| waiter.ticket != ticket);
        let until = self.now + us;
        match what {
            What::Answered | What::Kept if us > 0 => drop(self.held.insert(ticket, until)),
            What::Left if us > 0 => drop(self.refused.insert(ticket, until)),
            _ => {}
        }
    }

    /// The store lost everything.
    pub(crate) fn forget(&mut self) {
        let now = self.now;
        *self = Definition { now, ..Definition::new(self.n, self.rest) };
    }

    /// The store lost its mark alone.
    pub(crate) fn forget_mark(&mut self) {
        self.since = None;
    }

    /// The store lost its waiters alone.
    pub(crate) fn forget_waiters(&mut self) {
        self.line.clear();
        self.refused.clear();
    }

    fn see(&mut self, clock: i64) {
        self.now += clock.saturating_sub(self.clock.unwrap_or(clock)).max(0);
        self.clock = Some(clock);
        self.since.get_or_insert(self.now);
    }

    /// When it is somebody's turn that has `ahead` waiters before it, if from now on all goes as fast as it can: every
    /// request under way is answered now, and whoever gets a turn is answered at once.
    fn earliest_turn(&self, ahead: usize) -> i64 {
        // Of what is forgotten the last was seen before this rest began.
        let rested = self.since.unwrap() + self.rest;
        let mut free: BinaryHeap<_> =
            self.held.values().map(|free| Reverse((*free).min(self.now + self.rest).max(rested))).collect();
        // More than n may be held after an answer that was forgotten before: the first of them make room for nobody.
        while free.len() > self.n {
            free.pop();
        }
        while free.len() < self.n {
            free.push(Reverse(self.now.max(rested)));
        }
        for _ in 0..ahead {
            let Reverse(turn) = free.pop().unwrap();
            free.push(Reverse(turn + self.rest));
        }
        free.pop().unwrap().0
    }
}
