//! Calls whose turns come from a real store.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::Code;
use yspay_simulator::{Options, Simulator};

use crate::clients::{ask, client, config};
use crate::redis_server::RedisServer;

#[test]
fn a_call_takes_its_turn_from_the_store_and_gives_it_back() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 2));
    let begun = Instant::now();
    for _ in 0..4 {
        ask(&client, "STS02", 20_000).unwrap();
    }
    let elapsed = begun.elapsed();
    assert!(elapsed >= Duration::from_secs(2), "the first second rests, and then every two calls do: {elapsed:?}");
    assert_eq!(sim.stats().requests, 4);
    // A wait that cannot end in time is refused at once.
    let error = ask(&client, "STS02", 300).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
    assert!(error.message.contains("would be"), "not after it had waited: {error}");
    assert_eq!(server.queue(), 0, "who has no hope stands in nobody's way");
}

#[test]
fn who_has_too_many_of_its_own_process_ahead_is_refused_at_once() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 1));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| ask(&client, "STS02", 20_000).unwrap());
        }
        while client.stats().rate_limit.waiting < 4 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let begun = Instant::now();
        let error = ask(&client, "STS02", 2_500).unwrap_err();
        assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    });
}

#[test]
fn every_way_that_a_store_can_be_away_is_told() {
    let (sim, mut server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let refusal = |url: &str| {
        let mut config = config(&sim, url, 10);
        config["rateLimit"]["shared"]["timeoutMs"] = json!(500);
        let client = client(&config);
        let error = ask(&client, "STS02", 20_000).unwrap_err();
        assert_eq!(
            (error.code, error.sent, error.retryable(), error.attempts),
            (Code::LimiterUnavailable, false, true, 0)
        );
        assert!(!error.message.contains(server.password()), "{error}");
        error.message
    };
    let at = |credentials: &str| format!("redis://{credentials}127.0.0.1:{}/0", server.port());
    for (url, expected) in [
        (at(""), "wants a password"),
        (at(":wrong@"), "refuses the password"),
        (at("nobody:wrong@"), "refuses the password"),
        (server.user("nothing", "resetkeys ~yspay:* +evalsha"), "does not permit"),
        (server.url().replace("redis://", "rediss://"), "Does it want TLS"),
        (server.url() + "99", "out of range"),
        (format!("redis://127.0.0.1:{}", something_else()), "does not speak the protocol of Redis"),
        ("redis://127.0.0.1:1".into(), "refuses the connection"),
        (at("").replace("redis://", "redis+sentinel://").replace("/0", "/m"), "Is it the port of a sentinel"),
        ("redis://no-such-host.invalid".into(), "has a host that cannot be found"),
        ("unix:///no/such.sock".into(), "has no socket at this path"),
    ] {
        let message = refusal(&url);
        assert!(message.contains(expected), "{url}: {message}");
    }
    server.stop();
    let begun = Instant::now();
    assert!(refusal(&server.url()).contains("did not answer within 500 ms"));
    assert!(begun.elapsed() < Duration::from_secs(5));
    server.go_on();
    server.kill();
    assert_eq!(sim.stats().requests, 0);
}

/// A server that answers everybody as a web server answers what it does not understand.
fn something_else() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        if let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    port
}
