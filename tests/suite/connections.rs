//! Connections are kept and reused; one that the platform closed costs a repetition at most, never an error.

use std::time::Duration;

use serde_json::json;
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{self, Kind, client};

#[test]
fn warm_calls_reuse_their_connection() {
    for tls in [None, Some(Tls::default())] {
        let sim = Simulator::start(Options { tls, ..Options::default() }).unwrap();
        let client = client(Kind::Sm, &sim);
        for turn in 0..8 {
            assert_eq!(client.query_sign_sts(&format!("F{turn}")).map(|answer| answer.attempts), Ok(1));
        }
        assert_eq!(sim.stats().connections, 1);
    }
}

#[test]
fn an_idle_connection_that_was_closed_costs_no_error() {
    let idle_timeout = Duration::from_millis(100);
    let sim = Simulator::start(Options { idle_timeout, ..Options::default() }).unwrap();
    let client = support::client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 100}}));
    for turn in 0..4 {
        let answer = client.query_sign_sts(&format!("F{turn}")).unwrap();
        assert!(answer.attempts <= 2, "{}", answer.attempts);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(sim.stats().connections >= 4);
}

#[test]
fn a_connection_closed_right_after_the_answer_costs_no_error() {
    let sim = support::start();
    let client = support::client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1000}}));
    for turn in 0..50 {
        // Reused at once, so the close races the next request.
        let answer = client.query_sign_sts(&format!("KEEPCLOSE-{turn}")).unwrap();
        assert!(answer.attempts <= 2, "{}", answer.attempts);
    }
}
