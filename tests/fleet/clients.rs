//! Clients of one institution that share a limit, and what they ask.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yspay::{Answer, Client, Code, Error, QueryOptions};
use yspay_simulator::Simulator;

use crate::files::credential;

/// The test institution's configuration for this simulator, its limit in the store at `url`; patient with that, for a test
/// machine may be busy.
pub(crate) fn config(sim: &Simulator, url: &str, per_second: u32) -> Value {
    json!({
        "endpoint": sim.endpoint(), "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "proxy": "none",
        "privateKey": {"path": credential("merchant.sm2"), "password": "123456"},
        "platformCertificate": {"path": credential("platform-sm2.cer")},
        "rateLimit": {"perSecond": per_second, "shared": {"url": url, "timeoutMs": 5_000}},
    })
}

pub(crate) fn client(config: &Value) -> Client {
    Client::from_json(&config.to_string()).unwrap()
}

pub(crate) fn ask(client: &Client, id: &str, timeout_ms: u64) -> Result<Answer, Error> {
    let options = QueryOptions { timeout: Some(Duration::from_millis(timeout_ms)), ..QueryOptions::default() };
    client.query_sign_sts_with(id, &options)
}

/// A call that the store does not let through: nothing is sent, and the message says `expected` and shows nothing that a
/// terminal would act on.
#[track_caller]
pub(crate) fn unavailable(client: &Client, expected: &str) -> String {
    let error = ask(client, "STS02", 20_000).unwrap_err();
    assert_eq!(
        (error.code, error.sent, error.retryable(), error.attempts),
        (Code::LimiterUnavailable, false, true, 0),
        "{error}"
    );
    assert!(error.message.contains(expected), "{error}");
    assert!(!error.message.contains(char::is_control), "{error:?}");
    error.message
}

/// How long it is until calls go through again.
#[track_caller]
pub(crate) fn until_it_works(client: &Client) -> Duration {
    let begun = Instant::now();
    loop {
        match ask(client, "STS02", 20_000) {
            Ok(_) => return begun.elapsed(),
            Err(error) => assert_eq!(error.code, Code::LimiterUnavailable, "{error}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not come back");
        std::thread::sleep(Duration::from_millis(20));
    }
}
