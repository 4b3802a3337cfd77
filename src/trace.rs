//! What a call met on its way to the platform, layer by layer: for whoever must find out why it does not get there.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use crate::report::CertificateDescription;

/// Which way calls take, as the configuration and the environment have it. Nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The endpoint's host: a name in lower case or an address, without the brackets of IPv6.
    pub host: String,
    /// The endpoint's port.
    pub port: u16,
    /// Whether the endpoint is spoken to in TLS.
    pub is_https: bool,
    /// `scheme://host:port` of the proxy, without its user and password; `None`: no proxy.
    pub proxy: Option<String>,
    /// Why this proxy, or why none.
    pub reason: RouteReason,
}

/// Why calls take a proxy, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteReason {
    /// The setting `proxy` names it.
    Setting,
    /// This environment variable names it.
    Environment(&'static str),
    /// The setting `proxy` is `"none"`.
    SetToNone,
    /// The endpoint is this machine, which no proxy is asked for.
    Loopback,
    /// This environment variable (`NO_PROXY`) excepts the host.
    Excepted(&'static str),
    /// Neither the setting nor the environment names one.
    Unset,
}

/// The layers of the way, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Layer {
    /// Nothing was tried: there was no turn at the limiter, for example.
    Start,
    /// A name is looked up: the endpoint's, or the proxy's.
    Name,
    /// TCP to the endpoint, or to the proxy.
    Connect,
    /// What is said to the proxy, TLS with it included.
    Proxy,
    /// TLS with the endpoint.
    Tls,
    /// The request and its answer.
    Http,
}

/// What the last attempt of a call met on its way.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trace {
    /// How far it came: the layer that failed if the call did not get an answer.
    pub reached: Layer,
    /// What was looked up, in its order; addresses that were given as such are there, too.
    pub names: Vec<LookedUp>,
    /// Who was connected to: the endpoint, or the proxy. Not known behind a SOCKS proxy.
    pub peer: Option<SocketAddr>,
    /// The handshake with the endpoint, as far as it came.
    pub tls: Option<TlsTrace>,
    /// The answer's head.
    pub http: Option<HttpTrace>,
}

/// A name and its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookedUp {
    /// `host:port`.
    pub name: String,
    /// In the order in which they are tried; empty if there are none, or the look-up failed.
    pub addresses: Vec<SocketAddr>,
}

/// A TLS handshake with the endpoint.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TlsTrace {
    /// `TLSv1_2` or `TLSv1_3`; `None` if the handshake did not succeed.
    pub version: Option<String>,
    /// The server's certificate; `None` if none came.
    pub certificate: Option<CertificateDescription>,
    /// The trusted root that the server's chain names, whether or not the chain holds.
    pub root: Option<RootTrace>,
}

/// A trusted root.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RootTrace {
    /// The root's certificate.
    pub certificate: CertificateDescription,
    /// Whether it is one of `caFile`, not a built-in one.
    pub is_of_ca_file: bool,
}

/// The head of an answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpTrace {
    /// The HTTP status.
    pub status: u16,
    /// The header `Date`, if it had one that is a date.
    pub date: Option<SystemTime>,
    /// What this machine's clock said when the head had come.
    pub received: SystemTime,
    /// The time from the first byte on the way (the look-up and handshakes included) to the head of the answer.
    pub elapsed: Duration,
}

impl Default for Trace {
    fn default() -> Self {
        Trace { reached: Layer::Start, names: Vec::new(), peer: None, tls: None, http: None }
    }
}

impl HttpTrace {
    /// How far this machine's clock is ahead of the answer's `Date`, in milliseconds, negative when it is behind. A `Date`
    /// has whole seconds and is as old as the answer's way: nearer than that the clocks cannot be compared.
    pub fn clock_ahead_ms(&self) -> Option<i64> {
        let date = self.date?;
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Some(match self.received.duration_since(date) {
            Ok(ahead) => ms(ahead),
            Err(behind) => -ms(behind.duration()),
        })
    }
}
