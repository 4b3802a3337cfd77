//! A connection, watched: it tells the attempt that it works for when a request is written and when its answer begins. One
//! that ureq lets go of before that is the attempt's to keep.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::attempt::{Attempt, Until, is_timeout};

pub(super) struct WatchedTransport {
    /// Gone only while it is dropped.
    inner: Option<Box<dyn Transport>>,
    /// A connection to a proxy carries another one, which alone knows an answer when it sees one.
    is_outermost: bool,
    awaits_answer: bool,
    /// Has had the beginning of an answer: the next request is another one.
    has_answered: bool,
}

impl WatchedTransport {
    pub(super) fn new(inner: Box<dyn Transport>, is_outermost: bool) -> Self {
        WatchedTransport { inner: Some(inner), is_outermost, awaits_answer: false, has_answered: false }
    }

    fn inner(&mut self) -> &mut dyn Transport {
        self.inner.as_deref_mut().expect("a transport that is not dropped")
    }

    /// Takes note when the answer has begun or the connection ended.
    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if self.awaits_answer && !is_timeout(&result) {
            self.awaits_answer = false;
            self.has_answered = true;
        }
        result
    }
}

impl Drop for WatchedTransport {
    fn drop(&mut self) {
        if let (true, Some(inner)) = (self.awaits_answer, self.inner.take()) {
            Attempt::keeps(inner);
        }
    }
}

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner().buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if Attempt::is_connected() {
            // Nothing is sent for a call that was cancelled before.
            Until::of(timeout).check()?;
            Attempt::sends(self.has_answered);
            self.awaits_answer = self.is_outermost;
        }
        match self.inner().transmit_output(amount, timeout) {
            Ok(()) => Ok(()),
            failed => self.noted(failed),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let result = self.inner().await_input(timeout);
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use ureq::unversioned::transport::LazyBuffers;

    use super::super::attempt::Unanswered;
    use super::*;
    use crate::cancel::CancelToken;

    /// Counts what is written; its answer begins when the test says so.
    #[derive(Debug)]
    struct Wire {
        buffers: LazyBuffers,
        written: Arc<AtomicUsize>,
        answers: Arc<AtomicBool>,
        closed: Arc<AtomicBool>,
    }

    impl Drop for Wire {
        fn drop(&mut self) {
            self.closed.store(true, Ordering::SeqCst);
        }
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
    struct Scene {
        token: CancelToken,
        written: Arc<AtomicUsize>,
        answers: Arc<AtomicBool>,
        closed: Arc<AtomicBool>,
    }

    impl Scene {
        /// Has an attempt work with a connection from the pool; whether a byte was sent, and what is unanswered.
        fn plays(
            &self,
            exchange: impl FnOnce(&mut WatchedTransport) -> Result<(), Error>,
        ) -> (Result<(), Error>, bool, Option<Unanswered>) {
            let wire = Wire {
                buffers: LazyBuffers::new(64, 64),
                written: Arc::clone(&self.written),
                answers: Arc::clone(&self.answers),
                closed: Arc::clone(&self.closed),
            };
            let mut connection = WatchedTransport::new(Box::new(wire), true);
            let attempt = super::Attempt::new(Duration::from_secs(30), Some(&self.token), None);
            let (result, mut attempt) = attempt.run(move || exchange(&mut connection));
            (result.unwrap(), attempt.sent, attempt.unanswered())
        }
    }

    #[test]
    fn a_cancelled_attempt_writes_nothing_more_and_keeps_its_connection_until_the_answer_begins() {
        let scene = Scene::default();
        let (result, sent, unanswered) = scene.plays(|connection| {
            connection.transmit_output(7, NextTimeout::default())?;
            scene.token.trigger();
            connection.transmit_output(5, NextTimeout::default())
        });
        assert!(is_timeout(&result) && sent);
        let mut unanswered = unanswered.expect("the other side may yet read it");
        assert_eq!(scene.written.load(Ordering::SeqCst), 7);
        assert!(!unanswered.is_over() && !scene.closed.load(Ordering::SeqCst));
        scene.answers.store(true, Ordering::SeqCst);
        assert!(unanswered.is_over());
        drop(unanswered);
        assert!(scene.closed.load(Ordering::SeqCst));
    }

    #[test]
    fn what_was_cancelled_before_is_not_sent() {
        let scene = Scene::default();
        scene.token.trigger();
        let (result, sent, unanswered) =
            scene.plays(|connection| connection.transmit_output(7, NextTimeout::default()));
        assert!(is_timeout(&result) && !sent && unanswered.is_none());
        assert_eq!(scene.written.load(Ordering::SeqCst), 0);
        assert!(scene.closed.load(Ordering::SeqCst));
    }

    #[test]
    fn a_connection_whose_answer_has_begun_is_closed_with_its_attempt() {
        let scene = Scene::default();
        scene.answers.store(true, Ordering::SeqCst);
        let (_, sent, unanswered) = scene.plays(|connection| {
            connection.transmit_output(7, NextTimeout::default())?;
            connection.await_input(NextTimeout::default())?;
            Err(Error::ConnectionFailed)
        });
        assert!(sent && unanswered.is_none() && scene.closed.load(Ordering::SeqCst));
    }
}
