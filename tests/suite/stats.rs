//! What a client counts, against what the simulator saw.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yspay::{CancelToken, Client, Code, QueryOptions, Stats};
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{self, Kind, ask, client, client_with};

/// The count of an outcome or a status.
fn of(counts: &[(&'static str, u64)], name: &str) -> u64 {
    counts.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no {name} in {counts:?}")).1
}

/// Looks until the figures are so; others change them.
#[track_caller]
fn until(client: &Client, wanted: impl Fn(&Stats) -> bool) -> Stats {
    let begun = Instant::now();
    loop {
        let stats = client.stats();
        if wanted(&stats) {
            return stats;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{stats:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn every_figure_is_exact() {
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"maxAttempts": 2}));
    std::thread::scope(|scope| {
        for turn in 0..10 {
            let id = format!("SLOW2500-{turn}");
            let client = &client;
            scope.spawn(move || client.query_sign_sts(&id).unwrap());
        }
        let full = until(&client, |stats| stats.rate_limit.slots_in_use == 10);
        assert_eq!((full.rate_limit.waiting, full.attempts, of(&full.calls, "OK")), (0, 10, 0));
        // Its turn comes when an answer is a second old.
        let late = scope.spawn(|| client.query_sign_sts("STS0-1").unwrap());
        let waiting = until(&client, |stats| stats.rate_limit.waiting == 1);
        assert_eq!((waiting.rate_limit.slots_in_use, waiting.attempts), (10, 10));
        assert_eq!(ask(&client, "F1", 50).unwrap_err().code, Code::RateLimited);
        late.join().unwrap();
    });
    assert_eq!(client.query_sign_sts("C99-1").unwrap_err().code, Code::Business);
    assert_eq!(client.query_sign_sts("H500THEN-1").map(|answer| answer.attempts), Ok(2));
    assert_eq!(client.query_sign_sts("STSX-1").unwrap().verified.status().name(), "UNKNOWN");
    assert_eq!(client.query_sign_sts("a=b").unwrap_err().code, Code::InvalidArgument);
    let cancel = CancelToken::new();
    cancel.trigger();
    let options = QueryOptions { cancel: Some(cancel), ..QueryOptions::default() };
    assert_eq!(client.query_sign_sts_with("F2", &options).unwrap_err().code, Code::Cancelled);
    // No calls: they go past the limiter, and nothing is counted.
    let body = client.build_request("STS2-x", None).unwrap();
    client.verify_response("STS2-x", &support::post(sim.address(), &body)).unwrap();

    let mut told: Value = serde_json::from_str(&client.stats().to_json()).unwrap();
    let resting = told["rateLimit"]["slotsResting"].take().as_u64().unwrap();
    assert!(resting <= 10, "{resting}");
    let sum = told["waitSeconds"]["sum"].take().as_f64().unwrap();
    assert!((1.0..60.0).contains(&sum), "{sum}");
    let buckets = told["waitSeconds"]["buckets"].take();
    let buckets: Vec<(f64, u64)> = buckets
        .as_array()
        .unwrap()
        .iter()
        .map(|bucket| (bucket["le"].as_f64().unwrap(), bucket["count"].as_u64().unwrap()))
        .collect();
    let bounds: Vec<_> = buckets.iter().map(|(le, _)| *le).collect();
    assert_eq!(bounds, [0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
    assert!(buckets.windows(2).all(|two| two[0].1 <= two[1].1), "{buckets:?}");
    assert!(buckets[3].1 < 15, "who came too late waited for a second: {buckets:?}");
    assert_eq!(buckets[8].1, 15, "{buckets:?}");
    let expected = json!({
        "calls": {
            "OK": 13, "INVALID_ARGUMENT": 1, "INVALID_HANDLE": 0, "CONFIG": 0, "CREDENTIAL": 0, "RATE_LIMITED": 1,
            "TRANSPORT": 0, "TIMEOUT": 0, "HTTP_STATUS": 0, "MALFORMED_RESPONSE": 0, "SIGNATURE": 0, "MISMATCH": 0,
            "GATEWAY_TIMEOUT": 0, "BUSINESS": 1, "INTERNAL": 0, "CANCELLED": 1,
            "LIMITER_UNAVAILABLE": 0,
        },
        "answers": {
            "APPLYING": 1, "PENDING": 0, "CREATED": 11, "VOIDED": 0, "EXPIRED": 0, "CREATE_FAILED": 0,
            "CONTRACT_GENERATED": 0, "UNKNOWN": 1,
        },
        "attempts": 15,
        "retries": 1,
        // One was the request by hand.
        "connectionsOpened": sim.stats().connections - 1,
        "waitSeconds": {"count": 15, "sum": null, "buckets": null},
        "rateLimit": {"perSecond": 10, "slotsInUse": 0, "slotsResting": null, "waiting": 0, "turns": 15, "shared": null},
    });
    assert_eq!(told, expected);
    assert_eq!(sim.stats().requests, 16);
}

#[test]
fn a_window_is_everybodys_and_the_rest_is_the_clients() {
    let sim = support::start();
    let (one, other) = (client(Kind::Sm, &sim), client(Kind::Sm, &sim));
    for id in ["F1", "F2"] {
        one.query_sign_sts(id).unwrap();
    }
    other.query_sign_sts("F3").unwrap();
    let (one, other) = (one.stats(), other.stats());
    assert_eq!((one.attempts, one.connections_opened, one.wait_seconds.count, of(&one.calls, "OK")), (2, 1, 2, 2));
    assert_eq!((other.attempts, other.connections_opened, of(&other.calls, "OK")), (1, 1, 1));
    assert_eq!((one.rate_limit.turns, other.rate_limit.turns), (3, 3));
}

#[test]
fn a_request_that_was_given_up_holds_its_slot() {
    let sim = support::start();
    let client = client(Kind::Sm, &sim);
    assert_eq!(ask(&client, "HANG-1", 500).unwrap_err().code, Code::Timeout);
    let stats = client.stats();
    assert_eq!((stats.rate_limit.slots_in_use, stats.rate_limit.slots_resting), (1, 0));
    assert_eq!((of(&stats.calls, "TIMEOUT"), stats.attempts), (1, 1));
    // Its answer comes after a while, and whoever looks at the figures sees it.
    assert_eq!(ask(&client, "SLOW1500-1", 500).unwrap_err().code, Code::Timeout);
    let later = until(&client, |stats| stats.rate_limit.slots_in_use == 1);
    assert_eq!(later.rate_limit.slots_resting, 1);
}

#[test]
fn a_wait_in_vain_is_a_wait() {
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}}));
    let cancel = CancelToken::new();
    client.query_sign_sts("F1").unwrap();
    let options = QueryOptions { cancel: Some(cancel.clone()), ..QueryOptions::default() };
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| client.query_sign_sts("SLOW1500-1").unwrap());
        until(&client, |stats| stats.attempts == 2);
        let call = scope.spawn(|| client.query_sign_sts_with("F2", &options).unwrap_err().code);
        until(&client, |stats| stats.rate_limit.waiting == 1);
        cancel.trigger();
        assert_eq!(call.join().unwrap(), Code::Cancelled);
        slow.join().unwrap();
    });
    let stats = client.stats();
    assert_eq!((stats.wait_seconds.count, stats.attempts, stats.rate_limit.turns), (3, 2, 2));
    assert_eq!((of(&stats.calls, "CANCELLED"), of(&stats.calls, "OK")), (1, 2));
}

#[test]
fn a_connection_that_never_stood_is_not_counted() {
    let sim = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let trusting = client(Kind::Sm, &sim);
    trusting.query_sign_sts("F1").unwrap();
    assert_eq!(trusting.stats().connections_opened, 1);
    let config = support::config(Kind::Sm, &sim.endpoint());
    let distrustful = Client::from_json(&config.to_string()).unwrap();
    assert_eq!(distrustful.query_sign_sts("F2").unwrap_err().code, Code::Transport);
    let stats = distrustful.stats();
    assert_eq!((stats.connections_opened, stats.attempts, of(&stats.calls, "TRANSPORT")), (0, 1, 1));
}

/// Every count, in one order.
fn counts(stats: &Stats) -> Vec<u64> {
    let named = stats.calls.iter().chain(&stats.answers).map(|(_, count)| *count);
    let waits = stats.wait_seconds.buckets.iter().map(|bucket| bucket.count);
    let single =
        [stats.attempts, stats.retries, stats.connections_opened, stats.wait_seconds.count, stats.rate_limit.turns];
    named.chain(waits).chain(single).collect()
}

#[test]
fn counts_only_grow_and_lose_nothing_under_threads() {
    const THREADS: usize = 4;
    const CALLS: usize = 25;
    let sim = support::start();
    let client = client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1000}, "maxAttempts": 2}));
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..THREADS)
            .map(|thread| {
                let client = &client;
                scope.spawn(move || {
                    for turn in 0..CALLS {
                        let _ = client.query_sign_sts(&format!("{}-{thread}-{turn}", ["F", "C99", "C50"][turn % 3]));
                    }
                })
            })
            .collect();
        let mut before = client.stats();
        while calls.iter().any(|call| !call.is_finished()) {
            let after = client.stats();
            let grows = counts(&before).iter().zip(counts(&after)).all(|(before, after)| *before <= after);
            assert!(grows && before.wait_seconds.sum <= after.wait_seconds.sum, "{before:?}\n{after:?}");
            before = after;
        }
    });
    let stats = client.stats();
    let thirds = [9, 8, 8].map(|calls| calls * THREADS as u64);
    assert_eq!(["OK", "BUSINESS", "GATEWAY_TIMEOUT"].map(|code| of(&stats.calls, code)), thirds);
    assert_eq!((stats.attempts, stats.retries), (33 * THREADS as u64, 8 * THREADS as u64));
    assert_eq!((stats.attempts, stats.rate_limit.turns), (sim.stats().requests, sim.stats().requests));
    assert_eq!(stats.connections_opened, sim.stats().connections);
}
