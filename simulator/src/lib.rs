//! A simulator of the platform: a real HTTP(S) server on 127.0.0.1 that checks, answers, and misbehaves on request.
//!
//! It is written apart from `yspay`, from the protocol's description alone, so that the two check each other. A test, an
//! example or a benchmark starts a [`Simulator`] in its own process; from another language the program `simulator` is run.
//!
//! ```text
//! server      accepts connections, stops them      wire         a socket, plain or TLS, that can also reset
//! connection  one connection's requests, routes    http         bytes in, requests out, with limits
//! platform    is this request right?               answers      what the platform says
//! behaviour   which answer a flow id asks for      delivery     how the answer's bytes leave
//! crypto      DES, RSA, SM2, the signed text       stats        what was seen, and how fast
//! client      the configurations of a client       program      what a program around it starts, writes and tells
//! kit         a folder for a first client
//! ```

pub mod answers;
pub mod behaviour;
pub mod client;
mod connection;
pub mod crypto;
mod delivery;
mod http;
pub mod kit;
mod platform;
pub mod program;
mod server;
pub mod stats;
mod stop;
mod tls;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use stats::Stats;
pub use tls::Tls;

/// The path that the platform serves.
pub const PATH: &str = "/saas/orgSign/querySignSts";
/// The institution that the simulator knows by default.
pub const SRC: &str = "ORG20210927162704";
/// The key string that the platform issued to it.
pub const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

/// How a simulator is to behave.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// HTTPS instead of HTTP.
    pub tls: Option<Tls>,
    /// The institutions that the platform knows; all of them hold the same test keys.
    pub institutions: Vec<String>,
    /// How many requests a second are allowed; more are counted in the statistics.
    pub limit_per_second: u32,
    /// Whether a request above the limit is refused, rather than only counted.
    pub enforce_limit: bool,
    /// A pause before every answer of the platform.
    pub response_delay: Duration,
    /// How far the clock of its answers' `Date` is ahead of this machine's, in seconds.
    pub clock_ahead: i64,
    /// How long a connection may be silent before the server closes it.
    pub idle_timeout: Duration,
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
pub struct Simulator {
    server: server::Server,
    stats: Arc<stats::Recorder>,
    ca_pem: Option<String>,
}

impl Simulator {
    /// Binds 127.0.0.1 and serves on threads of its own.
    pub fn start(options: Options) -> io::Result<Self> {
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
    pub fn endpoint(&self) -> String {
        let port = self.address().port();
        match self.ca_pem {
            Some(_) => format!("https://localhost:{port}{PATH}"),
            None => format!("http://127.0.0.1:{port}{PATH}"),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The certificate authority that vouches for the HTTPS variant, as PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// What was seen since the start or the last [`Self::reset_stats`].
    pub fn stats(&self) -> Stats {
        self.stats.snapshot()
    }

    /// The time since the start, by which the statistics tell arrivals.
    pub fn now(&self) -> Duration {
        self.stats.now()
    }

    /// Sets the counters to zero. Request ids that were seen stay seen, and so do first times.
    pub fn reset_stats(&self) {
        self.stats.reset();
    }
}
