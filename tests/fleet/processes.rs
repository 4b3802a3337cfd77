//! Many processes, one limit: never an eleventh, nothing wasted, a fair share for each; and so while processes die and the
//! store dies, forgets, stalls, or is cut off.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clients::config;
use crate::redis_server::RedisServer;
use crate::simulator::{Options, Simulator};
use crate::workers::{Worker, run_time, shares};

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
        let config = config(&sim, url, PER_SECOND);
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
    let (server, time) = (RedisServer::start(), run_time(15));
    let mut fleet = Fleet::start(&server.url(), time, 20_000);
    let names: Vec<_> = fleet.workers.iter().map(|worker| worker.name.clone()).collect();
    let outcomes = fleet.outcomes();
    fleet.never_an_eleventh();
    let (from, to) = (Duration::from_secs(3), time);
    let stats = fleet.sim.stats();
    let shares = shares(&stats.recent, &names, from, to);
    let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
    let commands = server.commands();
    println!(
        "busiest second {}, throughput {:.3}, shares {least} to {most}, {:.2} commands a call, {outcomes:?}",
        stats.busiest_second,
        fleet.throughput(from, to),
        commands as f64 / stats.requests as f64,
    );
    assert_eq!(outcomes.keys().filter(|outcome| *outcome != "latestMs").collect::<Vec<_>>(), ["OK"]);
    assert!(fleet.throughput(from, to) > 0.8, "how much slower is the machine's affair");
    assert!(least * 3 >= most * 2, "{shares:?}");
    assert!(commands <= 4 * stats.requests, "{commands} commands for {} calls", stats.requests);
}
