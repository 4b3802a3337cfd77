//! Processes of one institution that ask as fast as they are let. A worker is this very test program, told by its
//! environment what to do.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;
use yspay_simulator::stats::Seen;

use crate::clients::{ask, client};

/// How long the runs last, in seconds; `FLEET_SECONDS` for longer ones.
pub(crate) fn run_time(default: u64) -> Duration {
    let seconds = std::env::var("FLEET_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(default))
}

/// A process with several threads; killed when dropped.
pub(crate) struct Worker {
    pub(crate) name: String,
    process: Child,
}

impl Worker {
    /// It asks on so many threads for so long.
    pub(crate) fn start(name: &str, config: &Value, threads: usize, time: Duration, timeout_ms: u64) -> Self {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["workers::work", "--exact", "--ignored", "--nocapture"])
            .env("FLEET_NAME", name)
            .env("FLEET_CONFIG", config.to_string())
            .env("FLEET_THREADS", threads.to_string())
            .env("FLEET_MILLIS", time.as_millis().to_string())
            .env("FLEET_TIMEOUT_MS", timeout_ms.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Worker { name: name.to_owned(), process }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// How often each outcome was seen, and the longest that a call took beyond its time limit.
    pub(crate) fn outcomes(mut self) -> BTreeMap<String, u64> {
        let mut output = String::new();
        std::io::Read::read_to_string(&mut self.process.stdout.take().unwrap(), &mut output).unwrap();
        assert!(self.process.wait().unwrap().success(), "{}: {output}", self.name);
        let line = output.lines().find_map(|line| line.split_once("OUTCOMES ")).expect("its last line").1;
        serde_json::from_str(line).unwrap()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "the program of a worker"]
#[allow(clippy::print_stdout, reason = "its report")]
fn work() {
    let given = |name: &str| std::env::var(name).unwrap();
    let number = |name: &str| given(name).parse::<u64>().unwrap();
    let client = client(&serde_json::from_str(&given("FLEET_CONFIG")).unwrap());
    let (name, timeout) = (given("FLEET_NAME"), number("FLEET_TIMEOUT_MS"));
    let until = Instant::now() + Duration::from_millis(number("FLEET_MILLIS"));
    let outcomes = Mutex::new(BTreeMap::<String, u64>::new());
    std::thread::scope(|scope| {
        for thread in 0..number("FLEET_THREADS") {
            let (client, outcomes, name) = (&client, &outcomes, &name);
            scope.spawn(move || {
                for call in 0.. {
                    let begun = Instant::now();
                    if begun >= until {
                        break;
                    }
                    let id = format!("STS02-{name}-{thread}-{call}");
                    let outcome = match ask(client, &id, timeout) {
                        Ok(answer) => {
                            assert_eq!(answer.verified.sys_sign_flow_id(), id);
                            "OK".to_owned()
                        }
                        Err(error) => {
                            // Nobody presses who was refused.
                            std::thread::sleep(Duration::from_millis(20));
                            error.code.name().to_owned()
                        }
                    };
                    let late = begun.elapsed().saturating_sub(Duration::from_millis(timeout)).as_millis() as u64;
                    let mut outcomes = outcomes.lock().unwrap();
                    *outcomes.entry(outcome).or_default() += 1;
                    let latest = outcomes.entry("latestMs".to_owned()).or_default();
                    *latest = late.max(*latest);
                }
            });
        }
    });
    drop(client);
    println!("OUTCOMES {}", serde_json::to_string(&*outcomes.lock().unwrap()).unwrap());
}

/// Whether no process has less than two thirds of another's share: a short run tells it if it can, for in ten seconds two
/// or three turns more or less are a busy machine's affair; else one of a minute does, for which the limit claims it.
pub(crate) fn shared_fairly(short: Duration, mut run: impl FnMut(Duration) -> Vec<usize>) {
    let fair = |shares: &[usize]| shares.iter().min().unwrap() * 3 >= shares.iter().max().unwrap() * 2;
    if !fair(&run(short)) {
        let shares = run(short.max(Duration::from_secs(60)));
        assert!(fair(&shares), "{shares:?}");
    }
}

/// How many requests of each worker arrived in an interval.
pub(crate) fn shares(seen: &[Seen], names: &[String], from: Duration, to: Duration) -> Vec<usize> {
    let count = |name: &String| {
        let prefix = format!("STS02-{name}-");
        seen.iter().filter(|seen| seen.at >= from && seen.at < to && seen.sys_sign_flow_id.starts_with(&prefix)).count()
    };
    names.iter().map(count).collect()
}
