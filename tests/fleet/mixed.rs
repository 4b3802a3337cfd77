//! Processes in four languages, one limit.

#![allow(clippy::print_stdout, reason = "measurements are shown")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use yspay_simulator::{Options, Simulator};

use crate::clients::config;
use crate::files::Scratch;
use crate::programs;
use crate::redis_server::RedisServer;
use crate::workers::{run_time, shared_fairly, shares};

const THREADS: usize = 5;
const PER_SECOND: usize = 10;

/// Gone with the value.
struct Process {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut process = Process { child, output };
        assert_eq!(process.line(), "READY");
        process
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Ends the waiting of a process that is ready.
    fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// How often it was answered.
    fn answered(mut self) -> u64 {
        let line = self.line();
        assert!(self.child.wait().unwrap().success(), "not every call was answered");
        line.parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs the library in every language: make test-mixed"]
fn c_go_python_and_java_share_ten_a_second() {
    shared_fairly(run_time(12), shares_of_four);
}

/// How many requests of each arrived, in a run that keeps to the limit.
fn shares_of_four(time: Duration) -> Vec<usize> {
    let folder = Scratch::new();
    let programs = [
        ("c", programs::c(&folder, "worker")),
        ("go", programs::go(&folder)),
        ("python", programs::python()),
        ("java", programs::java(&folder)),
    ];
    let server = RedisServer::start();
    let sim = Simulator::start(Options { response_delay: Duration::from_millis(50), ..Options::default() }).unwrap();
    let origin = Instant::now();
    let mut config = config(&sim, &server.url(), PER_SECOND as u32);
    config["timeoutMs"] = json!(20_000);
    let config = folder.write("config.json", config.to_string());
    let millis = time.as_millis().to_string();
    let (names, mut processes): (Vec<_>, Vec<_>) = programs
        .into_iter()
        .map(|(name, mut command)| {
            let process = Process::start(command.arg(&config).args([name, &THREADS.to_string(), &millis]));
            (name.to_owned(), process)
        })
        .unzip();
    // A virtual machine that is still warming up takes longer for its first calls.
    let from = origin.elapsed() + Duration::from_secs(3);
    processes.iter_mut().for_each(Process::go);
    let to = origin.elapsed() + time;
    let answered: Vec<_> = processes.into_iter().map(Process::answered).collect();
    let stats = sim.stats();
    let shares = shares(&stats.recent, &names, from, to);
    println!("{names:?}: shares {shares:?}, answered {answered:?}, busiest second {}", stats.busiest_second);
    assert_eq!((stats.seconds_over_limit, stats.refused.len()), (0, 0), "{:?}", stats.refused);
    assert_eq!(answered.iter().sum::<u64>(), stats.requests, "every request was one call's, and answered");
    let rate = shares.iter().sum::<usize>() as f64 / (to - from).as_secs_f64();
    assert!(rate > 0.8 * PER_SECOND as f64 / 1.05, "{rate} a second; how much slower is the machine's affair");
    shares
}
