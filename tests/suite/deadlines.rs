//! A deadline is a deadline, wherever the call stands when it comes.

use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::{Client, Code, Error};

use crate::support::{self, Kind, client};

/// By design within 50 ms; the bound is for noisy machines, and shorter than any wait that would go on.
const LATE: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_millis(700);

fn ends_in_time(client: &Client, id: &str) -> Error {
    let begun = Instant::now();
    let error = support::ask(client, id, LIMIT.as_millis() as u64).unwrap_err();
    let took = begun.elapsed();
    assert!(took < LIMIT + LATE, "{id}: {took:?}");
    assert!(took + Duration::from_millis(20) > LIMIT, "{id}: ended early, after {took:?}: {error}");
    error
}

#[test]
fn while_waiting_for_the_answer() {
    let sim = support::start();
    for (kind, id) in [(Kind::Sm, "HANG-1"), (Kind::Rsa, "DRIP-1"), (Kind::Sm, "HALFHEAD-1"), (Kind::Sm, "SLOW9000-1")]
    {
        let error = ends_in_time(&client(kind, &sim), id);
        assert_eq!((error.code, error.sent, error.attempts), (Code::Timeout, true, 1), "{id}: {error}");
    }
    // The connections that were given up are closed, and the next call is healthy.
    assert!(client(Kind::Sm, &sim).query_sign_sts("F1").is_ok());
}

#[test]
fn while_connecting() {
    // Full: the kernel answers no more handshakes, so a connect hangs.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _filling: Vec<_> = (0..200)
        .map_while(|_| std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok())
        .collect();
    let config = support::config(Kind::Sm, &format!("http://{address}/"));
    let error = ends_in_time(&Client::from_json(&config.to_string()).unwrap(), "F1");
    assert_eq!((error.code, error.sent), (Code::Timeout, false), "{error}");

    // With time left, a connect that takes too long is a transport error, and is repeated.
    let mut config = config;
    config["connectTimeoutMs"] = json!(100);
    config["maxAttempts"] = json!(2);
    let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
    assert_eq!((error.code, error.sent, error.attempts), (Code::Transport, false, 2), "{error}");
    assert!(error.message.contains("connectTimeoutMs (100 ms)"), "{error}");
}

#[test]
fn while_shaking_hands_for_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Reads the client's hello and never answers; ends when the client gives up.
        let mut sink = Vec::new();
        let _ = stream.read_to_end(&mut sink);
    });
    let client = Client::from_json(&support::config(Kind::Sm, &endpoint).to_string()).unwrap();
    let error = ends_in_time(&client, "F1");
    assert_eq!((error.code, error.sent), (Code::Timeout, false), "{error}");
    server.join().unwrap();
}

#[test]
fn while_waiting_for_a_turn() {
    let sim = support::start();
    let client = support::client_with(Kind::Sm, &sim, json!({"rateLimit": {"perSecond": 1}}));
    std::thread::scope(|scope| {
        // Holds the only slot; nobody can know for how long, so a wait is not hopeless from the start.
        scope.spawn(|| support::ask(&client, "SLOW9000-1", 20_000));
        std::thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        let error = support::ask(&client, "F1", 1_200).unwrap_err();
        assert_eq!((error.code, error.sent), (Code::RateLimited, false));
        assert!(begun.elapsed() < Duration::from_millis(1_200) + LATE, "{:?}", begun.elapsed());
    });
}
