//! A connection, watched: it tells the attempt that it works for when a request is written and when its answer begins. One
//! that ureq lets go of before that is the attempt's to keep.

use std::net::TcpStream;
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use ureq::Error;
use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use super::attempt::{Attempt, SLICE, is_timeout};
use super::connector::is_connecting;
use crate::signal::lock;

/// What closes a connection from outside.
pub(super) type Sockets = Arc<Mutex<Vec<Weak<dyn ShutdownHandle>>>>;

pub(super) struct WatchedTransport {
    /// Gone only while it is dropped.
    inner: Option<Box<dyn Transport>>,
    sockets: Sockets,
    /// The one socket of them all, unless a SOCKS proxy's connector made it.
    socket: Weak<TcpStream>,
    /// A connection to a proxy carries another one, which alone knows an answer when it sees one.
    is_outermost: bool,
    awaits_answer: bool,
    /// Has had the beginning of an answer: the next request is another one.
    has_answered: bool,
}

impl WatchedTransport {
    pub(super) fn new(
        inner: Box<dyn Transport>,
        sockets: Sockets,
        socket: Weak<TcpStream>,
        is_outermost: bool,
    ) -> Self {
        WatchedTransport {
            inner: Some(inner),
            sockets,
            socket,
            is_outermost,
            awaits_answer: false,
            has_answered: false,
        }
    }

    fn inner(&mut self) -> &mut dyn Transport {
        self.inner.as_deref_mut().expect("a transport that is not dropped")
    }

    /// Takes note when the answer has begun or the connection ended.
    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if self.awaits_answer && !is_timeout(&result) {
            self.awaits_answer = false;
            self.has_answered = true;
            if let Some(attempt) = Attempt::current() {
                attempt.settles();
            }
        }
        result
    }
}

impl Drop for WatchedTransport {
    fn drop(&mut self) {
        if let (true, Some(attempt), Some(inner)) = (self.awaits_answer, Attempt::current(), self.inner.take()) {
            if let Some(socket) = self.socket.upgrade() {
                // Should that fail, a look waits for a millisecond.
                let _ = socket.set_nonblocking(true);
            }
            attempt.keep(inner);
        }
    }
}

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner().buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(attempt) = Attempt::current()
            && !is_connecting()
        {
            // A connection from the pool has worked for another attempt before.
            for socket in lock(&self.sockets).iter() {
                attempt.uses(Weak::clone(socket))?;
            }
            attempt.sends(self.has_answered)?;
            self.awaits_answer = self.is_outermost;
        }
        match self.inner().transmit_output(amount, timeout) {
            Ok(()) => Ok(()),
            failed => self.noted(failed),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let Some(attempt) = Attempt::current().filter(|_| self.awaits_answer) else {
            return self.inner().await_input(timeout);
        };
        let mut left = timeout;
        while left.after > Duration::from(SLICE) {
            let begun = Instant::now();
            let slice = NextTimeout { after: SLICE.into(), ..timeout };
            let result = self.inner().await_input(slice);
            if !is_timeout(&result) {
                return self.noted(result);
            }
            attempt.is_wanted()?;
            if let Duration::Exact(time) = left.after {
                left.after = time.saturating_sub(begun.elapsed()).into();
            }
        }
        let result = self.inner().await_input(left);
        self.noted(result)
    }

    fn is_open(&mut self) -> bool {
        self.inner().is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.is_tls())
    }
}

impl std::fmt::Debug for WatchedTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use ureq::unversioned::transport::LazyBuffers;

    use super::super::attempt::Ended;
    use super::*;
    use crate::signal::Signal;

    /// Counts what is written; its answer begins when the test says so.
    #[derive(Debug)]
    struct Wire {
        buffers: LazyBuffers,
        written: Arc<AtomicUsize>,
        answers: Arc<AtomicBool>,
    }

    impl Transport for Wire {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            self.written.fetch_add(amount, Ordering::SeqCst);
            Ok(())
        }

        fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
            if self.answers.load(Ordering::SeqCst) { Ok(true) } else { Err(Error::Timeout(timeout.reason)) }
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    #[derive(Default)]
    struct Socket(AtomicBool);

    impl ShutdownHandle for Socket {
        fn shutdown(&self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    /// A connection from the pool, for nothing but writing tells for whom it works, and an attempt that uses it.
    struct Scene {
        signal: Arc<Signal>,
        attempt: Attempt,
        socket: Arc<Socket>,
        handle: Weak<dyn ShutdownHandle>,
        written: Arc<AtomicUsize>,
        answers: Arc<AtomicBool>,
        connection: WatchedTransport,
    }

    fn scene() -> Scene {
        let (socket, written, answers) = (Arc::<Socket>::default(), Arc::default(), Arc::default());
        let handle: Weak<dyn ShutdownHandle> = Arc::downgrade(&(Arc::clone(&socket) as Arc<dyn ShutdownHandle>));
        let wire =
            Wire { buffers: LazyBuffers::new(64, 64), written: Arc::clone(&written), answers: Arc::clone(&answers) };
        let sockets = Arc::new(Mutex::new(vec![handle.clone()]));
        let connection = WatchedTransport::new(Box::new(wire), sockets, Weak::new(), true);
        let signal = Arc::new(Signal::default());
        Scene { attempt: Attempt::new(Arc::clone(&signal)), signal, socket, handle, written, answers, connection }
    }

    #[test]
    fn an_abandoned_attempt_writes_nothing_more_and_keeps_its_connection_until_the_answer_begins() {
        let Scene { signal, attempt, socket, handle, written, answers, mut connection } = scene();
        let (tell, told) = mpsc::channel();
        let (abandon, abandoned) = mpsc::channel();
        attempt
            .start(move || {
                connection.transmit_output(7, NextTimeout::default())?;
                tell.send(()).unwrap();
                abandoned.recv().unwrap();
                connection.transmit_output(5, NextTimeout::default())?;
                panic!("it was written");
            })
            .unwrap();
        told.recv_timeout(Duration::from_secs(30)).unwrap();
        let left = attempt.abandon();
        assert!(left.sent, "a byte was written");
        let unanswered = left.unanswered.expect("the other side may yet read it");
        assert!(attempt.uses(handle).is_err(), "no new socket either");
        assert!(!unanswered.is_over(), "its thread still has it");
        abandon.send(()).unwrap();
        signal.wait_for(Duration::from_secs(30));
        match attempt.ended() {
            Some(Ended::Failed { error: Error::Io(error), sent: true }) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            }
            _ => panic!("the write is refused"),
        }
        assert_eq!(written.load(Ordering::SeqCst), 7);
        assert!(!unanswered.is_over() && !socket.0.load(Ordering::SeqCst));
        answers.store(true, Ordering::SeqCst);
        assert!(unanswered.is_over());
    }

    #[test]
    fn an_attempt_whose_answer_has_begun_is_closed_when_it_is_abandoned() {
        let Scene { signal, attempt, socket, answers, mut connection, .. } = scene();
        answers.store(true, Ordering::SeqCst);
        let (tell, told) = mpsc::channel();
        let (abandon, abandoned) = mpsc::channel();
        attempt
            .start(move || {
                connection.transmit_output(7, NextTimeout::default())?;
                connection.await_input(NextTimeout::default())?;
                tell.send(()).unwrap();
                abandoned.recv().unwrap();
                Err(Error::ConnectionFailed)
            })
            .unwrap();
        told.recv_timeout(Duration::from_secs(30)).unwrap();
        let left = attempt.abandon();
        assert!(left.sent && left.unanswered.is_none() && socket.0.load(Ordering::SeqCst));
        abandon.send(()).unwrap();
        signal.wait_for(Duration::from_secs(30));
    }

    /// A call is abandoned while its thread waits: that sees it within a slice, and leaves the connection.
    #[test]
    fn a_thread_that_waits_for_an_unwanted_answer_ends() {
        let Scene { signal, attempt, written, answers, mut connection, .. } = scene();
        attempt
            .start(move || {
                connection.transmit_output(7, NextTimeout::default())?;
                connection
                    .await_input(NextTimeout { after: Duration::from_secs(3_600).into(), ..Default::default() })?;
                panic!("it was answered");
            })
            .unwrap();
        let begun = Instant::now();
        while written.load(Ordering::SeqCst) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing was sent");
            std::thread::sleep(Duration::from_millis(1));
        }
        let unanswered = attempt.abandon().unanswered.expect("the other side may yet read it");
        signal.wait_for(Duration::from_secs(30));
        assert!(matches!(attempt.ended(), Some(Ended::Failed { sent: true, .. })));
        assert!(!unanswered.is_over());
        answers.store(true, Ordering::SeqCst);
        assert!(unanswered.is_over());
    }
}
