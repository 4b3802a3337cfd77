//! Endurance: calls without end against the simulator, faults at random in a tenth of them; memory, descriptors and
//! threads stay flat, no call is lost, none is answered twice. `make soak` runs 200,000; the test command a short form.

#![allow(clippy::print_stdout, reason = "a measurement is shown")]
#![allow(unsafe_code, reason = "glibc is asked to give back the memory that was freed")]

#[path = "support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::credential;
use yspay::{Client, Code, QueryOptions};
use yspay_simulator::Options;
use yspay_simulator::program::Program;

const THREADS: u64 = 16;
/// Calls before the first figures are taken: by then every pool is filled.
const WARM_UP: u64 = 2_000;
/// Abandoned requests before that, more than the calls after it leave at any time: so the allocator has seen its peak.
const ABANDONED: u64 = 256;

/// What is asked in place of a healthy question, and what must come of it.
const FAULTS: &[(&str, Result<u32, Code>)] = &[
    ("C50THEN", Ok(2)),
    ("H500THEN", Ok(2)),
    ("C99", Err(Code::Business)),
    ("BADSIG", Err(Code::Signature)),
    ("OTHERID", Err(Code::Mismatch)),
    ("NOTJSON", Err(Code::MalformedResponse)),
    ("H404", Err(Code::HttpStatus)),
    ("RESET", Err(Code::Transport)),
    ("TRUNC", Err(Code::Transport)),
    ("CLOSE", Err(Code::Transport)),
    ("HANG", Err(Code::Timeout)),
];

/// Tells a process that it is to be the simulator.
const PLATFORM: &str = "YSPAY_SOAK_PLATFORM";

/// The simulator in a process of its own, so that its memory is not counted.
struct Platform {
    process: Child,
    /// Kept open: after a minute the test harness says there that the test still runs, and must not fail at that.
    _output: BufReader<ChildStdout>,
    endpoint: String,
}

impl Platform {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["platform", "--exact", "--ignored", "--nocapture"])
            .env(PLATFORM, "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map(Result::unwrap);
        // Behind what the test harness says first, on its line or after it.
        let ready = lines.find_map(|line| line.find('{').map(|start| line[start..].to_owned()));
        let ready: Value = serde_json::from_str(&ready.expect("where it listens")).unwrap();
        Platform { process, _output: output, endpoint: ready["endpoint"].as_str().unwrap().to_owned() }
    }

    /// What it has seen.
    fn stats(&self) -> Value {
        let address = self.endpoint.trim_start_matches("http://").split('/').next().unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        serde_json::from_str(reply.split("\r\n\r\n").nth(1).unwrap()).unwrap()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// What the process holds: resident memory in KiB, descriptors, threads.
#[derive(Clone, Copy, Debug)]
struct Held {
    memory: u64,
    descriptors: u64,
    threads: u64,
}

impl Held {
    /// At rest: the threads of calls that were given up end with their connections.
    fn now() -> Self {
        std::thread::sleep(Duration::from_millis(1_500));
        // A hundred abandoned connections are a peak that glibc would keep in stock.
        #[cfg(target_env = "gnu")]
        // SAFETY: any thread may call it at any time.
        unsafe {
            libc::malloc_trim(0);
        }
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let field = |name: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
        Held { memory: field("VmRSS:"), descriptors, threads: field("Threads:") }
    }
}

fn client(platform: &Platform, key: &str, certificate: &str) -> Client {
    let config = json!({
        "endpoint": platform.endpoint, "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "maxAttempts": 2,
        "privateKey": {"path": credential(key), "password": "123456"},
        "platformCertificate": {"path": credential(certificate)}, "rateLimit": {"perSecond": 10_000},
    });
    Client::from_json(&config.to_string()).unwrap()
}

/// This process as the simulator, until its input ends.
#[test]
#[ignore = "is started by the other test"]
fn platform() {
    if std::env::var_os(PLATFORM).is_none() {
        return;
    }
    let options = Options { limit_per_second: 100_000, remembered_ids: 10_000_000, ..Options::default() };
    let running = Program { options, ..Program::default() }.start().unwrap();
    running.tell(&mut std::io::stdout()).unwrap();
    while !matches!(std::io::stdin().read(&mut [0; 1024]), Ok(0) | Err(_)) {}
    // Nobody reads what the test harness would say.
    std::process::exit(0);
}

#[test]
fn calls_without_end_leave_nothing_behind() {
    let calls: u64 = std::env::var("YSPAY_SOAK_CALLS").map_or(12_000, |text| text.parse().unwrap());
    let platform = Platform::start();
    let sm = client(&platform, "merchant.sm2", "platform-sm2.cer");
    let rsa = client(&platform, "merchant-rsa-3des.pfx", "platform-rsa.cer");
    let [next, answered, failed, attempts, needless] = [const { AtomicU64::new(0) }; 5];
    let run = |until: u64| {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    loop {
                        let call = next.fetch_add(1, Ordering::Relaxed);
                        if call >= until {
                            next.fetch_sub(1, Ordering::Relaxed);
                            break;
                        }
                        let client = if call % 10 == 3 { &rsa } else { &sm };
                        let (outcome, made) = match one(client, call, &needless) {
                            Ok(made) => (&answered, made),
                            Err(made) => (&failed, made),
                        };
                        outcome.fetch_add(1, Ordering::Relaxed);
                        attempts.fetch_add(u64::from(made), Ordering::Relaxed);
                    }
                });
            }
        });
    };
    // A request that was abandoned keeps its connection for 20 seconds; the next call lets go of it.
    let settled = || {
        std::thread::sleep(Duration::from_secs(21));
        sm.query_sign_sts("STS8-settled").unwrap_or_else(|error| panic!("{error}"));
        attempts.fetch_add(1, Ordering::Relaxed);
        Held::now()
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (sm, needless, attempts) = (&sm, &needless, &attempts);
            scope.spawn(move || {
                for call in (thread..ABANDONED).step_by(THREADS as usize) {
                    let made = ask(sm, &format!("HANG-peak-{call}"), Err(Code::Timeout), needless).unwrap_err();
                    attempts.fetch_add(u64::from(made), Ordering::Relaxed);
                }
            });
        }
    });
    run(WARM_UP.min(calls / 2));
    let (first, begun) = (settled(), Instant::now());
    run(calls);
    let (took, last) = (begun.elapsed().as_secs_f64(), settled());
    let (answered, failed, attempts) = (answered.into_inner(), failed.into_inner(), attempts.into_inner());
    println!("{calls} calls in {took:.0} s after the warm-up: {answered} answered, {failed} failed as they should");
    println!("             {:>12} {:>12} {:>12}", "memory KiB", "descriptors", "threads");
    println!("first        {:>12} {:>12} {:>12}", first.memory, first.descriptors, first.threads);
    println!("last         {:>12} {:>12} {:>12}", last.memory, last.descriptors, last.threads);
    assert_eq!(answered + failed, calls);
    assert!(failed > calls / 40 && answered > calls / 2);
    let needless = needless.into_inner();
    assert!(needless < calls / 40, "{needless} repetitions were needless");
    // An attempt is one request. Some never arrive whole: their connection was closed while idle, or given up early.
    let stats = platform.stats();
    let arrived = stats["requests"].as_u64().unwrap();
    assert!(
        arrived <= attempts && arrived > attempts - ABANDONED - calls / 40,
        "{arrived} of {attempts} attempts arrived"
    );
    assert_eq!((&stats["refused"], &stats["accepted"]), (&json!({}), &stats["requests"]), "none is repeated");
    // A leak of 1 KiB a call shows in the short form, too.
    assert!(last.memory < first.memory + 6 * 1024, "memory grew: {first:?} {last:?}");
    assert!(last.descriptors <= first.descriptors + THREADS && last.threads <= first.threads + 2, "{first:?} {last:?}");
}

/// One call with the outcome that it must have, and its attempts. The flow id is the call's own, so an answer to another
/// call would show.
fn one(client: &Client, call: u64, needless: &AtomicU64) -> Result<u32, u32> {
    // Spread over the calls, the same in every run.
    let mixed = call.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let fault = mixed.is_multiple_of(10).then(|| &FAULTS[(mixed / 10) as usize % FAULTS.len()]);
    let (id, expected) = match fault {
        Some((prefix, expected)) => (format!("{prefix}-{call}"), *expected),
        None => (format!("STS8-{call}"), Ok(1)),
    };
    ask(client, &id, expected, needless)
}

fn ask(client: &Client, id: &str, expected: Result<u32, Code>, needless: &AtomicU64) -> Result<u32, u32> {
    let timeout = Duration::from_millis(if id.starts_with("HANG") { 50 } else { 30_000 });
    let result = client.query_sign_sts_with(id, &QueryOptions { timeout: Some(timeout), ..QueryOptions::default() });
    match (result, expected) {
        (Ok(answer), Ok(attempts)) => {
            assert_eq!(answer.verified.sys_sign_flow_id(), id);
            // A connection that was closed while idle may cost a repetition.
            assert!(answer.attempts >= attempts, "{id}");
            needless.fetch_add((answer.attempts - attempts).into(), Ordering::Relaxed);
            Ok(answer.attempts)
        }
        (Err(error), Err(code)) => {
            assert_eq!(error.code, code, "{id}: {error}");
            Err(error.attempts)
        }
        (result, expected) => panic!("{id}: {expected:?} was expected: {:?}", result.map(|answer| answer.attempts)),
    }
}
