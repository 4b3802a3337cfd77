//! A limit that many processes share, kept in Redis or Valkey: this process asks there for its turns.
//!
//! Whoever asks never touches the connection: a worker's thread does, so that an answer to the caller, a cancellation or a
//! deadline waits for nothing but itself, whatever the store does. What became of a turn is told to the store behind the
//! caller's back. The scripts (`*.lua`) are the limit itself; only the store's clock counts there.

mod connection;
mod fault;
mod reply;
mod script;
mod standard_streams;
mod state;
mod stream;
mod worker;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::clock::{Clock, Moment, Monotonic};
use crate::config::{Place, SharedLimit, StoreAddress};
use crate::error::Error;
use crate::keys;
use crate::limiter::window::UnderWay;
use crate::signal::{Signal, lock};
use script::{Answer, Keys, Settlement, What};
pub(crate) use state::State;
use state::{Question, REFUSED_FOR};

/// The store of one institution's limit.
pub(crate) struct Store(Arc<Shared>);

/// What callers and worker share.
struct Shared {
    settings: Settings,
    keys: Keys,
    slots: usize,
    rest: Duration,
    state: Mutex<State>,
    /// Given when the worker has something to do, and when it has done it.
    change: Condvar,
}

/// How the store is reached. Two are equal if they reach the same one in the same way.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    store: StoreAddress,
    prefix: String,
    timeout: Duration,
    /// Of `caFile`, in DER; they are trusted beside the bundled ones.
    roots: Vec<Vec<u8>>,
}

/// The answer to a question for a turn.
pub(crate) enum Told {
    Granted(Grant),
    /// Ask again after exactly this long.
    Wait(Duration),
    /// The wait would outlast the call; there is nothing to leave.
    Hopeless(Duration),
    /// Ask with another ticket.
    Refused,
}

/// What people who watch a store's limit see of it, as far as this process knows.
pub(crate) struct Figures {
    /// Slots of this process's requests under way, abandoned ones included.
    pub(crate) in_use: usize,
    /// Turns granted to this process so far.
    pub(crate) turns: u64,
    /// Whether it gave an answer last; `None`: it has not been asked.
    pub(crate) reachable: Option<bool>,
    pub(crate) last_error: Option<String>,
    /// Of the last answer.
    pub(crate) round_trip: Option<Duration>,
}

/// Why a question got no answer.
pub(crate) enum NoAnswer {
    /// The store is away; the sentence says why.
    Away(String),
    DeadlinePassed,
    Cancelled,
}

/// A turn that the store granted; of a child's epoch after a fork it is the parent's.
pub(crate) struct Grant {
    ticket: String,
    epoch: u64,
    /// When it ends by itself.
    until: Moment,
}

impl Settings {
    /// # Errors
    /// `CREDENTIAL`: the roots cannot be read.
    pub(crate) fn new(limit: &SharedLimit) -> Result<Self, Error> {
        let roots = limit.ca_file.as_ref().map(keys::load_roots).transpose()?.unwrap_or_default();
        Ok(Settings { store: limit.store.clone(), prefix: limit.prefix.clone(), timeout: limit.timeout, roots })
    }
}

impl Store {
    /// `of` names the institution and its address.
    pub(crate) fn new(settings: Settings, of: &str, slots: usize, rest: Duration) -> Self {
        let keys = Keys::new(&settings.prefix, of);
        let state = Mutex::default();
        Store(Arc::new(Shared { settings, keys, slots, rest, state, change: Condvar::new() }))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Asks for a turn and awaits the answer, for as long as a question may take, until `deadline` or until cancelled.
    pub(crate) fn ask(
        &self,
        ticket: &str,
        deadline: Moment,
        signal: &Arc<Signal>,
        cancel: Option<&CancelToken>,
    ) -> Result<Told, NoAnswer> {
        let asked = Monotonic.now();
        let question = Arc::new(Question::new(ticket, deadline, signal));
        let epoch = {
            let mut state = lock(&self.0.state);
            state.last_use = asked;
            if let Some(why) = state.is_known_away() {
                return Err(NoAnswer::Away(why.to_owned()));
            }
            state.question = Some(Arc::clone(&question));
            if let Err(refusal) = self.0.wake(&mut state) {
                state.question = None;
                return Err(NoAnswer::Away(refusal));
            }
            state.epoch
        };
        let until = deadline.min(asked + self.0.settings.timeout);
        loop {
            if let Some(reply) = question.take_reply() {
                return match reply.map_err(NoAnswer::Away)? {
                    Answer::Granted => {
                        let mut state = lock(&self.0.state);
                        state.turns += 1;
                        state.in_use += 1;
                        Ok(Told::Granted(Grant { ticket: ticket.to_owned(), epoch, until: deadline + self.0.rest }))
                    }
                    Answer::Wait(wait) => Ok(Told::Wait(wait)),
                    Answer::Hopeless(wait) => Ok(Told::Hopeless(wait)),
                    Answer::Refused => Ok(Told::Refused),
                };
            }
            let now = Monotonic.now();
            let is_cancelled = cancel.is_some_and(CancelToken::is_triggered);
            if is_cancelled || now >= until {
                return Err(self.withdraw(&question, is_cancelled, now - asked));
            }
            Monotonic.wait(signal, until);
        }
    }

    /// Nobody awaits the answer any more.
    fn withdraw(&self, question: &Arc<Question>, is_cancelled: bool, waited: Duration) -> NoAnswer {
        let now = Monotonic.now();
        let mut state = lock(&self.0.state);
        if state.question.as_ref().is_some_and(|asked| Arc::ptr_eq(asked, question)) {
            state.question = None;
        } else {
            self.tell(&mut state, question.given_up(now));
        }
        if is_cancelled {
            return NoAnswer::Cancelled;
        }
        if waited < self.0.settings.timeout {
            // An impatient call says nothing about the store.
            return NoAnswer::DeadlinePassed;
        }
        let why = self.0.settings.told(&self.0.settings.too_slow(waited));
        state.goes_away(why.clone(), now);
        NoAnswer::Away(why)
    }

    /// Why a question would get no answer, if that is known.
    pub(crate) fn away(&self) -> Option<String> {
        let mut state = lock(&self.0.state);
        let why = state.is_known_away()?.to_owned();
        // Who is refused so is a reason to go on trying: else the next one would have to find out anew.
        state.last_use = Monotonic.now();
        Some(why)
    }

    /// A waiter gave up between two questions.
    pub(crate) fn leave(&self, ticket: &str) {
        let now = Monotonic.now();
        self.tell(
            &mut lock(&self.0.state),
            Settlement { what: What::Left, ticket: ticket.to_owned(), until: now, tell_by: now + REFUSED_FOR },
        );
    }

    /// The answer came, or the attempt failed: the slot rests from now on.
    pub(crate) fn answered(&self, grant: &Grant) {
        let until = Monotonic.now() + self.0.rest;
        let ticket = grant.ticket.clone();
        self.ends(grant, Settlement { what: What::Answered, ticket, until, tell_by: until.max(grant.until) });
    }

    /// No byte was written.
    pub(crate) fn unsent(&self, grant: &Grant) {
        let (ticket, until) = (grant.ticket.clone(), Monotonic.now());
        self.ends(grant, Settlement { what: What::Unsent, ticket, until, tell_by: grant.until });
    }

    /// The caller gave up, but the platform may yet read the request.
    pub(crate) fn abandon(&self, grant: &Grant, request: Box<dyn UnderWay>) {
        let mut state = lock(&self.0.state);
        if state.epoch == grant.epoch {
            state.in_use -= 1;
            let kept = state.abandon(grant.ticket.clone(), request, self.0.rest, Monotonic.now());
            self.tell(&mut state, kept);
        }
    }

    fn ends(&self, grant: &Grant, settlement: Settlement) {
        let mut state = lock(&self.0.state);
        // What a child of a fork holds is its parent's.
        if state.epoch == grant.epoch {
            state.in_use -= 1;
            self.tell(&mut state, settlement);
        }
    }

    fn tell(&self, state: &mut State, settlement: Settlement) {
        state.queue(settlement);
        state.last_use = Monotonic.now();
        // Without a thread a slot is held until its time ends, which the store knows.
        let _ = self.0.wake(state);
    }

    pub(crate) fn figures(&self) -> Figures {
        let state = lock(&self.0.state);
        let was_asked = state.round_trip.is_some() || state.last_error.is_some();
        Figures {
            in_use: state.in_use + state.abandoned.len(),
            turns: state.turns,
            reachable: was_asked.then_some(state.away.is_none()),
            last_error: state.last_error.clone(),
            round_trip: state.round_trip,
        }
    }

    /// Waits until the store has been told everything, for as long as a question may take: the process may be about to end.
    pub(crate) fn flush(&self) {
        let until = Monotonic.now() + self.0.settings.timeout;
        let mut state = lock(&self.0.state);
        let queued = state.queued;
        while state.told < queued && state.away.is_none() && state.works {
            let left = until.saturating_sub(Monotonic.now());
            if left.is_zero() {
                return;
            }
            state = self.0.wait(state, left);
        }
    }

    /// A sentence for the log when the store has gone away, or has come back, since this was asked last.
    pub(crate) fn news(&self) -> Option<String> {
        let mut state = lock(&self.0.state);
        let is_away = state.away.is_some();
        if is_away == state.told_away {
            return None;
        }
        state.told_away = is_away;
        Some(match &state.away {
            Some(away) => away.why.clone(),
            None => self.0.settings.told("answers again."),
        })
    }

    /// For `fork`, which must not happen while somebody changes it.
    #[cfg(unix)]
    pub(crate) fn state(&self) -> &Mutex<State> {
        &self.0.state
    }
}

impl Drop for Store {
    /// The worker tells what is left to tell, and ends.
    fn drop(&mut self) {
        lock(&self.0.state).has_ended = true;
        self.0.change.notify_all();
    }
}

impl Settings {
    fn too_slow(&self, waited: Duration) -> String {
        let is_tls = matches!(self.store.place, Place::Tcp { tls: true, .. });
        format!(
            "did not answer within {} ms (rateLimit.shared.timeoutMs, or what was left of the call's time).{}",
            waited.min(self.timeout).as_millis(),
            if is_tls { " Does it want TLS at that port? Without TLS it is redis://." } else { "" }
        )
    }

    /// A sentence about the store; nothing secret.
    fn told(&self, what: &str) -> String {
        format!("The shared limit's store at {} {what}", self.store)
    }
}
