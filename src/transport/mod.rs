//! One HTTP exchange: post a body, get a status and a body back, before a deadline and for as long as nobody cancels.
//!
//! An exchange runs on its caller's thread; only names are looked up on another one. Whatever waits in it, for a name, a
//! proxy, a handshake or an answer, looks at one deadline and at one cancellation. Who stops waiting after the request was
//! sent is handed the connection, for the platform may yet read from it.

mod attempt;
mod connections;
mod connector;
mod defaults;
mod failure;
mod noted_tls;
mod notes;
mod resolver;
mod socket;
mod socks;
mod watched;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Timeout, http};

use crate::cancel::CancelToken;
use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::signal::lock;
use attempt::Attempt;
pub(crate) use attempt::Unanswered;
#[cfg(not(unix))]
use connections::Connections;
#[cfg(unix)]
pub(crate) use connections::{Connections, Transports, hold};
#[cfg(unix)]
pub(crate) use defaults::prepare;
pub(crate) use failure::{Failure, FailureKind};
pub(crate) use notes::Notes;
#[cfg(unix)]
pub(crate) use resolver::{LookUps, hold as hold_look_ups};

/// The largest answer that is read, in bytes; the platform's own have some hundred.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// How long an idle connection is kept for the next call.
const MAX_IDLE_AGE: Duration = Duration::from_secs(30);

/// Posts to one address; connections are kept and reused. May be used from any thread.
pub(crate) struct Transport {
    connections: Arc<Connections>,
    url: http::Uri,
    connect_timeout: Duration,
    /// For messages: without user and password.
    proxy: Option<String>,
}

/// On which connection a request goes.
#[derive(Clone, Copy)]
pub(crate) enum Manner<'a> {
    /// A kept one, if there is any.
    Kept,
    /// One of its own.
    Afresh,
    /// One of its own, and it is told what it meets on its way.
    Noted(&'a Notes),
}

/// An answer, believed in nothing yet.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// `Retry-After`, if the answer had one.
    pub(crate) retry_after: Option<Duration>,
    /// Whether the connection has answered another request before.
    pub(crate) reused: bool,
    /// `Content-Encoding`, if the answer had one other than the `identity` that was asked for.
    pub(crate) coding: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Transport {
    /// `extra_roots` are certificates in DER, trusted beside the bundled ones.
    pub(crate) fn new(config: &Config, extra_roots: Vec<Vec<u8>>) -> Result<Self, Error> {
        let url = config.endpoint.url.parse().map_err(|_| Error::new(Code::Config, "endpoint is not a URL."))?;
        // As many as may be under way at once; more would never be used.
        let idle = config.rate.slots();
        let roots = roots(extra_roots);
        let settings = defaults::changed(|settings| {
            settings
                .http_status_as_error(false)
                .max_redirects(0)
                .proxy(config.proxy.as_ref().map(|proxy| proxy.0.clone()))
                .user_agent(&config.user_agent)
                .accept("application/json")
                .accept_encoding("identity")
                .max_idle_connections(idle)
                .max_idle_connections_per_host(idle)
                .max_idle_age(MAX_IDLE_AGE)
                .tls_config(TlsConfig::builder().root_certs(roots).build())
        });
        Ok(Transport {
            connections: Connections::new(settings),
            url,
            connect_timeout: config.connect_timeout,
            proxy: config.proxy.as_ref().map(|proxy| format!("{proxy:?}")),
        })
    }

    /// Closes the connections that are kept.
    pub(crate) fn drop_kept(&self) {
        self.connections.drop_kept();
    }

    /// How many connections were opened so far.
    pub(crate) fn connections_opened(&self) -> u64 {
        self.connections.opened()
    }

    /// One exchange, on this thread.
    pub(crate) fn post(
        &self,
        body: String,
        deadline: Moment,
        clock: &dyn Clock,
        cancel: Option<&CancelToken>,
        manner: Manner<'_>,
    ) -> Result<Reply, Failure> {
        let left = deadline.saturating_sub(clock.now());
        if left.is_zero() {
            return Err(Failure::deadline(false));
        }
        let (agent, notes) = match manner {
            Manner::Kept => (lock(self.connections.agent()).clone(), None),
            Manner::Afresh => (self.connections.make(), None),
            Manner::Noted(notes) => (self.connections.make(), Some(notes)),
        };
        if let Some(notes) = notes {
            notes.begin();
        }
        let exchange = Exchange {
            agent,
            url: self.url.clone(),
            connect_timeout: self.connect_timeout.min(left),
            timeout: left,
            body,
        };
        let (result, mut attempt) = Attempt::new(left, cancel, notes).run(|| exchange.run());
        let failure = match result {
            Ok(Ok(reply)) => return Ok(Reply { reused: attempt.reused, ..reply }),
            Ok(Err(_)) if cancel.is_some_and(CancelToken::is_triggered) => Failure::cancelled(),
            Ok(Err(error)) => {
                let is_late = clock.now() >= deadline;
                Failure::of(&error, attempt.sent, is_late, self.connect_timeout, self.proxy.as_deref())
            }
            Err(_) => Failure::panicked(),
        };
        Err(Failure { sent: attempt.sent, unanswered: attempt.unanswered(), ..failure })
    }
}

/// What one attempt needs.
struct Exchange {
    agent: Agent,
    url: http::Uri,
    connect_timeout: Duration,
    timeout: Duration,
    body: String,
}

impl Exchange {
    fn run(self) -> Result<Reply, ureq::Error> {
        let response = self
            .agent
            .post(self.url)
            .config()
            .timeout_global(Some(self.timeout))
            .timeout_connect(Some(self.connect_timeout))
            .build()
            .content_type("application/json")
            .send(self.body)?;
        let (head, body) = response.into_parts();
        Attempt::note(|notes| {
            let date = head.headers.get(http::header::DATE).and_then(|value| value.to_str().ok());
            notes.answered(head.status.as_u16(), date.and_then(|date| httpdate::parse_http_date(date).ok()));
        });
        let retry_after =
            head.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
        let coding = head.headers.get(http::header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        let coding = coding.filter(|coding| !coding.trim().eq_ignore_ascii_case("identity")).map(str::to_owned);
        let status = head.status.as_u16();
        let body = match read(body) {
            Ok(body) => body,
            // A bad status is news enough; that its page could not be read is not.
            Err(error) if status != 200 && !matches!(error, ureq::Error::Timeout(Timeout::Global)) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Reply { status, retry_after, reused: false, coding, body })
    }
}

/// `Retry-After` is a number of seconds or a date; one that is past means now.
fn retry_after(text: &str) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be counted never fit.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }

    let moment = httpdate::parse_http_date(text).ok()?;
    Some(moment.duration_since(SystemTime::now()).unwrap_or_default())
}

fn read(body: Body) -> Result<Vec<u8>, ureq::Error> {
    let mut bytes = Vec::new();
    body.into_reader().take(MAX_BODY as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BODY { Err(ureq::Error::BodyExceedsLimit(MAX_BODY as u64)) } else { Ok(bytes) }
}

/// The bundled roots, and `extra` beside them.
fn roots(extra: Vec<Vec<u8>>) -> RootCerts {
    if extra.is_empty() {
        return RootCerts::WebPki;
    }
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| Certificate::from_der(root).to_owned());
    let extra = extra.iter().map(|der| Certificate::from_der(der).to_owned());
    bundled.chain(extra).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
        assert!(retry_after(&in_an_hour).is_some_and(|wait| wait > Duration::from_secs(3_500)));
        assert_eq!(retry_after("99999999999999999999"), Some(Duration::MAX));
        assert_eq!(retry_after(""), None);
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("-1"), None);
    }
}
