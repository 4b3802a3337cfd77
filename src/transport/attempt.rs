//! The attempt that a thread makes at present: how long it may take, whether it is still wanted, and what became of its
//! request. Whatever waits in an exchange waits as [`Until`] says.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{NextTimeout, Transport, time};
use ureq::{Error, Timeout};

use super::Notes;
use crate::cancel::CancelToken;

/// How often a thread that waits looks whether anybody still wants what it waits for.
const SLICE: Duration = Duration::from_millis(50);

thread_local! {
    /// ureq does all of an exchange on one thread, and its connections outlive exchanges, so this is how a connection
    /// knows for which attempt it works at present. There is none when a thread ends, so nothing needs to be dropped then:
    /// a host's thread may ask in its last moments, too.
    static CURRENT: ManuallyDrop<RefCell<Option<Attempt>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

pub(super) struct Attempt {
    until: Instant,
    cancel: Option<CancelToken>,
    notes: Option<Notes>,
    /// How many connects it is inside of; more than one for a proxy. What is written meanwhile is a TLS or proxy
    /// handshake, not the request.
    connects: usize,
    /// Until when the outermost of them may take.
    connected_by: Option<Instant>,
    /// Whether a byte of the request may have been written.
    pub(super) sent: bool,
    /// Whether its connection has answered another request before.
    pub(super) reused: bool,
    /// The connection that ureq let go of after the request was sent and before its answer began.
    unanswered: Option<Box<dyn Transport>>,
}

/// A request that was sent and that the other side may not have read yet, with its connection, which ends with it.
pub(crate) struct Unanswered(Box<dyn Transport>);

impl Unanswered {
    /// Whether the answer begins, or the connection has ended. Does not wait: it is looked at on behalf of no attempt.
    pub(crate) fn is_over(&mut self) -> bool {
        !is_timeout(&self.0.await_input(NextTimeout::default()))
    }
}

impl std::fmt::Debug for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unanswered")
    }
}

/// Whether it is only that nothing came in time.
pub(super) fn is_timeout<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Timeout(_)))
}

impl Attempt {
    /// One that has so much time, and ends soon after `cancel` is triggered.
    pub(super) fn new(time: Duration, cancel: Option<&CancelToken>, notes: Option<&Notes>) -> Self {
        Attempt {
            until: Instant::now() + time,
            cancel: cancel.cloned(),
            notes: notes.cloned(),
            connects: 0,
            connected_by: None,
            sent: false,
            reused: false,
            unanswered: None,
        }
    }

    /// Makes the attempt, on this thread; it comes back with what became of it.
    pub(super) fn run<T>(
        self,
        exchange: impl FnOnce() -> Result<T, Error>,
    ) -> (std::thread::Result<Result<T, Error>>, Self) {
        let outer = CURRENT.with(|current| current.replace(Some(self)));
        let result = catch_unwind(AssertUnwindSafe(exchange));
        let attempt = CURRENT.with(|current| current.replace(outer));
        (result, attempt.expect("nobody else takes it away"))
    }

    /// The request that the other side may yet read, if there is one.
    pub(super) fn unanswered(&mut self) -> Option<Unanswered> {
        self.unanswered.take().map(Unanswered)
    }

    /// The attempt of this thread, if it makes one.
    fn current<T>(change: impl FnOnce(&mut Self) -> T) -> Option<T> {
        CURRENT.with(|current| current.borrow_mut().as_mut().map(change))
    }

    /// Lets the attempt of this thread take a note, if it takes any.
    pub(super) fn note(write: impl FnOnce(&Notes)) {
        if let Some(notes) = Self::current(|attempt| attempt.notes.clone()).flatten() {
            write(&notes);
        }
    }

    /// Whether the attempt of this thread takes notes.
    pub(super) fn is_noted() -> bool {
        Self::current(|attempt| attempt.notes.is_some()) == Some(true)
    }

    /// Whether the attempt of this thread has a connection, so that what is written is its request.
    pub(super) fn is_connected() -> bool {
        Self::current(|attempt| attempt.connects == 0) == Some(true)
    }

    /// The next byte written is the request's, on a connection that was `reused` or not.
    pub(super) fn sends(reused: bool) {
        Self::current(|attempt| {
            attempt.sent = true;
            attempt.reused |= reused;
        });
    }

    /// Takes a connection whose request has no answer yet. Without an attempt it is dropped.
    pub(super) fn keeps(connection: Box<dyn Transport>) {
        Self::current(|attempt| attempt.unanswered = Some(connection));
    }
}

/// Where the attempt of this thread makes a connection; ends when it is dropped, on whatever path.
pub(super) struct Connecting {
    /// Whether it is the connection itself, and not one to a proxy that carries it.
    pub(super) is_outermost: bool,
}

impl Connecting {
    pub(super) fn begin(timeout: NextTimeout) -> Self {
        let connects = Attempt::current(|attempt| {
            if attempt.connects == 0 {
                attempt.connected_by = end_of(timeout);
            }
            attempt.connects += 1;
            attempt.connects
        });
        Connecting { is_outermost: connects.is_none_or(|connects| connects == 1) }
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        Attempt::current(|attempt| {
            attempt.connects -= 1;
            if attempt.connects == 0 {
                attempt.connected_by = None;
            }
        });
    }
}

fn end_of(timeout: NextTimeout) -> Option<Instant> {
    match timeout.after {
        time::Duration::Exact(after) => Instant::now().checked_add(after),
        time::Duration::NotHappening => None,
    }
}

/// Until when something may take, and what to say when it did not come by then.
pub(super) struct Until {
    /// Without an attempt nobody waits.
    at: Option<Instant>,
    reason: Timeout,
    cancel: Option<CancelToken>,
}

impl Until {
    /// As ureq says, and no longer than the attempt of this thread, and the connecting that it is inside of, has time: ureq
    /// counts the time of some steps anew with each byte.
    pub(super) fn of(timeout: NextTimeout) -> Self {
        let ends = Attempt::current(|attempt| (attempt.until, attempt.connected_by, attempt.cancel.clone()));
        let Some((until, connected_by, cancel)) = ends else {
            return Until { at: None, reason: timeout.reason, cancel: None };
        };
        let ends = [(connected_by, Timeout::Connect), (end_of(timeout), timeout.reason)];
        let (at, reason) = ends.into_iter().fold((until, Timeout::Global), |first, (at, reason)| match at {
            Some(at) if at < first.0 => (at, reason),
            _ => first,
        });
        Until { at: Some(at), reason, cancel }
    }

    /// The same with half of the time that is left, for one of several that may be tried.
    pub(super) fn half(&self) -> Self {
        let now = Instant::now();
        let at = self.at.map(|at| now + at.saturating_duration_since(now) / 2);
        Until { at, reason: Timeout::Connect, cancel: self.cancel.clone() }
    }

    /// Refused when it is over, or not wanted any more.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.at {
            Some(_) => self.slice().map(|_| ()),
            None => Ok(()),
        }
    }

    /// How long to wait before looking again; refused when it is over, or not wanted any more.
    pub(super) fn slice(&self) -> Result<Duration, Error> {
        if self.cancel.as_ref().is_some_and(CancelToken::is_triggered) {
            return Err(Error::Timeout(Timeout::Global));
        }
        let left = self.at.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Err(Error::Timeout(self.reason));
        }
        // On older Windows who waits does not hear of a connect that failed.
        Ok(if self.cancel.is_some() || cfg!(windows) { left.min(SLICE) } else { left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attempt that nobody cancels.
    fn attempt(time: Duration) -> Attempt {
        Attempt::new(time, None, None)
    }

    fn within(time: Duration) -> NextTimeout {
        NextTimeout { after: time.into(), reason: Timeout::RecvBody, ..NextTimeout::default() }
    }

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_secs(20);

    #[test]
    fn a_panic_of_an_exchange_ends_it_and_says_what_was_sent() {
        for writes in [false, true] {
            let exchange = || {
                if writes {
                    Attempt::sends(false);
                }
                panic!("as a test")
            };
            let (result, attempt) = attempt(LONG).run::<()>(exchange);
            assert!(result.is_err() && attempt.sent == writes);
            assert!(!Attempt::is_connected(), "the thread still makes the attempt");
        }
    }

    #[test]
    fn the_first_of_all_ends_counts() {
        let first = |attempt: Duration, connect: Option<Duration>, step: Duration| {
            let (until, _) = self::attempt(attempt).run(|| {
                let _connecting = connect.map(|time| Connecting::begin(within(time)));
                let _to_a_proxy = connect.map(|_| Connecting::begin(within(LONG)));
                Ok(Until::of(within(step)))
            });
            let until = until.unwrap().unwrap();
            let left = until.slice().unwrap();
            assert!(left <= SHORT && (left > SHORT / 2 || cfg!(windows)), "{left:?}");
            until.reason
        };
        assert_eq!(first(SHORT, Some(LONG), LONG), Timeout::Global);
        assert_eq!(first(LONG, Some(SHORT), LONG), Timeout::Connect);
        assert_eq!(first(LONG, Some(LONG), SHORT), Timeout::RecvBody);
        // What ureq calls never does not make it longer.
        let (endless, _) = attempt(SHORT).run(|| Until::of(NextTimeout::default()).slice());
        assert!(endless.unwrap().unwrap() <= SHORT);
    }

    #[test]
    fn who_may_be_cancelled_looks_up_often_and_nobody_waits_without_an_attempt() {
        let token = CancelToken::new();
        let (looked, _) = Attempt::new(LONG, Some(&token), None).run(|| {
            let until = Until::of(within(LONG));
            assert_eq!(until.slice().unwrap(), SLICE);
            token.trigger();
            Ok((until.check(), until.slice()))
        });
        let (check, slice) = looked.unwrap().unwrap();
        assert!(is_timeout(&check) && is_timeout(&slice));
        let until = Until::of(within(LONG));
        assert!(until.check().is_ok() && is_timeout(&until.slice()));
        let (over, _) = attempt(Duration::ZERO).run(|| Until::of(within(LONG)).check());
        assert!(is_timeout(&over.unwrap()));
    }
}
