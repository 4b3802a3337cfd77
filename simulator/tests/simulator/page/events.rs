//! What open pages are told, and that a slow one harms nobody.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yspay_simulator::crypto::Algorithm;

use super::{Reader, get, host, request, start, token, with};
use crate::raw::{Connection, ask, good_request, post};

fn ids(requests: &Value) -> Vec<u64> {
    requests.as_array().expect("a list").iter().map(|request| request["id"].as_u64().expect("an id")).collect()
}

fn counted(ticks: &[Value]) -> u64 {
    // The last bin of an event may be partial and comes again.
    let mut bins = std::collections::BTreeMap::new();
    for arrivals in ticks.iter().map(|tick| &tick["arrivals"]) {
        assert_eq!(arrivals["binMs"], 100);
        let first = arrivals["fromMs"].as_u64().expect("a number") / 100;
        for (number, count) in (first..).zip(arrivals["counts"].as_array().expect("counts")) {
            bins.insert(number, count.as_u64().expect("a count"));
        }
    }
    bins.values().sum()
}

#[test]
fn hello_tells_all_that_there_is() {
    let simulator = with(|options| options.limit_per_second = 7);
    for _ in 0..120 {
        ask(&simulator, &post("{}"));
    }
    ask(&simulator, &good_request(Algorithm::Sm, "STS1"));
    let hello = Reader::open(&simulator).expect("hello");
    let address = simulator.address();
    for (name, value) in [
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("endpoint", json!(simulator.endpoint())),
        ("listen", json!(address.to_string())),
        ("loopback", json!(true)),
        ("limitPerSecond", json!(7)),
        ("enforceLimit", json!(false)),
    ] {
        assert_eq!(hello[name], value, "{name}");
    }
    assert_eq!(ids(&hello["requests"]), (22..=121).collect::<Vec<_>>());
    assert_eq!(hello["contracts"][0]["id"], "STS1");
    assert_eq!(counted(std::slice::from_ref(&hello)), 121);
    let totals = &hello["totals"];
    assert_eq!(
        [&totals["requests"], &totals["accepted"], &totals["refused"]],
        [121, 1, 120].map(Value::from).each_ref()
    );
    assert!(totals["overLimit"].as_u64() > Some(0) && totals["busiestSecond"].as_u64() > Some(7));
    let statuses: Vec<_> = hello["statuses"].as_array().expect("statuses").iter().map(|s| s["code"].clone()).collect();
    assert_eq!(statuses, ["0", "1", "2", "3", "4", "7", "8"]);
    let plays = hello["plays"].as_array().expect("plays");
    let told: HashSet<_> = plays.iter().map(|play| play["prefix"].as_str().expect("a prefix")).collect();
    assert_eq!(told, yspay_simulator::behaviour::prefixes().collect());
    let fault = |prefix| plays.iter().find(|play| play["prefix"] == prefix).map(|play| &play["fault"]);
    assert_eq!((fault("BADSIG"), fault("STS2")), (Some(&json!(true)), Some(&json!(false))));
    for (config, name) in hello["configs"].as_array().expect("configurations").iter().zip(["SM", "RSA"]) {
        assert_eq!((&config["name"], &config["file"]), (&json!(name), &Value::Null));
        let text: Value = serde_json::from_str(config["text"].as_str().expect("a text")).expect("JSON");
        assert_eq!(text["endpoint"], simulator.endpoint());
    }
    let started = hello["startedAt"].as_u64().expect("a time");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_millis() as u64;
    assert!(started <= now && now - started < 600_000);
}

#[test]
fn each_request_is_told_once_as_it_comes() {
    let simulator = start();
    let mut readers = [(); 3].map(|()| Reader::open(&simulator));
    for reader in &mut readers {
        assert_eq!(reader.expect("hello")["requests"], json!([]));
    }
    let mut connection = Connection::open(simulator.address());
    for number in 0..30 {
        connection.ask(&good_request(Algorithm::Sm, &format!("STS1-{}", number % 3)));
    }
    for reader in &mut readers {
        let ticks = reader.until(|tick| ids(&tick["requests"]).last() == Some(&30));
        let told: Vec<_> = ticks.iter().flat_map(|tick| ids(&tick["requests"])).collect();
        assert_eq!(told, (1..=30).collect::<Vec<_>>());
        assert!(ticks.iter().all(|tick| tick["skipped"] == 0));
        assert_eq!(counted(&ticks), 30);
        let contracts: HashSet<_> = ticks
            .iter()
            .flat_map(|tick| tick["contracts"].as_array().expect("contracts"))
            .map(|contract| contract["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(contracts, HashSet::from(["STS1-0", "STS1-1", "STS1-2"]));
    }
}

#[test]
fn at_most_ten_ticks_a_second_and_one_when_nothing_happens() {
    let simulator = start();
    let mut reader = Reader::open(&simulator);
    reader.expect("hello");
    let begun = Instant::now();
    let quiet = reader.expect("tick");
    assert_eq!((ids(&quiet["requests"]).len(), &quiet["contracts"]), (0, &json!([])));
    // A second by design; a busy machine may be later, never much earlier.
    assert!(begun.elapsed() > Duration::from_millis(500));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let ticks = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut connection = Connection::open(simulator.address());
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                connection.ask(&post("{}"));
            }
        });
        let ticks: Vec<_> = (0..12).map(|_| reader.expect("tick")).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        ticks
    });
    let told: Vec<_> = ticks.iter().flat_map(|tick| ids(&tick["requests"])).collect();
    assert!(told.is_sorted() && told.len() > 12);
    assert!(ticks.iter().all(|tick| ids(&tick["requests"]).len() <= 100));
    let skipped: u64 = ticks.iter().map(|tick| tick["skipped"].as_u64().expect("a number")).sum();
    assert_eq!(skipped + told.len() as u64, *told.last().expect("one"), "every one is told or counted");
    // By the simulator's own clock, for this side may be late.
    let at: Vec<_> = ticks.iter().map(|tick| tick["nowMs"].as_u64().expect("a time")).collect();
    assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= 99), "{at:?}");
}

#[test]
fn the_end_is_told() {
    let simulator = start();
    let mut readers = [(); 2].map(|()| Reader::open(&simulator));
    for reader in &mut readers {
        reader.expect("hello");
    }
    drop(simulator);
    for reader in &mut readers {
        while reader.next().expect("bye first").0 != "bye" {}
        assert!(reader.next().is_none());
    }
}

#[test]
fn sixteen_pages_may_be_open() {
    let simulator = start();
    let mut readers: Vec<_> = (0..16).map(|_| Reader::open(&simulator)).collect();
    let path = format!("/page/events?token={}", token(&simulator));
    // As an event, for a browser tells a page no status of a stream.
    let full = get(&simulator, &path);
    assert_eq!((full.status, full.header("Content-Type")), (200, Some("text/event-stream")));
    let said = String::from_utf8(full.body).expect("text");
    let said = said.strip_prefix("event: full\ndata: ").and_then(|said| said.strip_suffix("\n\n")).expect(&said);
    let said: Value = serde_json::from_str(said).expect("JSON");
    assert!(said["error"].is_string() && said["errorZh"].is_string(), "{said}");
    // The place of one that goes is free again, once it is told something in vain.
    readers.pop();
    while is_full(&simulator, &path) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_full(simulator: &yspay_simulator::Simulator, path: &str) -> bool {
    let mut connection = Connection::open(simulator.address());
    connection.send(&request("GET", path, &[&host(simulator)], ""));
    // Only what is whole has a length.
    connection.read_head().header("Content-Length").is_some()
}

#[test]
fn a_stuck_page_is_dropped_and_slows_nobody() {
    // Far longer than this test: it is not for its silence that the page is dropped.
    let simulator = with(|options| options.idle_timeout = Duration::from_secs(600));
    let path = format!("/page/events?token={}", token(&simulator));
    // It reads nothing, and what the system takes for it is soon full: messages are long.
    let mut stuck = Connection::open(simulator.address());
    stuck.send(&request("GET", &path, &[&host(&simulator)], ""));
    let mut reader = Reader::open(&simulator);
    reader.expect("hello");
    let mut connection = Connection::open(simulator.address());
    // A refusal that shows what came.
    let text = String::from_utf8(post("{}")).expect("text");
    let long = text.replacen("application/json", &"长".repeat(2_000), 1).into_bytes();
    let open = |simulator: &yspay_simulator::Simulator| simulator.stats().open_connections;
    while open(&simulator) != 3 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let until = Instant::now() + Duration::from_secs(120);
    while open(&simulator) == 3 {
        assert!(Instant::now() < until, "it was never dropped");
        for _ in 0..100 {
            connection.ask(&long);
        }
        reader.expect("tick");
    }
    // The other page was told all the while, and is still.
    connection.ask(&long);
    reader.until(|tick| tick["totals"]["requests"] == simulator.stats().requests);
}
