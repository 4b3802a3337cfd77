//! Many processes, one limit: never an eleventh, nothing wasted, a fair share for each; and so while processes die and the
//! store dies, forgets, stalls, or is cut off.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use yspay_simulator::{Options, Simulator};

use crate::cable::Cable;
use crate::clients::config;
use crate::redis_server::RedisServer;
use crate::workers::{Worker, run_time, shared_fairly, shares};

const PER_SECOND: u32 = 10;
const PROCESSES: usize = 8;
const THREADS: usize = 5;
const RESPONSE_TIME: Duration = Duration::from_millis(50);
/// Every call ends within its time limit, as far as the machine lets it.
const LATEST_MS: u64 = 1_000;

/// A platform that counts, and processes that ask it.
struct Fleet {
    sim: Simulator,
    workers: Vec<Worker>,
}

impl Fleet {
    fn start(url: &str, time: Duration, timeout_ms: u64) -> Self {
        let sim = Simulator::start(Options { response_delay: RESPONSE_TIME, ..Options::default() }).unwrap();
        let mut config = config(&sim, url, PER_SECOND);
        config["rateLimit"]["shared"]["timeoutMs"] = json!(500);
        let start = |number| Worker::start(&format!("p{number}"), &config, THREADS, time, timeout_ms);
        let workers = (0..PROCESSES).map(start).collect();
        Fleet { sim, workers }
    }

    /// When all have ended: how often each outcome was seen.
    fn outcomes(&mut self) -> BTreeMap<String, u64> {
        let mut sum = BTreeMap::new();
        for worker in self.workers.drain(..) {
            for (outcome, times) in worker.outcomes() {
                let entry = sum.entry(outcome.clone()).or_default();
                *entry = if outcome == "latestMs" { times.max(*entry) } else { *entry + times };
            }
        }
        sum
    }

    #[track_caller]
    fn never_an_eleventh(&self) {
        let stats = self.sim.stats();
        assert_eq!(stats.seconds_over_limit, 0, "{} arrivals in one second", stats.busiest_second);
        assert!(stats.busiest_second <= PER_SECOND as usize && stats.requests > 0);
    }

    /// Arrivals a second in an interval of the simulator's time, as a share of what the limit lets through.
    fn throughput(&self, from: Duration, to: Duration) -> f64 {
        let arrivals = self.sim.stats().arrivals();
        let within = arrivals.iter().filter(|at| **at >= from && **at < to).count();
        let ideal = f64::from(PER_SECOND) / (1.0 + RESPONSE_TIME.as_secs_f64());
        within as f64 / (to - from).as_secs_f64() / ideal
    }
}

#[test]
fn eight_processes_share_ten_a_second() {
    shared_fairly(run_time(15), shares_of_eight);
}

/// How many requests of each arrived, in a run that keeps to the limit.
fn shares_of_eight(time: Duration) -> Vec<usize> {
    let server = RedisServer::start();
    let mut fleet = Fleet::start(&server.url(), time, 20_000);
    let names: Vec<_> = fleet.workers.iter().map(|worker| worker.name.clone()).collect();
    let outcomes = fleet.outcomes();
    fleet.never_an_eleventh();
    let (from, to) = (Duration::from_secs(3), time);
    let stats = fleet.sim.stats();
    let shares = shares(&stats.recent, &names, from, to);
    let commands = server.commands();
    println!(
        "busiest second {}, throughput {:.3}, shares {shares:?}, {:.2} commands a call, {outcomes:?}",
        stats.busiest_second,
        fleet.throughput(from, to),
        commands as f64 / stats.requests as f64,
    );
    assert_eq!(outcomes.keys().filter(|outcome| *outcome != "latestMs").collect::<Vec<_>>(), ["OK"]);
    assert!(fleet.throughput(from, to) > 0.8, "how much slower is the machine's affair");
    assert!(commands <= 4 * stats.requests, "{commands} commands for {} calls", stats.requests);
    shares
}

/// Ends of calls while the store is away; none is late.
#[track_caller]
fn only_as_promised(outcomes: &BTreeMap<String, u64>) {
    for (outcome, times) in outcomes {
        match outcome.as_str() {
            "OK" | "LIMITER_UNAVAILABLE" | "RATE_LIMITED" => {}
            "latestMs" => assert!(*times < LATEST_MS, "{outcomes:?}"),
            _ => panic!("{outcomes:?}"),
        }
    }
}

/// What happens to the store at `at`, for so long; how the fleet does until then, and from two seconds after it.
fn survives(name: &str, server: RedisServer, url: &str, away: Duration, fault: impl FnOnce(&mut RedisServer)) {
    let (at, settled, time) = (Duration::from_secs(4), Duration::from_secs(2), Duration::from_secs(6));
    let end = at + away + settled + time;
    let mut server = server;
    let mut fleet = Fleet::start(url, end, 8_000);
    let begun = Instant::now();
    std::thread::sleep(at);
    fault(&mut server);
    let over = begun.elapsed();
    let outcomes = fleet.outcomes();
    let busiest = fleet.sim.stats().busiest_second;
    // Calls may begin until the end, and end after it.
    let after = fleet.throughput(over + settled, end);
    println!("{name}: busiest second {busiest}, throughput two seconds after it {after:.3}, {outcomes:?}");
    fleet.never_an_eleventh();
    only_as_promised(&outcomes);
    assert!(after > 0.75, "{name}: not at full rate again ({after})");
}

#[test]
fn a_store_that_dies_and_forgets_lets_no_eleventh_through() {
    let server = RedisServer::start();
    let url = server.url();
    survives("killed and started empty", server, &url, Duration::from_secs(1), |server| {
        server.kill();
        std::thread::sleep(Duration::from_secs(1));
        server.start_again();
    });
}

#[test]
fn a_store_that_forgets_lets_no_eleventh_through() {
    let server = RedisServer::start();
    let url = server.url();
    survives("FLUSHALL", server, &url, Duration::ZERO, |server| server.flush());
}

#[test]
fn a_store_that_stops_for_five_seconds_lets_no_eleventh_through() {
    let server = RedisServer::start();
    let url = server.url();
    survives("stopped for five seconds", server, &url, Duration::from_secs(5), |server| {
        server.stop();
        std::thread::sleep(Duration::from_secs(5));
        server.go_on();
    });
}

#[test]
fn a_network_that_is_cut_lets_no_eleventh_through() {
    let server = RedisServer::start();
    let cable = Cable::to(server.port());
    let url = format!("redis://:{}@127.0.0.1:{}", server.password(), cable.port());
    survives("cut for three seconds", server, &url, Duration::from_secs(3), |_| {
        cable.cut();
        std::thread::sleep(Duration::from_secs(3));
        cable.mend();
    });
}

#[test]
fn processes_that_are_killed_cost_the_others_only_what_they_held() {
    let server = RedisServer::start();
    let time = Duration::from_secs(14);
    let mut fleet = Fleet::start(&server.url(), time, 8_000);
    std::thread::sleep(Duration::from_secs(4));
    for _ in 0..4 {
        fleet.workers.pop().unwrap().kill();
        std::thread::sleep(Duration::from_millis(137));
    }
    let outcomes = fleet.outcomes();
    let after = fleet.throughput(Duration::from_secs(7), time);
    println!("killed: throughput {after:.3}, {outcomes:?}");
    fleet.never_an_eleventh();
    only_as_promised(&outcomes);
    // A slot that a dead process held rests until its call's deadline.
    assert!(after > 0.6, "{after}");
}
