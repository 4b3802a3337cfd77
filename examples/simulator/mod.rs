//! A simulator of the platform: a real HTTP(S) server on 127.0.0.1 that checks, answers, and misbehaves on request.
//!
//! It is written apart from the library, from the protocol's description alone, so that the two check each other.
//! Use it from a test, an example or a benchmark with
//! `#[path = "../examples/simulator/mod.rs"] mod simulator;`, or from another language by running the program.
//!
//! ```text
//! server      accepts connections, stops them      wire         a socket, plain or TLS, that can also reset
//! connection  one connection's requests, routes    http         bytes in, requests out, with limits
//! platform    is this request right?               answers      what the platform says
//! behaviour   which answer a flow id asks for      delivery     how the answer's bytes leave
//! crypto      DES, RSA, SM2, the signed text       stats        what was seen, and how fast
//! client      the configuration of a client
//! ```
#![allow(dead_code, reason = "each test, example or benchmark that includes this module uses another part of it")]

pub(crate) mod answers;
pub(crate) mod behaviour;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod crypto;
pub(crate) mod delivery;
pub(crate) mod http;
pub(crate) mod platform;
pub(crate) mod server;
pub(crate) mod stats;
pub(crate) mod stop;
pub(crate) mod tls;
pub(crate) mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use stats::Stats;
pub(crate) use tls::Tls;

/// The path that the platform serves.
pub(crate) const PATH: &str = "/saas/orgSign/querySignSts";
/// The institution that the simulator knows by default.
pub(crate) const SRC: &str = "ORG20210927162704";
/// The key string that the platform issued to it.
pub(crate) const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

/// How a simulator is to behave.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub(crate) port: u16,
    /// HTTPS instead of HTTP.
    pub(crate) tls: Option<Tls>,
    /// The institutions that the platform knows; all of them hold the same test keys.
    pub(crate) institutions: Vec<String>,
    /// How many requests a second are allowed; more are counted in the statistics.
    pub(crate) limit_per_second: u32,
    /// Whether a request above the limit is refused, rather than only counted.
    pub(crate) enforce_limit: bool,
    /// A pause before every answer of the platform.
    pub(crate) response_delay: Duration,
    /// How far the clock of its answers' `Date` is ahead of this machine's, in seconds.
    pub(crate) clock_ahead: i64,
    /// How long a connection may be silent before the server closes it.
    pub(crate) idle_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tls: None,
            institutions: vec![SRC.to_owned()],
            limit_per_second: 10,
            enforce_limit: false,
            response_delay: Duration::ZERO,
            clock_ahead: 0,
            idle_timeout: Duration::from_secs(30),
        }
    }
}

/// A running simulator. Dropping it closes every connection and waits for its threads.
#[derive(Debug)]
pub(crate) struct Simulator {
    server: server::Server,
    stats: Arc<stats::Recorder>,
    ca_pem: Option<String>,
}

impl Simulator {
    /// Binds 127.0.0.1 and serves on threads of its own.
    pub(crate) fn start(options: Options) -> io::Result<Self> {
        let keys = crypto::Keys::load().map_err(io::Error::other)?;
        let identity = options.tls.as_ref().map(tls::Identity::make).transpose().map_err(io::Error::other)?;
        let stats = Arc::new(stats::Recorder::new(options.limit_per_second));
        let (ca_pem, tls) = identity.map(|identity| (identity.ca_pem, identity.config)).unzip();
        let port = options.port;
        let service = connection::Service {
            platform: platform::Platform::new(keys, options.institutions.clone()),
            memory: behaviour::Memory::default(),
            stats: Arc::clone(&stats),
            stop: stop::Stop::default(),
            tls,
            options,
        };
        Ok(Self { server: server::Server::start(port, service)?, stats, ca_pem })
    }

    /// The URL to ask.
    pub(crate) fn endpoint(&self) -> String {
        let port = self.address().port();
        match self.ca_pem {
            Some(_) => format!("https://localhost:{port}{PATH}"),
            None => format!("http://127.0.0.1:{port}{PATH}"),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The certificate authority that vouches for the HTTPS variant, as PEM.
    pub(crate) fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// What was seen since the start or the last [`Self::reset_stats`].
    pub(crate) fn stats(&self) -> Stats {
        self.stats.snapshot()
    }

    /// The time since the start, by which the statistics tell arrivals.
    pub(crate) fn now(&self) -> Duration {
        self.stats.now()
    }

    /// Sets the counters to zero. Request ids that were seen stay seen, and so do first times.
    pub(crate) fn reset_stats(&self) {
        self.stats.reset();
    }
}
