//! What a store's callers and its worker share, under one lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::connection::Connection;
use super::script::{Answer, Settlement, What};
use crate::clock::Moment;
use crate::limiter::window::{ABANDONED_FOR, LOOK_EVERY, UnderWay};
use crate::signal::{Signal, lock};

#[derive(Default)]
pub(crate) struct State {
    /// Counts forks: what the parent holds or waits for is not settled by a child.
    pub(super) epoch: u64,
    /// Not yet taken by the worker; only the first of a process's queue asks.
    pub(super) question: Option<Arc<Question>>,
    /// In the order in which they are to be told.
    pub(super) settlements: VecDeque<Settlement>,
    /// How many there have been, and how many of them are done with.
    pub(super) queued: u64,
    pub(super) told: u64,
    pub(super) abandoned: Vec<Abandoned>,
    /// Between two uses.
    pub(super) connection: Option<Connection>,
    /// Turns granted, and how many of them are held now.
    pub(super) turns: u64,
    pub(super) in_use: usize,
    /// Whether the worker's thread lives.
    pub(super) works: bool,
    /// Whether it is at the store now.
    pub(super) is_busy: bool,
    /// Whether nobody asks any more.
    pub(super) has_ended: bool,
    /// When somebody asked last, or had something to tell.
    pub(super) last_use: Moment,
    /// Why there was no answer last, until there is one.
    pub(super) away: Option<Away>,
    /// The log has been told so.
    pub(super) told_away: bool,
    pub(super) round_trip: Option<Duration>,
    pub(super) last_error: Option<String>,
}

pub(super) struct Away {
    pub(super) why: String,
    pub(super) next_try: Moment,
}

/// One question for a turn.
pub(super) struct Question {
    pub(super) ticket: String,
    pub(super) deadline: Moment,
    pub(super) signal: Arc<Signal>,
    reply: Mutex<Option<Result<Answer, String>>>,
}

/// A request whose caller gave up.
pub(super) struct Abandoned {
    pub(super) ticket: String,
    pub(super) request: Box<dyn UnderWay>,
    pub(super) until: Moment,
}

impl Question {
    pub(super) fn new(ticket: &str, deadline: Moment, signal: &Arc<Signal>) -> Self {
        Question { ticket: ticket.to_owned(), deadline, signal: Arc::clone(signal), reply: Mutex::default() }
    }

    pub(super) fn answer(&self, reply: Result<Answer, String>) {
        *lock(&self.reply) = Some(reply);
        self.signal.give();
    }

    pub(super) fn take_reply(&self) -> Option<Result<Answer, String>> {
        lock(&self.reply).take()
    }
}

/// How long the store is left alone after it gave no answer.
const TRY_EVERY: Duration = Duration::from_secs(1);

impl State {
    pub(super) fn queue(&mut self, settlement: Settlement) {
        self.settlements.push_back(settlement);
        self.queued += 1;
    }

    /// What is no longer worth telling.
    pub(super) fn forget_outdated(&mut self, now: Moment) {
        let before = self.settlements.len();
        self.settlements.retain(|settlement| settlement.tell_by > now);
        self.told += (before - self.settlements.len()) as u64;
    }

    pub(super) fn goes_away(&mut self, why: String, now: Moment) {
        self.last_error = Some(why.clone());
        self.away = Some(Away { why, next_try: now + TRY_EVERY });
    }

    /// Whether a question would only find out what is known already: the worker tries by itself once in a while.
    pub(super) fn is_known_away(&self) -> Option<&str> {
        self.away.as_ref().filter(|_| self.works).map(|away| away.why.as_str())
    }

    /// Requests that are over: their slots rest from now on, for now is the first that we know of it.
    pub(super) fn look_at_abandoned(&mut self, rest: Duration, now: Moment) {
        let over: Vec<_> = self.abandoned.extract_if(.., |each| each.until <= now || each.request.is_over()).collect();
        for each in over {
            // Past its time the store needs no telling: that is what it was told when it began.
            if each.until > now {
                let until = now + rest;
                self.queue(Settlement { what: What::Answered, ticket: each.ticket, until, tell_by: until });
            }
        }
    }

    /// Looks after a request; what the store is to be told of it.
    pub(super) fn abandon(
        &mut self,
        ticket: String,
        request: Box<dyn UnderWay>,
        rest: Duration,
        now: Moment,
    ) -> Settlement {
        self.abandoned.push(Abandoned { ticket: ticket.clone(), request, until: now + ABANDONED_FOR });
        let until = now + ABANDONED_FOR + rest;
        Settlement { what: What::Kept, ticket, until, tell_by: until }
    }

    /// When the worker must wake by itself.
    pub(super) fn next_event(&self, now: Moment, idle_after: Duration) -> Moment {
        let look = (!self.abandoned.is_empty()).then(|| now + LOOK_EVERY);
        let attempt = self.away.as_ref().map(|away| away.next_try);
        look.into_iter().chain(attempt).fold(self.last_use + idle_after, Moment::min)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.question.is_none() && self.settlements.is_empty() && self.abandoned.is_empty() && !self.is_busy
    }

    /// In the child of a fork: all of it belongs to the parent. Dropping a connection closes the child's descriptor alone.
    pub(crate) fn start_anew(&mut self) {
        let (turns, last_error) = (self.turns, self.last_error.take());
        *self = State { epoch: self.epoch + 1, turns, last_error, ..State::default() };
    }
}
