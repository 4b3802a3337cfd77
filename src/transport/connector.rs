//! How a connection comes to be: by way of which proxy, with TLS or without, and what of it the attempt is told.

use std::sync::Arc;

use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, Transport,
};
use ureq::{Error, ProxyProtocol, Timeout};

use super::attempt::{Attempt, Connecting};
use super::noted_tls::NotedTls;
use super::resolver::SharedResolver;
use super::socket::Socket;
use super::socks;
use super::watched::WatchedTransport;
use crate::stats::Counter;

#[derive(Debug, Default)]
pub(super) struct WatchedConnector {
    names: SharedResolver,
    proxy: ConnectProxyConnector,
    tls: RustlsConnector,
    /// Counts the connections that stand.
    opened: Arc<Counter>,
}

impl WatchedConnector {
    pub(super) fn counting(opened: &Arc<Counter>) -> Self {
        WatchedConnector { opened: Arc::clone(opened), ..WatchedConnector::default() }
    }

    /// Where to connect to, unless a proxy is to find that out.
    fn addresses(&self, details: &ConnectionDetails) -> Result<ResolvedSocketAddrs, Error> {
        if details.config.proxy().is_some_and(|proxy| !proxy.resolve_target()) {
            return Ok(details.addrs.clone());
        }
        let reason = if Attempt::is_connected() { Timeout::Resolve } else { details.timeout.reason };
        self.names.resolve(details.uri, NextTimeout { reason, ..details.timeout })
    }

    /// The way to `details.uri`, which may be a proxy's; its proxy, if it has one, is behind it.
    fn way(&self, details: &ConnectionDetails) -> Result<Box<dyn Transport>, Error> {
        let proxy = details.config.proxy();
        if let Some(proxy) =
            proxy.filter(|proxy| matches!(proxy.protocol(), ProxyProtocol::Socks5 | ProxyProtocol::Socks5h))
        {
            return Ok(Box::new(socks::connect(details, proxy, &self.names)?));
        }
        match self.proxy.connect(details, None::<Socket>)? {
            Some(tunnel) => Ok(Box::new(tunnel)),
            None => Ok(Box::new(Socket::connect(details, &details.addrs)?)),
        }
    }

    fn make(&self, details: &ConnectionDetails, is_outermost: bool) -> Result<Option<Box<dyn Transport>>, Error> {
        let way = self.way(details)?;
        // What is said to a proxy is no handshake with the endpoint.
        Attempt::note(|notes| if is_outermost { notes.has_way(details.needs_tls()) } else { notes.speaks_to_proxy() });
        Ok(if Attempt::is_noted() && is_outermost {
            NotedTls.connect(details, Some(way))?.map(Transport::boxed)
        } else {
            self.tls.connect(details, Some(way))?.map(Transport::boxed)
        })
    }
}

impl Connector<()> for WatchedConnector {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        let addrs = self.addresses(details)?;
        // The time for connecting begins when there is something to connect to.
        let details = ConnectionDetails {
            uri: details.uri,
            addrs,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: (details.current_time)(),
            timeout: details.timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        let connecting = Connecting::begin(details.timeout);
        let inner = self.make(&details, connecting.is_outermost)?;
        // The connection to a proxy is a part of the one that goes through it.
        self.opened.add(u64::from(connecting.is_outermost && inner.is_some()));
        Ok(inner.map(|inner| WatchedTransport::new(inner, connecting.is_outermost)))
    }
}
