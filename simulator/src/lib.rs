//! A simulator of the platform: a real HTTP(S) server, on loopback unless told otherwise, that checks, answers, and misbehaves on request.
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
//! latest      a bounded memory of ids              place        where it listens, and the URLs of that
//! mistakes    which mistake a wrong signature is       page         the page for people, in parts of its own
//! stop        one signal that ends every wait          tls          an authority and a certificate for HTTPS
//! ```

pub mod answers;
pub mod behaviour;
pub mod client;
mod connection;
pub mod crypto;
mod delivery;
mod http;
pub mod kit;
mod latest;
mod mistakes;
mod page;
mod place;
mod platform;
pub mod program;
mod server;
pub mod stats;
mod stop;
mod tls;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
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
    /// The address to listen on: loopback by default, for whoever reaches this port can read and drive the simulator.
    pub listen: IpAddr,
    /// The port; 0 takes a free one.
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
    /// How many ids are remembered, the latest, so that memory is bounded: of requests, none of which may come twice, and
    /// of contracts that are answered otherwise the first time.
    pub remembered_ids: usize,
    /// Whether there is a page for people on the same port, where they watch and drive it.
    pub page: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            tls: None,
            institutions: vec![SRC.to_owned()],
            limit_per_second: 10,
            enforce_limit: false,
            response_delay: Duration::ZERO,
            clock_ahead: 0,
            idle_timeout: Duration::from_secs(30),
            remembered_ids: 100_000,
            page: false,
        }
    }
}

/// A running simulator. Dropping it closes every connection and waits for its threads.
#[derive(Debug)]
pub struct Simulator {
    /// Ends everything when it is dropped.
    _server: server::Server,
    stats: Arc<stats::Recorder>,
    place: place::Place,
    page: Option<Arc<page::Page>>,
    ca_pem: Option<String>,
}

impl Simulator {
    /// Binds the address and serves on threads of its own.
    pub fn start(options: Options) -> io::Result<Self> {
        let keys = crypto::Keys::load().map_err(io::Error::other)?;
        let mistakes = Arc::new(mistakes::Mistakes::new().map_err(io::Error::other)?);
        let listener = TcpListener::bind((options.listen, options.port))?;
        let place = place::Place { address: listener.local_addr()?, tls: options.tls.is_some() };
        let tls = options.tls.as_ref().map(|tls| tls.also_for(options.listen));
        let identity = tls.as_ref().map(tls::Identity::make).transpose().map_err(io::Error::other)?;
        let stats = Arc::new(stats::Recorder::new(options.limit_per_second));
        let (ca_pem, tls) = identity.map(|identity| (identity.ca_pem, identity.config)).unzip();
        let page = options
            .page
            .then(|| page::Page::new(place, &options, Arc::clone(&stats), Arc::clone(&mistakes)))
            .transpose()?
            .map(Arc::new);
        let service = connection::Service {
            platform: platform::Platform::new(keys, mistakes, options.institutions.clone(), options.remembered_ids),
            memory: behaviour::Memory::of(options.remembered_ids),
            stats: Arc::clone(&stats),
            stop: stop::Stop::default(),
            tls,
            page: page.clone(),
            options,
        };
        Ok(Self { _server: server::Server::start(listener, place, service)?, stats, place, page, ca_pem })
    }

    /// The URL to ask.
    pub fn endpoint(&self) -> String {
        self.place.url(PATH)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.place.address
    }

    /// The URL of the page for people, if there is one.
    pub fn page(&self) -> Option<String> {
        self.page.as_ref().map(|_| self.place.url("/"))
    }

    /// Has the page show these configurations of a client, with their files.
    pub fn show_configurations(&self, written: &[client::Configuration]) {
        if let Some(page) = self.page.as_ref().filter(|_| !written.is_empty()) {
            page.show_configurations(written);
        }
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
        match &self.page {
            Some(page) => page.reset(),
            None => self.stats.reset(),
        }
    }
}
