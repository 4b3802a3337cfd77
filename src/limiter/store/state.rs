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

/// How long the ticket of a question is refused whose answer nobody awaits: it may yet come to the store.
pub(super) const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How long a store may stand still and yet learn, when it goes on, that nobody awaits what it had heard before.
const TOLD_FOR: Duration = Duration::from_secs(5 * 60);

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

    /// Nobody awaits the answer any more, but the store may have heard the question, or may yet.
    pub(super) fn given_up(&self, now: Moment) -> Settlement {
        let (until, tell_by) = (now + REFUSED_FOR, now + TOLD_FOR);
        Settlement { what: What::Left, ticket: self.ticket.clone(), until, tell_by }
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
        // A client that is gone keeps no thread for long.
        let is_outdated = |left: &Settlement| self.has_ended && left.what == What::Left && left.until <= now;
        self.settlements.retain(|settlement| settlement.tell_by > now && !is_outdated(settlement));
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
        // Past already when there is something left to tell; then it is not the time to end.
        let end = Some(self.last_use + idle_after).filter(|end| *end > now);
        look.into_iter().chain(attempt).chain(end).min().unwrap_or(now + idle_after)
    }

    /// Asked by the worker alone, which is then not at the store.
    pub(super) fn is_idle(&self) -> bool {
        self.question.is_none() && self.settlements.is_empty() && self.abandoned.is_empty()
    }

    /// In the child of a fork: all of it belongs to the parent. Dropping a connection closes the child's descriptor alone.
    #[cfg(unix)]
    pub(crate) fn start_anew(&mut self) {
        let (turns, last_error) = (self.turns, self.last_error.take());
        *self = State { epoch: self.epoch + 1, turns, last_error, ..State::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_does_not_wake_all_the_time_for_what_it_cannot_tell() {
        let (now, idle_after) = (Moment::from_secs(1_000), Duration::from_secs(30));
        let mut state = State { last_use: now, ..State::default() };
        assert_eq!(state.next_event(now, idle_after), now + idle_after);
        // The store has been away for a minute; a call of an hour's time limit has ended and is still to be told.
        state.goes_away("away".into(), now + Duration::from_secs(60));
        let question = Question::new("one", now, &Arc::default());
        state.queue(question.given_up(now));
        let later = now + Duration::from_secs(60);
        assert_eq!(state.next_event(later, idle_after), later + TRY_EVERY);
    }

    #[test]
    fn what_nobody_awaits_is_told_even_late_but_keeps_no_thread_of_a_client_that_is_gone() {
        let now = Moment::from_secs(1_000);
        let mut state = State::default();
        state.queue(Question::new("one", now, &Arc::default()).given_up(now));
        state.forget_outdated(now + REFUSED_FOR);
        assert_eq!((state.settlements.len(), state.told), (1, 0));
        state.has_ended = true;
        state.forget_outdated(now + REFUSED_FOR);
        assert_eq!((state.settlements.len(), state.told, state.queued), (0, 1, 1));
    }
}
