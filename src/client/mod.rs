//! The client: what it is made of, and what can be asked of it.

mod call;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::cancel::CancelToken;
use crate::clock::{Clock, Monotonic};
use crate::config::{self, Config, Environment, SharedLimit, TIMEOUT_MS};
use crate::crypto::{SignType, Signer, Verifier};
use crate::envelope::request::Sealer;
use crate::envelope::response::{self, Verified};
use crate::envelope::{ReqFlowId, SysSignFlowId};
use crate::error::{Code, Error};
use crate::keys::{self, PrivateKey, PublicKey};
use crate::limiter::{self, Limiter, StoreSettings, WindowKey};
use crate::log::{Level, log};
use crate::rate::Rate;
use crate::report::{Answer, Description, Stats};
use crate::stack;
use crate::stats::Counters;
use crate::trace::{Route, Trace};
use crate::transport::{Notes, Transport};
use call::Call;

/// Asks the platform about contracts, as one institution at one address.
///
/// Reads its key files once, when it is made: make one and keep it. May be used from any number of threads at once.
pub struct Client {
    sealer: Sealer,
    verifier: Verifier,
    transport: Transport,
    limiter: Arc<Limiter>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    max_attempts: u32,
    description: Description,
    counters: Counters,
    route: Route,
}

/// How one call differs from the configuration.
#[derive(Clone, Debug, Default)]
pub struct QueryOptions {
    /// The time for the whole call, waiting and repetitions included, 1 ms to 1 h; `None`: as configured.
    pub timeout: Option<Duration>,
    /// Cancels the call from another thread.
    pub cancel: Option<CancelToken>,
}

impl Client {
    /// Makes a client from a configuration in JSON (see docs/configuration.md), reading its key files.
    ///
    /// # Errors
    /// `CONFIG` and `CREDENTIAL`.
    pub fn from_json(config: &str) -> Result<Self, Error> {
        stack::scrubbed(|| Self::from_json_in(config, None))
    }

    /// The same, with the environment of a language that keeps its own, but without overwriting the stack afterwards, which
    /// is for whoever brings the client to its place.
    pub(crate) fn from_json_in(config: &str, environment: Option<&Environment>) -> Result<Self, Error> {
        let result = Config::from_json_in(config, environment).and_then(Self::new);
        match &result {
            Ok(client) => {
                log(Level::Info, || format!("client made: {}", client.description.to_json()));
                for warning in client.description.warnings(SystemTime::now()) {
                    log(Level::Warn, || warning);
                }
            }
            Err(error) => log(Level::Error, || format!("no client: {error}")),
        }
        result
    }

    /// Makes a client from a configuration file; paths in it are relative to the working directory, not to the file.
    ///
    /// # Errors
    /// `CONFIG`, also for a file that cannot be read, and `CREDENTIAL`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        stack::scrubbed(|| Self::from_file_unscrubbed(path.as_ref()))
    }

    /// The same without overwriting the stack afterwards.
    pub(crate) fn from_file_unscrubbed(path: &Path) -> Result<Self, Error> {
        match config::read_file(path) {
            Ok(text) => Self::from_json_in(&text, None),
            Err(error) => {
                log(Level::Error, || format!("no client: {error}"));
                Err(error)
            }
        }
    }

    fn new(config: Config) -> Result<Self, Error> {
        let key = keys::load_private_key(
            &config.private_key,
            config.password.as_deref().map(String::as_str),
            config.alias.as_deref(),
        )?;
        let certificate = keys::load_certificate(&config.platform_certificate)?;
        let sign_type = agree(&key.key, &certificate.public_key, config.sign_type)?;
        let extra_roots = config.ca_file.as_ref().map(keys::load_roots).transpose()?.unwrap_or_default();
        let transport = Transport::new(&config, extra_roots)?;
        let window =
            WindowKey { host: config.endpoint.host.clone(), port: config.endpoint.port, src: config.src.clone() };
        let store = config.shared_limit.as_ref().map(store_settings).transpose()?;
        let limiter = limiter::shared(&mut limiter::hold(), window, config.rate, store)?;
        let route = config.route();
        let description = Description::new(&config, sign_type, &key, &certificate, SystemTime::now());
        let unusable = |field| {
            Error::new(Code::Credential, format!("{field}: the key does not work with {sign_type}.")).of_setting(field)
        };
        Ok(Client {
            verifier: Verifier::new(&certificate.public_key).ok_or_else(|| unusable("platformCertificate"))?,
            sealer: Sealer {
                src: config.src,
                sign_type,
                des_key: config.des_key,
                signer: Signer::new(key.key).ok_or_else(|| unusable("privateKey"))?,
            },
            transport,
            limiter,
            clock: Arc::new(Monotonic),
            timeout: config.timeout,
            max_attempts: config.max_attempts,
            description,
            counters: Counters::default(),
            route,
        })
    }

    /// Asks for the signing status of a contract, with the configured time limit.
    ///
    /// # Errors
    /// Every code but `INVALID_HANDLE`; see [`Code`].
    pub fn query_sign_sts(&self, sys_sign_flow_id: &str) -> Result<Answer, Error> {
        self.query_sign_sts_with(sys_sign_flow_id, &QueryOptions::default())
    }

    /// Asks for the signing status of a contract.
    ///
    /// # Errors
    /// Every code but `INVALID_HANDLE`; see [`Code`].
    pub fn query_sign_sts_with(&self, sys_sign_flow_id: &str, options: &QueryOptions) -> Result<Answer, Error> {
        let result =
            self.counters.call(|| self.ask(sys_sign_flow_id, options, None), |answer| answer.verified.status());
        if let Some(news) = self.limiter.news() {
            log(Level::Warn, || news);
        }
        match &result {
            Ok(answer) => log(Level::Trace, || {
                format!("{}: {} after {} attempt(s)", answer.req_flow_id, answer.verified.status(), answer.attempts)
            }),
            Err(error) => log(Level::Error, || match &error.req_flow_id {
                Some(id) => format!("{id}: {error}"),
                None => error.to_string(),
            }),
        }
        result
    }

    /// Asks for the signing status of a contract, on a connection of its own, and tells what the call met on its way: for
    /// finding out why calls fail. It takes its turn and is repeated like any other call.
    pub fn trace_sign_sts(&self, sys_sign_flow_id: &str, options: &QueryOptions) -> (Trace, Result<Answer, Error>) {
        let notes = Notes::default();
        let result = self.ask(sys_sign_flow_id, options, Some(&notes));
        (notes.taken(), result)
    }

    /// Which way calls take: where to, through which proxy and why.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The body to post, for callers with an HTTP stack of their own. It does not pass the limiter: keeping to 10 calls
    /// a second is then the caller's duty. `req_flow_id` `None`: one is made.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn build_request(&self, sys_sign_flow_id: &str, req_flow_id: Option<&str>) -> Result<String, Error> {
        let flow_id = SysSignFlowId::new(sys_sign_flow_id)?;
        let req_flow_id = match req_flow_id {
            Some(given) => ReqFlowId::given(given)?,
            None => ReqFlowId::generate()?,
        };
        self.sealer.seal(&flow_id)?.body(&req_flow_id)
    }

    /// Opens an answer that the caller received with HTTP status 200.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `MALFORMED_RESPONSE`, `SIGNATURE`, `MISMATCH`, `GATEWAY_TIMEOUT`, `BUSINESS`.
    pub fn verify_response(&self, sys_sign_flow_id: &str, body: &[u8]) -> Result<Verified, Error> {
        response::open(body, None, &SysSignFlowId::new(sys_sign_flow_id)?, &self.verifier)
    }

    /// What this client is: address, institution, keys and certificates with the days they have left; nothing secret.
    pub fn describe(&self) -> Description {
        self.description.clone().at(SystemTime::now())
    }

    /// What this client has done since it was made, and what its limit looks like now; nothing secret.
    pub fn stats(&self) -> Stats {
        Stats::new(&self.counters, self.transport.connections_opened(), &self.limiter)
    }

    /// The time for one whole call: as given, or as configured.
    pub(crate) fn time_limit(&self, given: Option<Duration>) -> Result<Duration, Error> {
        checked_timeout(given.unwrap_or(self.timeout))
    }

    /// Does not return before a store knows what became of the last turns: the process may be about to end.
    pub(crate) fn tell_store(&self) {
        self.limiter.flush();
    }

    fn ask(&self, sys_sign_flow_id: &str, options: &QueryOptions, notes: Option<&Notes>) -> Result<Answer, Error> {
        let flow_id = SysSignFlowId::new(sys_sign_flow_id)?;
        let timeout = self.time_limit(options.timeout)?;
        Call::new(self, flow_id, timeout, options.cancel.as_ref()).noted(notes).run()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.tell_store();
        limiter::leave(&mut limiter::hold(), &self.limiter);
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("description", &self.description).finish_non_exhaustive()
    }
}

/// What is needed to ask the store of a shared limit, and what this process does by itself while that is away.
#[cfg(feature = "redis")]
fn store_settings(limit: &SharedLimit) -> Result<(StoreSettings, Option<Rate>), Error> {
    Ok((StoreSettings::new(limit)?, limit.fallback))
}

#[cfg(not(feature = "redis"))]
fn store_settings(_: &SharedLimit) -> Result<(StoreSettings, Option<Rate>), Error> {
    Err(Error::new(
        Code::Config,
        "rateLimit.shared is set, but this library was built without its feature redis. Build it with that, or leave the \
         setting out.",
    ))
}

/// The three statements of the algorithm must agree: `signType`, the institution's key and the platform's certificate.
fn agree(key: &PrivateKey, platform: &PublicKey, stated: Option<SignType>) -> Result<SignType, Error> {
    let (own, kind) = match key {
        PrivateKey::Rsa(_) => (SignType::Rsa, "an RSA key"),
        PrivateKey::Sm2(_) => (SignType::Sm, "an SM2 key"),
    };
    let (theirs, their_kind) = match platform {
        PublicKey::Rsa(_) => (SignType::Rsa, "an RSA certificate"),
        PublicKey::Sm2(_) => (SignType::Sm, "an SM2 certificate"),
    };
    if stated.is_some_and(|stated| stated != own) {
        return Err(Error::new(
            Code::Config,
            format!(
                "signType does not fit privateKey, which is {kind}. Set signType to {own:?}, or leave it out, or use the \
                     other key.",
                own = own.as_str()
            ),
        ));
    }
    if key.public_key() == *platform {
        return Err(Error::new(
            Code::Credential,
            "platformCertificate is this institution's own certificate: its key is that of privateKey. Set it to the \
             platform's, which YSEPAY sent (businessgate.cer, for example).",
        )
        .of_setting("platformCertificate"));
    }
    if own != theirs {
        return Err(Error::new(
            Code::Credential,
            format!(
                "privateKey is {kind} but platformCertificate is {their_kind}; both sides sign with the same algorithm. \
                     Ask YSEPAY for its certificate for signType {own}."
            ),
        )
        .of_setting("platformCertificate"));
    }
    Ok(own)
}

fn checked_timeout(timeout: Duration) -> Result<Duration, Error> {
    if u64::try_from(timeout.as_millis()).is_ok_and(|ms| TIMEOUT_MS.contains(&ms)) {
        Ok(timeout)
    } else {
        Err(Error::new(
            Code::InvalidArgument,
            format!(
                "timeout is {} ms; it must be from {} to {}.",
                timeout.as_millis(),
                TIMEOUT_MS.start(),
                TIMEOUT_MS.end()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_has_a_range() {
        assert!(checked_timeout(Duration::from_micros(999)).is_err());
        assert!(checked_timeout(Duration::from_millis(1)).is_ok());
        assert!(checked_timeout(Duration::from_secs(3600)).is_ok());
        assert!(checked_timeout(Duration::MAX).unwrap_err().message.contains("from 1 to 3600000"));
    }
}
