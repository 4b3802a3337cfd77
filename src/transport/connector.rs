//! ureq's connectors, one after another: how a connection comes to be, by way of which proxy, and what of it the attempt is
//! told, so that it can be closed from outside.

use std::cell::Cell;
use std::sync::{Arc, Weak};

use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, RustlsConnector, ShutdownHandle, SocksConnector, Transport,
};
use ureq::{Error, ProxyProtocol};

use super::attempt::Attempt;
use super::noted_tls::NotedTls;
use super::notes::Notes;
use super::socket::{SocketConnector, take_connected};
use super::watched::{Sockets, WatchedTransport};
use crate::signal::lock;
use crate::standard_streams;
use crate::stats::Counter;

thread_local! {
    /// How many connects this thread is inside of; more than one for a proxy. What is written meanwhile is a TLS or
    /// proxy handshake, not the request.
    static CONNECTING: Cell<usize> = const { Cell::new(0) };
}

#[derive(Debug, Default)]
pub(super) struct WatchedConnector {
    socks: SocksConnector,
    proxy: ConnectProxyConnector,
    tls: RustlsConnector,
    /// Counts the connections that stand.
    opened: Arc<Counter>,
}

impl WatchedConnector {
    pub(super) fn counting(opened: &Arc<Counter>) -> Self {
        WatchedConnector { opened: Arc::clone(opened), ..WatchedConnector::default() }
    }

    /// The way of ureq's `DefaultConnector`, with our own sockets.
    fn chain(&self, details: &ConnectionDetails) -> Result<Option<Box<dyn Transport>>, Error> {
        if details
            .config
            .proxy()
            .is_some_and(|proxy| matches!(proxy.protocol(), ProxyProtocol::Socks5 | ProxyProtocol::Socks5h))
        {
            standard_streams::check("through a SOCKS proxy").map_err(|refusal| Error::Other(refusal.into()))?;
        }
        let chained = Connector::<()>::connect(&self.socks, details, None).inspect_err(|error| {
            // It connects and speaks to the proxy in one: what is no matter of connecting, the proxy said.
            if !concerns_connecting(error) {
                Attempt::note(Notes::speaks_to_proxy_found);
            }
        })?;
        let chained = self.proxy.connect(details, chained)?;
        let chained = SocketConnector.connect(details, chained)?;
        // What is said to a proxy is no handshake with the endpoint.
        let is_proxy = CONNECTING.get() > 1;
        Attempt::note(|notes| if is_proxy { notes.speaks_to_proxy() } else { notes.has_way(details.needs_tls()) });
        if Attempt::is_noted() && !is_proxy {
            return Ok(NotedTls.connect(details, chained)?.map(|transport| Box::new(transport) as Box<dyn Transport>));
        }
        Ok(self.tls.connect(details, chained)?.map(|transport| Box::new(transport) as Box<dyn Transport>))
    }
}

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
        let connecting = Connecting::begin();
        let inner = self.chain(&details)?;
        let is_outermost = connecting.is_outermost();
        let socket = if is_outermost { take_connected() } else { Weak::new() };
        // The connection to a proxy is a part of the one that goes through it.
        self.opened.add(u64::from(is_outermost && inner.is_some()));
        Ok(inner.map(|inner| WatchedTransport::new(inner, sockets, socket, is_outermost)))
    }
}

/// Whether nobody answered, or nobody was there.
fn concerns_connecting(error: &Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    match error {
        Error::Io(error) => {
            matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | TimedOut)
        }
        Error::Timeout(_) => true,
        _ => false,
    }
}

/// Whether this thread makes a connection just now.
pub(super) fn is_connecting() -> bool {
    CONNECTING.get() > 0
}

/// Counts down when dropped, on whatever path.
struct Connecting;

impl Connecting {
    fn begin() -> Self {
        CONNECTING.set(CONNECTING.get() + 1);
        Connecting
    }

    fn is_outermost(&self) -> bool {
        CONNECTING.get() == 1
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        CONNECTING.set(CONNECTING.get() - 1);
    }
}
