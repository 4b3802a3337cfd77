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
