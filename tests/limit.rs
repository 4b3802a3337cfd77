//! The limit for real: 1,000 calls from 100 threads with three clients. `--nocapture` shows the measured time.

#![allow(clippy::print_stdout, reason = "a measurement is shown")]

#[path = "support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::Client;
use yspay_simulator::{Options, Simulator};

const CALLS: usize = 1_000;
const THREADS: usize = 100;
const RESPONSE_TIME: Duration = Duration::from_millis(20);

#[test]
fn no_second_has_more_than_ten_arrivals_and_none_is_wasted() {
    let sim = Simulator::start(Options { response_delay: RESPONSE_TIME, ..Options::default() }).unwrap();
    let client = |key: &str, certificate: &str| {
        let config = json!({
            "endpoint": sim.endpoint(), "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "timeoutMs": 600_000,
            "privateKey": {"path": support::credential(key), "password": "123456"},
            "platformCertificate": {"path": support::credential(certificate)},
        });
        Client::from_json(&config.to_string()).unwrap()
    };
    let clients = [
        client("merchant.sm2", "platform-sm2.cer"),
        client("merchant-rsa-3des.pfx", "platform-rsa.cer"),
        client("merchant-sm2.pfx", "platform-sm2.cer"),
    ];
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (client, next) = (&clients[thread % clients.len()], &next);
            scope.spawn(move || {
                loop {
                    let call = next.fetch_add(1, Ordering::Relaxed);
                    if call >= CALLS {
                        break;
                    }
                    let id = format!("STS8-{call}");
                    let answer = client.query_sign_sts(&id).unwrap_or_else(|error| panic!("{id}: {error}"));
                    assert_eq!((answer.verified.sys_sign_flow_id(), answer.attempts), (id.as_str(), 1));
                }
            });
        }
    });
    let elapsed = begun.elapsed().as_secs_f64();
    let stats = sim.stats();
    assert_eq!((stats.requests, stats.accepted), (CALLS as u64, CALLS as u64), "{:?}", stats.refused);
    assert!(stats.busiest_second <= 10, "{} arrivals in one second", stats.busiest_second);
    assert_eq!(stats.seconds_over_limit, 0);

    let ideal = (CALLS as f64 / 10.0 - 1.0) * (1.0 + RESPONSE_TIME.as_secs_f64());
    println!("{CALLS} calls in {elapsed:.2} s, {:+.2} % of the ideal {ideal:.2} s", (elapsed / ideal - 1.0) * 100.0);
    // Faster would break the promise; how much slower is the machine's affair.
    assert!(elapsed > ideal * 0.99 && elapsed < ideal * 1.5, "{elapsed} s instead of {ideal} s");
}
