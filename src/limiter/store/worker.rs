//! The thread at the store: takes what there is to ask and to tell, brings it there in one round trip, and hands back the
//! answers. It ends when nobody has asked for a while; the next question starts another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::{Connection, MAX_MOVES};
use super::fault::{Fault, Refusal};
use super::reply::Value;
use super::script::{Answer, Run, Settlement, What};
use super::state::{Question, State};
use super::{Settings, Shared};
use crate::clock::{Clock, Moment, Monotonic};
use crate::signal::lock;
use crate::threads;

/// Also what the connection is kept for.
const IDLE_AFTER: Duration = Duration::from_secs(30);
/// The deepest that was seen is a handshake of TLS.
const STACK: usize = 512 << 10;
/// The most that is told in one round trip.
const MOST_AT_ONCE: usize = 256;
/// Of a ticket that only shows whether the store takes anything.
const PROBE: &str = "probe";

impl Shared {
    /// Has the worker look; starts it if there is none.
    pub(super) fn wake(self: &Arc<Self>, state: &mut State) -> Result<(), String> {
        if !state.works {
            let shared = Arc::clone(self);
            thread::Builder::new()
                .name("yspay-store".into())
                .stack_size(STACK)
                .spawn(move || shared.work())
                .map_err(|error| threads::refused("the shared limit's store", &error))?;
            state.works = true;
        }
        self.change.notify_all();
        Ok(())
    }

    pub(super) fn wait<'a>(&'a self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.change.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    fn work(&self) {
        let _ending = Ending(self);
        while let Some((batch, kept)) = self.next() {
            let mut heard = false;
            let outcome = catch_unwind(AssertUnwindSafe(|| self.bring(&batch, kept, &mut heard)));
            let outcome = outcome.unwrap_or_else(|_| Err("made this library fail; that is a bug of it.".into()));
            self.hand_back(batch, outcome, heard);
        }
    }

    /// Waits for something to do; `None`: the thread ends.
    fn next(&self) -> Option<(Batch, Option<Connection>)> {
        let mut state = lock(&self.state);
        loop {
            let now = Monotonic.now();
            state.look_at_abandoned(self.rest, now);
            state.forget_outdated(now);
            if state.is_idle() && (state.has_ended || now >= state.last_use + IDLE_AFTER) {
                state.works = false;
                state.connection = None;
                return None;
            }
            if let Some(batch) = Batch::take(&mut state, now) {
                return Some((batch, state.connection.take()));
            }
            let until = state.next_event(now, IDLE_AFTER);
            state = self.wait(state, until.saturating_sub(now).max(Duration::from_millis(1)));
        }
    }

    /// One round trip; on another connection if the kept one turns out to be closed. `heard`: the store may have got it.
    fn bring(
        &self,
        batch: &Batch,
        kept: Option<Connection>,
        heard: &mut bool,
    ) -> Result<(Connection, Vec<Value>), String> {
        let begun = Instant::now();
        let until = begun + self.settings.timeout;
        let told = |fault| self.settings.told(&sentence(fault, &self.settings));
        *heard = kept.is_some();
        let mut connection = match kept {
            Some(mut kept) => match self.run(&mut kept, batch, until) {
                Ok(values) => return Ok((kept, values)),
                // Every command may be brought twice.
                Err(Fault::Lost(_)) => Connection::open(&self.settings, until).map_err(told)?,
                Err(Fault::Moved(node)) => Connection::open_at(&self.settings, &node, until).map_err(told)?,
                Err(fault) => return Err(told(fault)),
            },
            None => Connection::open(&self.settings, until).map_err(told)?,
        };
        *heard = true;
        for _ in 0..MAX_MOVES {
            match self.run(&mut connection, batch, until) {
                Ok(values) => return Ok((connection, values)),
                Err(Fault::Moved(node)) => {
                    connection = Connection::open_at(&self.settings, &node, until).map_err(told)?;
                }
                Err(fault) => return Err(told(fault)),
            }
        }
        Err(self.settings.told("is a cluster whose nodes send us in circles."))
    }

    fn run(&self, connection: &mut Connection, batch: &Batch, until: Instant) -> Result<Vec<Value>, Fault> {
        let runs = batch.runs(self.slots, self.rest, Monotonic.now());
        let mut answers = self.run_all(connection, &runs, false, until)?;
        // A store that was started anew does not know the scripts yet. What came after one was run too early, and may be
        // run again.
        let is_unknown = |answer: &Result<Value, Refusal>| answer.as_ref().is_err_and(Refusal::is_unknown_script);
        if let Some(first) = answers.iter().position(is_unknown) {
            answers.truncate(first);
            answers.extend(self.run_all(connection, &runs[first..], true, until)?);
        }
        answers.into_iter().map(|answer| answer.map_err(|refusal| refusal.fault(&self.settings))).collect()
    }

    fn run_all(
        &self,
        connection: &mut Connection,
        runs: &[Run],
        text: bool,
        until: Instant,
    ) -> Result<Vec<Result<Value, Refusal>>, Fault> {
        let commands: Vec<_> = runs.iter().map(|run| run.command(&self.keys, text)).collect();
        connection.run(&commands, until)
    }

    fn hand_back(&self, batch: Batch, outcome: Result<(Connection, Vec<Value>), String>, heard: bool) {
        let now = Monotonic.now();
        let mut state = lock(&self.state);
        let mut answers = Vec::new();
        match outcome {
            Ok((connection, values)) => {
                state.connection = Some(connection);
                state.round_trip = Some(now - batch.begun);
                state.away = None;
                state.told += batch.settlements.len() as u64;
                answers.extend(batch.question.map(|question| {
                    let told = values
                        .last()
                        .and_then(|value| Answer::of(value, question.deadline.saturating_sub(batch.begun)));
                    let told = told.ok_or_else(|| self.settings.told("gives an answer that the script does not give."));
                    (question, told)
                }));
            }
            Err(why) => {
                batch.settlements.into_iter().rev().for_each(|settlement| state.settlements.push_front(settlement));
                // The store may have granted it: a slot would be nobody's until the call's deadline.
                if let Some(question) = batch.question.as_ref().filter(|_| heard) {
                    state.queue(question.given_up(now));
                }
                state.goes_away(why.clone(), now);
                // Who asked meanwhile need not find it out again.
                let asked = batch.question.into_iter().chain(state.question.take());
                answers.extend(asked.map(|question| (question, Err(why.clone()))));
            }
        }
        drop(state);
        for (question, answer) in answers {
            question.answer(answer);
        }
        self.change.notify_all();
    }
}

/// A worker that ends by a panic, which is a bug, is known to be gone: else everybody would wait for it for ever.
struct Ending<'a>(&'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.state).works = false;
        }
    }
}

/// What is brought in one round trip.
struct Batch {
    begun: Moment,
    settlements: Vec<Settlement>,
    question: Option<Arc<Question>>,
    /// Only to see whether the store is back.
    probes: bool,
}

impl Batch {
    fn take(state: &mut State, now: Moment) -> Option<Self> {
        let may_try = state.away.as_ref().is_none_or(|away| away.next_try <= now);
        let question = state.question.take();
        if !may_try && question.is_none() {
            return None;
        }
        let most = state.settlements.len().min(MOST_AT_ONCE);
        let settlements: Vec<_> = state.settlements.drain(..most).collect();
        let probes = state.away.is_some() && question.is_none();
        let is_empty = question.is_none() && settlements.is_empty() && !probes;
        (!is_empty).then_some(Batch { begun: now, settlements, question, probes })
    }

    /// The question last: what was told before may free its slot.
    fn runs(&self, slots: usize, rest: Duration, now: Moment) -> Vec<Run> {
        let probe =
            Settlement { what: What::Left, ticket: PROBE.into(), until: now + Duration::from_millis(1), tell_by: now };
        let told = self.settlements.iter().chain(self.probes.then_some(&probe)).map(|each| Run::settle(each, now));
        let question = self.question.as_ref();
        let asked =
            question.map(|asked| Run::acquire(slots, rest, asked.deadline.saturating_sub(self.begun), &asked.ticket));
        told.chain(asked).collect()
    }
}

fn sentence(fault: Fault, settings: &Settings) -> String {
    match fault {
        Fault::TooSlow => settings.too_slow(settings.timeout),
        Fault::Lost(what) | Fault::Refused(what) => what,
        Fault::Moved(node) => format!("is a cluster that sends us to {node}."),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::config::StoreAddress;
    use crate::limiter::store::{Grant, NoAnswer, Store};
    use crate::limiter::window::UnderWay;
    use crate::signal::Signal;

    /// Nobody listens there.
    fn nowhere() -> Store {
        at(1)
    }

    fn at(port: u16) -> Store {
        let store = StoreAddress::parse(&format!("redis://127.0.0.1:{port}")).unwrap();
        let timeout = Duration::from_secs(20);
        let settings = Settings { store, prefix: "yspay".into(), timeout, roots: Vec::new() };
        Store::new(settings, "one", 1, Duration::from_secs(1))
    }

    fn why(store: &Store) -> String {
        match store.ask("ticket", Monotonic.now() + Duration::from_secs(10), &Arc::new(Signal::default()), None) {
            Err(NoAnswer::Away(why)) => why,
            _ => panic!("nobody can answer"),
        }
    }

    #[test]
    fn who_is_refused_keeps_the_worker_trying_so_that_nobody_pays_to_find_out_again() {
        let store = nowhere();
        assert!(why(&store).contains("refuses the connection"));
        for asks in [|store: &Store| drop(store.away().unwrap()), |store: &Store| drop(why(store))] {
            let before = Monotonic.now();
            // Not so long ago that the worker ends.
            lock(store.state()).last_use = before.saturating_sub(IDLE_AFTER / 3);
            asks(&store);
            assert!(lock(store.state()).last_use >= before);
        }
    }

    #[test]
    fn a_question_that_was_never_heard_leaves_nothing_to_tell_and_no_thread() {
        let store = nowhere();
        why(&store);
        let shared = Arc::clone(&store.0);
        assert!(lock(&shared.state).settlements.is_empty());
        drop(store);
        let until = Monotonic.now() + Duration::from_secs(10);
        while lock(&shared.state).works {
            assert!(Monotonic.now() < until);
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_question_that_a_store_heard_and_did_not_answer_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let store = at(listener.local_addr().unwrap().port());
        let hears = thread::spawn(move || {
            let mut buffer = [0; 4096];
            listener.accept().unwrap().0.read(&mut buffer).unwrap()
        });
        assert!(why(&store).contains("closed the connection"));
        assert!(hears.join().unwrap() > 0);
        let state = lock(store.state());
        let left: Vec<_> = state.settlements.iter().map(|each| (each.what, each.ticket.as_str())).collect();
        assert_eq!(left, [(What::Left, "ticket")]);
    }

    #[test]
    fn what_could_not_be_told_is_kept_in_its_order() {
        let store = nowhere();
        let until = Monotonic.now() + Duration::from_secs(60);
        lock(store.state()).in_use = 2;
        store.unsent(&Grant { ticket: "first".into(), epoch: 0, until });
        store.unsent(&Grant { ticket: "second".into(), epoch: 0, until });
        assert!(why(&store).contains("refuses the connection"));
        let state = lock(store.state());
        let left: Vec<_> = state.settlements.iter().map(|each| (each.what, each.ticket.as_str())).collect();
        assert_eq!(left, [(What::Unsent, "first"), (What::Unsent, "second")]);
    }

    #[test]
    fn an_answer_that_comes_when_the_worker_has_ended_is_given_back_all_the_same() {
        let store = nowhere();
        // Long after the last use, as after a slow answer, the worker ends before its asker looks.
        let question = Arc::new(Question::new("slow", Monotonic.now(), &Arc::default()));
        store.withdraw(&question, true, Duration::ZERO);
        assert!(lock(store.state()).works, "somebody must tell");
    }

    #[test]
    fn what_a_child_of_a_fork_has_of_its_parents_is_not_given_back_by_it() {
        let store = nowhere();
        let grant = Grant { ticket: "parents".into(), epoch: 0, until: Monotonic.now() };
        lock(store.state()).in_use = 1;
        lock(store.state()).start_anew();
        store.answered(&grant);
        store.unsent(&grant);
        store.abandon(&grant, Box::new(Broken(Arc::default())));
        let state = lock(store.state());
        assert_eq!((state.in_use, state.queued, state.abandoned.len(), state.works), (0, 0, 0, false));
    }

    /// Panics once.
    struct Broken(Arc<AtomicBool>);

    impl UnderWay for Broken {
        fn is_over(&mut self) -> bool {
            assert!(self.0.swap(true, Ordering::SeqCst), "a bug, on purpose");
            true
        }
    }

    #[test]
    fn a_worker_that_panics_is_not_waited_for() {
        let store = nowhere();
        let until = Monotonic.now() + Duration::from_secs(10);
        let has_panicked = Arc::new(AtomicBool::new(false));
        lock(store.state()).in_use = 1;
        store.abandon(&Grant { ticket: "one".into(), epoch: 0, until }, Box::new(Broken(Arc::clone(&has_panicked))));
        while !has_panicked.load(Ordering::SeqCst) || lock(store.state()).works {
            assert!(Monotonic.now() < until);
            thread::sleep(Duration::from_millis(1));
        }
        assert!(why(&store).contains("refuses the connection"));
    }
}
