//! A process that forks, as gunicorn does, while its limit is shared.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::Code;
use yspay_simulator::{Options, Simulator};

use crate::clients::{ask, client, config};
use crate::files::Scratch;
use crate::programs;
use crate::redis_server::RedisServer;

/// Enough for calls that wait for each other.
const PATIENCE_MS: u64 = 60_000;

#[test]
#[ignore = "needs the C library: make test-mixed"]
fn children_that_ask_at_once_share_the_limit_with_their_parent() {
    let (folder, server) = (Scratch::new(), RedisServer::start());
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(20), ..Options::default() }).unwrap();
    let mut config = config(&sim, &server.url(), 10);
    config["timeoutMs"] = json!(PATIENCE_MS);
    let config = folder.write("config.json", config.to_string());
    let output = programs::c(&folder, "forks").arg(config).arg("share").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stats = sim.stats();
    println!("{}busiest second {}", String::from_utf8_lossy(&output.stdout), stats.busiest_second);
    // The first one, and three on each of five threads of five processes.
    assert_eq!((stats.requests, stats.accepted, stats.seconds_over_limit), (76, 76, 0), "{:?}", stats.refused);
    assert!(stats.busiest_second == 10, "nothing is wasted: {}", stats.busiest_second);
    server.until(|server| server.clients() == 1);
    assert!(server.longest_slot() <= Duration::from_secs(1), "all was told");
}

#[test]
#[ignore = "needs the C library: make test-mixed"]
fn a_child_that_ends_frees_nothing_of_its_parents() {
    let (folder, server) = (Scratch::new(), RedisServer::start());
    let sim = Simulator::start(Options { response_delay: Duration::from_secs(4), ..Options::default() }).unwrap();
    let mut config = config(&sim, &server.url(), 1);
    config["timeoutMs"] = json!(PATIENCE_MS);
    let file = folder.write("config.json", config.to_string());
    let mut process = programs::c(&folder, "forks")
        .arg(file)
        .arg("leave")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while sim.stats().requests == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing is asked");
        std::thread::sleep(Duration::from_millis(10));
    }
    let held = server.longest_slot();
    process.stdin.take().unwrap().write_all(b"\n").unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "LEFT\n");
    assert!(server.slots() == 1 && server.longest_slot() > held - Duration::from_secs(5), "it is the parent's");
    // So says another process's client, too.
    let error = ask(&client(&config), "STS02-other", 1_000).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::RateLimited, false), "{error}");
    assert_eq!(sim.stats().requests, 1, "the children sent nothing");
    assert!(process.wait().unwrap().success());
    assert!(server.slots() == 1 && server.longest_slot() <= Duration::from_secs(1), "the parent's answer freed it");
}

#[test]
#[ignore = "needs the C library: make test-mixed"]
fn fifty_forks_under_load_end_by_themselves() {
    let (folder, server) = (Scratch::new(), RedisServer::start());
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(2), ..Options::default() }).unwrap();
    let mut config = config(&sim, &server.url(), 1_000);
    config["timeoutMs"] = json!(PATIENCE_MS);
    config["maxAttempts"] = json!(1);
    let config = folder.write("config.json", config.to_string());
    let output = programs::c(&folder, "forks").arg(config).arg("storm").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stats = sim.stats();
    assert!(stats.refused.is_empty() && stats.requests >= 51, "{:?}", stats.refused);
    server.until(|server| server.clients() == 1);
    // Also where the parent's other threads, which a child has not, were using the client.
    assert_eq!(server.held_longer(Duration::from_secs(2)), 0, "all was told");
    println!("{} requests", stats.requests);
}
