//! The thread of one exchange, and what its caller knows of it: whether a byte of the request was written, and the
//! sockets to close, or the connection to keep, when nobody waits for the answer any more.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use ureq::unversioned::transport::{NextTimeout, ShutdownHandle, Transport};

use super::{Notes, Reply};
use crate::signal::{Signal, lock};

/// Enough for a name look-up with system modules and a TLS handshake.
pub(super) const STACK: usize = 1 << 20;

/// How often a thread that waits looks whether anybody still wants what it waits for.
pub(super) const SLICE: Duration = Duration::from_millis(50);

thread_local! {
    /// The attempt that this thread works for. ureq does all of an exchange on one thread, and its connections
    /// outlive exchanges, so this is how a connection knows for whom it works at present.
    static CURRENT: RefCell<Option<Attempt>> = const { RefCell::new(None) };
}

#[derive(Clone)]
pub(super) struct Attempt {
    state: Arc<Mutex<State>>,
    signal: Arc<Signal>,
    notes: Option<Notes>,
}

#[derive(Default)]
struct State {
    ended: Option<Ended>,
    abandoned: bool,
    /// Whether a byte of the request may have been written.
    sent: bool,
    /// Whether its connection has answered another request before.
    reused: bool,
    /// Whether a byte of the answer, or the end of the connection, has been seen: the request cannot be read later.
    settled: bool,
    sockets: Vec<Weak<dyn ShutdownHandle>>,
    /// What ureq let go of before that, and whether its thread has ended.
    connection: Option<Box<dyn Transport>>,
    thread_ended: bool,
}

/// An exchange that nobody waits for any more.
pub(super) struct Abandoned {
    pub(super) sent: bool,
    /// Set if the other side may yet read the request.
    pub(super) unanswered: Option<Unanswered>,
}

/// A request that was sent and that the other side may not have read yet, with its connection, which ends with it.
pub(crate) struct Unanswered(Attempt);

impl Unanswered {
    /// Whether the answer begins, or the connection has ended. Does not wait, but behind a SOCKS proxy.
    pub(crate) fn is_over(&self) -> bool {
        // Our own socket does not wait by now; a SOCKS connector's waits for so long.
        let timeout = NextTimeout { after: Duration::from_millis(1).into(), ..NextTimeout::default() };
        let mut state = lock(&self.0.state);
        if !state.settled {
            state.settled = match &mut state.connection {
                Some(connection) => !is_timeout(&connection.await_input(timeout)),
                None => state.thread_ended,
            };
        }
        state.settled
    }
}

impl std::fmt::Debug for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unanswered")
    }
}

/// Whether it is only that nothing came in time.
pub(super) fn is_timeout<T>(result: &Result<T, ureq::Error>) -> bool {
    matches!(result, Err(ureq::Error::Timeout(_)))
}

/// How an exchange ended.
pub(super) enum Ended {
    Answered(Reply),
    Failed { error: ureq::Error, sent: bool },
    Panicked { sent: bool },
}

impl Attempt {
    /// `signal` is given when the exchange ends.
    pub(super) fn new(signal: Arc<Signal>) -> Self {
        Attempt { state: Arc::default(), signal, notes: None }
    }

    /// The same, telling what it meets on its way.
    pub(super) fn noted(self, notes: &Notes) -> Self {
        Attempt { notes: Some(notes.clone()), ..self }
    }

    /// Lets the attempt of this thread take a note, if it takes any.
    pub(super) fn note(write: impl FnOnce(&Notes)) {
        if let Some(notes) = Self::current().and_then(|attempt| attempt.notes) {
            write(&notes);
        }
    }

    /// Whether the attempt of this thread takes notes.
    pub(super) fn is_noted() -> bool {
        Self::current().is_some_and(|attempt| attempt.notes.is_some())
    }

    /// Runs `exchange` on a thread of its own.
    pub(super) fn start(
        &self,
        exchange: impl FnOnce() -> Result<Reply, ureq::Error> + Send + 'static,
    ) -> std::io::Result<()> {
        let attempt = self.clone();
        let work = move || {
            CURRENT.set(Some(attempt.clone()));
            let result = catch_unwind(AssertUnwindSafe(exchange));
            CURRENT.set(None);
            let mut state = lock(&attempt.state);
            let sent = state.sent;
            state.thread_ended = true;
            state.ended = Some(match result {
                Ok(Ok(reply)) => Ended::Answered(Reply { reused: state.reused, ..reply }),
                Ok(Err(error)) => Ended::Failed { error, sent },
                Err(_) => Ended::Panicked { sent },
            });
            drop(state);
            attempt.signal.give();
        };
        thread::Builder::new().name("yspay-http".into()).stack_size(STACK).spawn(work).map(|_| ())
    }

    /// How the exchange ended, once it has; asked again, nothing.
    pub(super) fn ended(&self) -> Option<Ended> {
        lock(&self.state).ended.take()
    }

    /// Stops the exchange: no further byte is written, and its sockets are closed unless the other side may yet read the
    /// request, which is known from then on.
    pub(super) fn abandon(&self) -> Abandoned {
        let mut state = lock(&self.state);
        state.abandoned = true;
        let unanswered = state.sent && !state.settled;
        if !unanswered {
            for socket in state.sockets.iter().filter_map(Weak::upgrade) {
                socket.shutdown();
            }
        }
        Abandoned { sent: state.sent, unanswered: unanswered.then(|| Unanswered(self.clone())) }
    }

    /// Refused when the attempt was abandoned.
    pub(super) fn is_wanted(&self) -> Result<(), ureq::Error> {
        self.unless_abandoned(|_| ())
    }

    /// A byte of the answer, or the end of the connection, has been seen.
    pub(super) fn settles(&self) {
        lock(&self.state).settled = true;
    }

    /// Takes a connection whose request has no answer yet.
    pub(super) fn keep(&self, connection: Box<dyn Transport>) {
        lock(&self.state).connection = Some(connection);
    }

    /// The attempt that this thread works for.
    pub(super) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// A socket that works for this attempt from now on. Refused when the attempt was abandoned.
    pub(super) fn uses(&self, socket: Weak<dyn ShutdownHandle>) -> Result<(), ureq::Error> {
        self.unless_abandoned(|state| state.sockets.push(socket))
    }

    /// The next byte written is the request's, on a connection that was `reused` or not. Refused when the attempt was
    /// abandoned.
    pub(super) fn sends(&self, reused: bool) -> Result<(), ureq::Error> {
        self.unless_abandoned(|state| {
            state.sent = true;
            state.reused |= reused;
        })
    }

    fn unless_abandoned(&self, change: impl FnOnce(&mut State)) -> Result<(), ureq::Error> {
        let mut state = lock(&self.state);
        if state.abandoned {
            return Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into());
        }
        change(&mut state);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_panic_of_an_exchange_ends_it_and_says_what_was_sent() {
        for writes in [false, true] {
            let signal = Arc::new(Signal::default());
            let attempt = Attempt::new(Arc::clone(&signal));
            let exchange = move || {
                if writes {
                    Attempt::current().unwrap().sends(false)?;
                }
                panic!("as a test")
            };
            attempt.start(exchange).unwrap();
            signal.wait_for(Duration::from_secs(30));
            assert!(matches!(attempt.ended(), Some(Ended::Panicked { sent }) if sent == writes));
        }
    }
}
