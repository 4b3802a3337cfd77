//! Clients of one institution that share a limit, and what they ask.

use std::time::Duration;

use serde_json::{Value, json};
use yspay::{Answer, Client, Error, QueryOptions};

use crate::files::credential;
use crate::simulator::{self, Simulator};

/// The test institution's configuration for this simulator, its limit in the store at `url`; patient with that, for a test
/// machine may be busy.
pub(crate) fn config(sim: &Simulator, url: &str, per_second: u32) -> Value {
    json!({
        "endpoint": sim.endpoint(), "src": simulator::SRC, "desKey": simulator::DES_KEY, "proxy": "none",
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
