//! What the library costs, as one table: `make bench`. `cargo test --bench operations` runs each operation once.
//!
//! ```text
//! operations   one thread's work, by criterion     openssl   the same by OpenSSL
//! calls        whole calls against the simulator   program   the C example with the shared library
//! cpu_time     what criterion counts               table     the result, in Markdown
//! store        a turn of a limit in a store        java      the same by Java
//! ```
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[path = "../../tests/support/mod.rs"]
mod files;
#[cfg(feature = "redis")]
#[allow(dead_code, reason = "the tests of the fleet use the rest")]
#[path = "../../tests/fleet/redis_server.rs"]
mod redis_server;

mod calls;
mod cpu_time;
mod java;
mod openssl;
mod operations;
mod program;
#[cfg(feature = "redis")]
mod store;
mod table;

use program::Example;
use serde_json::{Value, json};
use table::Table;

const CREDENTIALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credentials");

/// A contract that the simulator reports as signed.
const FLOW_ID: &str = "STS2-bench";

/// One of the two algorithms, with the files of an institution that uses it.
struct Kind {
    name: &'static str,
    key: &'static str,
    certificate: &'static str,
    /// What a call may add to the platform's own time, at p50.
    call_aim: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind { name: "RSA", key: "merchant-rsa-3des.pfx", certificate: "platform-rsa.cer", call_aim: "< 3 ms" },
    Kind { name: "SM", key: "merchant.sm2", certificate: "platform-sm2.cer", call_aim: "< 1.5 ms" },
];

impl Kind {
    /// The configuration of a client that may ask as fast as it can.
    fn config(&self, endpoint: &str) -> Value {
        config(endpoint, self.key, self.certificate)
    }
}

fn config(endpoint: &str, key: &str, certificate: &str) -> Value {
    json!({
        "endpoint": endpoint, "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "rateLimit": {"perSecond": 10_000},
        "privateKey": {"path": format!("{CREDENTIALS}/{key}"), "password": "123456"},
        "platformCertificate": {"path": format!("{CREDENTIALS}/{certificate}")},
    })
}

fn main() {
    // Cargo says so; without it each operation runs once, as a test.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let example = measured.then(Example::built);
    let mut table = Table::default();

    let before = measured.then(openssl::measure);
    operations::run();
    let openssl = before.map(|before| before.and(openssl::measure()));
    if let Some(openssl) = &openssl {
        operations::report(&mut table, openssl, &java::measure());
    }
    #[cfg(feature = "redis")]
    store::measure(if measured { 5_000 } else { 1 }, &mut table);
    calls::measure(if measured { 500 } else { 1 }, &mut table);
    if let Some(example) = example {
        example.measure(&mut table);
        print!("\n{table}");
    }
}
