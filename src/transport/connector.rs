//! ureq's own connectors, watched: each connection tells the attempt that it works for when a request is written, and
//! can be closed from outside.

use std::cell::Cell;
use std::sync::{Arc, Mutex, Weak};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, ShutdownHandle, Transport,
};

use super::attempt::Attempt;
use crate::signal::lock;

thread_local! {
    /// How many connects this thread is inside of; more than one for a proxy. What is written meanwhile is a TLS or
    /// proxy handshake, not the request.
    static CONNECTING: Cell<usize> = const { Cell::new(0) };
}

type Sockets = Arc<Mutex<Vec<Weak<dyn ShutdownHandle>>>>;

#[derive(Debug, Default)]
pub(super) struct WatchedConnector(DefaultConnector);

impl Connector<()> for WatchedConnector {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        let sockets = Sockets::default();
        let register_shutdown = {
            let (sockets, register) = (Arc::clone(&sockets), Arc::clone(&details.register_shutdown));
            Arc::new(move |socket: Weak<dyn ShutdownHandle>| {
                if let Some(attempt) = Attempt::current() {
                    attempt.uses(socket.clone())?;
                }
                lock(&sockets).push(socket.clone());
                register(socket)
            })
        };
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown,
        };
        let _connecting = Connecting::begin();
        Ok(self.0.connect(&details, None)?.map(|inner| WatchedTransport { inner, sockets }))
    }
}

/// Counts down when dropped, on whatever path.
struct Connecting;

impl Connecting {
    fn begin() -> Self {
        CONNECTING.set(CONNECTING.get() + 1);
        Connecting
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        CONNECTING.set(CONNECTING.get() - 1);
    }
}

pub(super) struct WatchedTransport {
    inner: Box<dyn Transport>,
    sockets: Sockets,
}

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(attempt) = Attempt::current()
            && CONNECTING.get() == 0
        {
            // A connection from the pool has worked for another attempt before.
            for socket in lock(&self.sockets).iter() {
                attempt.uses(Weak::clone(socket))?;
            }
            attempt.sends()?;
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
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

    /// Counts what is written.
    #[derive(Debug)]
    struct Wire {
        buffers: LazyBuffers,
        written: Arc<AtomicUsize>,
    }

    impl Transport for Wire {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            self.written.fetch_add(amount, Ordering::SeqCst);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(false)
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

    /// The connection is one from the pool: nothing but writing tells for whom it works.
    #[test]
    fn an_abandoned_attempt_closes_its_connection_and_writes_nothing_more() {
        let (socket, written) = (Arc::new(Socket::default()), Arc::new(AtomicUsize::new(0)));
        let handle: Weak<dyn ShutdownHandle> = Arc::downgrade(&(Arc::clone(&socket) as Arc<dyn ShutdownHandle>));
        let wire = Wire { buffers: LazyBuffers::new(64, 64), written: Arc::clone(&written) };
        let mut connection =
            WatchedTransport { inner: Box::new(wire), sockets: Arc::new(Mutex::new(vec![handle.clone()])) };
        let signal = Arc::new(Signal::default());
        let attempt = Attempt::new(Arc::clone(&signal));
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
        assert!(attempt.abandon(), "a byte was written");
        assert!(socket.0.load(Ordering::SeqCst));
        assert!(attempt.uses(handle).is_err(), "no new socket either");
        abandon.send(()).unwrap();
        signal.wait_for(Duration::from_secs(30));
        match attempt.ended() {
            Some(Ended::Failed { error: Error::Io(error), sent: true }) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            }
            _ => panic!("the write is refused"),
        }
        assert_eq!(written.load(Ordering::SeqCst), 7);
    }
}
