//! One process and a store that fails: what a call costs then, what is told, and what is given back.

use std::io::Read;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::{CancelToken, Client, Code, QueryOptions};
use yspay_simulator::{Options, Simulator};

use crate::cable::Cable;
use crate::clients::{ask, client, config};
use crate::redis_server::RedisServer;

fn slow_platform() -> Simulator {
    Simulator::start(Options { response_delay: Duration::from_millis(400), ..Options::default() }).unwrap()
}

/// A store that takes connections and never says a word; counts them.
fn dumb_store() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            counter.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || stream.read_to_end(&mut Vec::new()));
        }
    });
    (port, connections)
}

#[test]
fn a_dead_store_costs_one_call_its_time_limit_and_is_tried_once_a_second() {
    let sim = Simulator::start(Options::default()).unwrap();
    let (port, connections) = dumb_store();
    let mut config = config(&sim, &format!("redis://127.0.0.1:{port}"), 10);
    config["rateLimit"]["shared"]["timeoutMs"] = json!(500);
    let client = client(&config);
    let begun = Instant::now();
    let (slow, calls) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                while begun.elapsed() < Duration::from_secs(4) {
                    let asked = Instant::now();
                    let error = ask(&client, "STS02", 20_000).unwrap_err();
                    assert_eq!((error.code, error.sent), (Code::LimiterUnavailable, false), "{error}");
                    slow.fetch_add((asked.elapsed() > Duration::from_millis(450)).into(), Ordering::SeqCst);
                    calls.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        }
    });
    let (slow, calls, tries) =
        (slow.load(Ordering::SeqCst), calls.load(Ordering::SeqCst), connections.load(Ordering::SeqCst));
    // Five were in the queue when it was found out.
    assert!(slow <= 5 && calls > 100, "{slow} of {calls} calls waited");
    assert!((2..=5).contains(&tries), "{tries} tries in four seconds");
    assert_eq!(sim.stats().requests, 0);
}

#[test]
fn an_answer_waits_for_no_store() {
    let (sim, server) = (slow_platform(), RedisServer::start());
    let mut config = config(&sim, &server.url(), 10);
    config["rateLimit"]["shared"]["timeoutMs"] = json!(1_000);
    let client = client(&config);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&client, "STS02", 20_000));
        while sim.stats().requests == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        }
        server.stop();
        call.join().unwrap().unwrap();
    });
    let freed = Instant::now();
    drop(client);
    assert!(freed.elapsed() < Duration::from_secs(10), "it is freed although nobody can be told");
    server.go_on();
}

#[test]
fn an_impatient_call_does_not_give_the_store_up_for_others() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 10));
    server.stop();
    assert_eq!(ask(&client, "STS02", 100).unwrap_err().code, Code::RateLimited);
    server.go_on();
    ask(&client, "STS02", 20_000).unwrap();
    assert_eq!(server.slots(), 1, "what was granted to nobody is given back");
}

#[test]
fn a_turn_whose_grant_was_lost_on_the_way_is_given_back_when_the_store_is_back() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let cable = Cable::to(server.port());
    let way = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", cable.port()));
    let client = client(&config(&sim, &way, 10));
    ask(&client, "STS02", 20_000).unwrap();
    server.until(|server| server.longest_slot().is_zero());
    cable.mute();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&client, "STS02", 60_000));
        server.until(|server| server.longest_slot() > Duration::from_secs(30));
        cable.cut();
        assert_eq!(call.join().unwrap().unwrap_err().code, Code::LimiterUnavailable);
    });
    cable.mend();
    server.until(|server| server.longest_slot().is_zero());
}

#[test]
fn who_cancels_leaves_at_once_and_nothing_stays_in_the_queue() {
    let (sim, server) = (slow_platform(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 1));
    ask(&client, "STS02", 20_000).unwrap();
    let token = CancelToken::new();
    let options = || QueryOptions { timeout: Some(Duration::from_secs(20)), cancel: Some(token.clone()) };
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let calls = [0, 1].map(|_| scope.spawn(|| client.query_sign_sts_with("STS02", &options())));
        while server.queue() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        token.trigger();
        for call in calls {
            let error = call.join().unwrap().unwrap_err();
            assert_eq!((error.code, error.sent), (Code::Cancelled, false));
        }
    });
    let begun = Instant::now();
    server.until(|server| server.queue() == 0);
    assert!(begun.elapsed() < Duration::from_secs(8), "told, and not only forgotten by the store");
    // Also from a question that the store does not answer.
    server.stop();
    let token = CancelToken::new();
    let cancelled = std::thread::scope(|scope| {
        let call = scope.spawn(|| {
            let options = QueryOptions { timeout: Some(Duration::from_secs(20)), cancel: Some(token.clone()) };
            client.query_sign_sts_with("STS02", &options)
        });
        std::thread::sleep(Duration::from_millis(100));
        let begun = Instant::now();
        token.trigger();
        assert_eq!(call.join().unwrap().unwrap_err().code, Code::Cancelled);
        begun.elapsed()
    });
    server.go_on();
    assert!(cancelled < Duration::from_secs(2), "{cancelled:?}");
    server.until(|server| server.queue() == 0 && server.slots() <= 1);
}

#[test]
fn a_request_that_was_not_sent_gives_its_slot_back_at_once() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let mut config = config(&sim, &server.url(), 1);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config["endpoint"] = json!(format!("http://{nobody}/"));
    config["maxAttempts"] = json!(1);
    let client = client(&config);
    // The first waits for a store's first second, which rests; no other has time to wait for a slot.
    for timeout in [20_000, 900, 900, 900, 900] {
        let error = ask(&client, "STS02", timeout).unwrap_err();
        assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
    }
    server.until(|server| server.slots() == 0);
}

#[test]
fn an_abandoned_request_keeps_its_slot_until_its_answer_is_seen() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 1));
    let error = ask(&client, "HANG-1", 3_000).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Timeout, true), "{error}");
    server.until(|server| server.slots() == 1 && server.longest_slot() > Duration::from_secs(15));
    // Nobody else gets it meanwhile.
    let error = ask(&client, "STS02", 2_000).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
    // Its connection ends: from then on it rests, long before its time is over.
    drop(sim);
    let begun = Instant::now();
    server.until(|server| server.longest_slot() <= Duration::from_secs(1));
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn with_a_fallback_the_process_goes_on_by_itself_and_says_so_once() {
    let (sim, mut server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let mut config = config(&sim, &server.url(), 10);
    config["rateLimit"]["shared"]["fallbackPerSecond"] = json!(2);
    let client = client(&config);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let (sink, port) = (Arc::clone(&told), format!(":{}/", server.port()));
    yspay::log::set_sink(
        Some(Arc::new(move |level, message| {
            if level == yspay::log::Level::Warn && message.contains(&port) {
                sink.lock().unwrap().push(message.to_owned());
            }
        })),
        yspay::log::Level::Warn,
    );
    let count = |client: &Client, calls| {
        let begun = Instant::now();
        for _ in 0..calls {
            ask(client, "STS02", 20_000).unwrap();
        }
        begun.elapsed()
    };
    count(&client, 1);
    server.kill();
    assert!(count(&client, 5) > Duration::from_secs(2), "two a second of its own");
    assert_eq!(told.lock().unwrap().len(), 1, "{told:?}");
    server.start_again();
    let begun = Instant::now();
    while told.lock().unwrap().len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{told:?}");
        count(&client, 1);
    }
    let elapsed = count(&client, 8);
    assert!(elapsed < Duration::from_secs(5), "ten a second again: {elapsed:?}");
    yspay::log::set_sink(None, yspay::log::Level::Warn);
    let told = told.lock().unwrap();
    assert!(told[0].contains("keeps to 2 calls a second by itself"), "{told:?}");
    assert!(told[1].contains("answers again") && told.len() == 2, "{told:?}");
    assert_eq!(sim.stats().seconds_over_limit, 0);
}

#[test]
fn clients_of_one_process_must_agree_on_the_store() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    let first = config(&sim, &server.url(), 10);
    let _client = client(&first);
    let refusal = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut other = first.clone();
        change(&mut other);
        Client::from_json(&other.to_string()).map(|_| ()).map_err(|error| (error.code, error.message))
    };
    assert_eq!(refusal(&|_| {}), Ok(()));
    let changes: [fn(&mut serde_json::Value); 4] = [
        |other| other["rateLimit"] = json!({"perSecond": 10}),
        |other| other["rateLimit"]["shared"]["url"] = json!("redis://:hunter2@127.0.0.1:1"),
        |other| other["rateLimit"]["shared"]["prefix"] = json!("other"),
        |other| other["rateLimit"]["shared"]["fallbackPerSecond"] = json!(1),
    ];
    for change in changes {
        let (code, message) = refusal(&change).unwrap_err();
        assert!(code == Code::Config && message.contains("rateLimit.shared is another one"), "{message}");
        assert!(!message.contains("hunter2"));
    }
}

#[test]
fn a_client_that_is_gone_leaves_no_connection_and_all_is_told() {
    let (sim, server) = (Simulator::start(Options::default()).unwrap(), RedisServer::start());
    for _ in 0..3 {
        let client = client(&config(&sim, &server.url(), 10));
        ask(&client, "STS02", 20_000).unwrap();
        assert_eq!(server.clients(), 2, "the client's and ours");
        drop(client);
        assert!(server.longest_slot() <= Duration::from_secs(1), "told before the client was gone");
        server.until(|server| server.clients() == 1);
    }
}

#[test]
fn a_client_is_not_gone_before_a_slow_store_knows_what_became_of_its_calls() {
    let (sim, server) = (slow_platform(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 10));
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&client, "STS02", 20_000));
        while sim.stats().requests == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        server.stop();
        call.join().unwrap().unwrap();
    });
    std::thread::scope(|scope| {
        let begun = Instant::now();
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(500));
            server.go_on();
        });
        drop(client);
        assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
    });
    assert!(server.longest_slot() <= Duration::from_secs(1));
}

#[test]
fn what_people_watch_tells_of_the_store() {
    let (sim, mut server) = (slow_platform(), RedisServer::start());
    let client = client(&config(&sim, &server.url(), 10));
    let shared = || client.stats().rate_limit.shared.unwrap();
    assert_eq!((shared().reachable, shared().last_error, shared().round_trip_ms), (None, None, None));
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&client, "STS02", 20_000));
        while sim.stats().requests == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(client.stats().rate_limit.slots_in_use, 1);
        let lease = server.longest_slot();
        assert!(lease <= Duration::from_secs(21), "until its deadline and a rest: {lease:?}");
        call.join().unwrap().unwrap();
    });
    let limit = client.stats().rate_limit;
    assert_eq!((limit.slots_in_use, limit.slots_resting, limit.waiting, limit.turns), (0, 0, 0, 1));
    assert_eq!((shared().reachable, shared().last_error), (Some(true), None));
    assert!(shared().round_trip_ms.unwrap() > 0.0);
    server.kill();
    ask(&client, "STS02", 20_000).unwrap_err();
    assert_eq!(shared().reachable, Some(false));
    let told = client.stats().to_json();
    assert!(told.contains("redis://127.0.0.1") && !told.contains(server.password()), "{told}");
}
