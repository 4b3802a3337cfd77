//! How many requests a second the program holds with a page open, and that its memory is flat.
//!
//! The clients keep their connections; their requests were signed before, with ids that are each sent once (an id is not
//! signed), so that the simulator has nearly all of the work: it verifies each signature and signs each answer.

#![allow(clippy::print_stdout, reason = "its figures are for a reader")]

mod question;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use question::{Fields, post};
use serde_json::{Value, json};
use yspay_simulator::crypto::Algorithm;

/// In a request this stands for its id, which is as long.
const ID: &str = "12345678901234567890";
const CONTRACTS: usize = 1_000;

/// The program, which is killed when the test fails.
struct Program {
    child: Child,
    ready: Value,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_simulator"))
            .args(["--limit", "100000", "--exit-on-stdin-close"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        Self { child, ready: serde_json::from_str(&line).expect("JSON") }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.ready["port"])
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.host()).expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        stream
    }

    fn get(&self, path: &str) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host()).expect("send");
        BufReader::new(stream)
    }

    fn body(&self, path: &str) -> String {
        let mut reply = String::new();
        self.get(path).read_to_string(&mut reply).expect("a reply");
        reply.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    /// What it holds in memory, in KiB.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
}

impl Program {
    /// The processor time that it has used, in milliseconds.
    fn worked(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("its times");
        // After the name, which may hold blanks: the 12th and the 13th, in hundredths of a second.
        let (_, rest) = stat.rsplit_once(')').expect("a name");
        rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number") * 10).sum()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests for every contract, split where the id goes.
fn requests(algorithm: Algorithm) -> Vec<[Vec<u8>; 2]> {
    let request = |contract: usize| {
        let fields = Fields::ask(algorithm, &format!("STS1-{contract}")).with("reqFlowId", ID).signed();
        let whole = String::from_utf8(post(&fields.json())).expect("text");
        let (start, end) = whole.split_once(ID).expect("the id");
        [start.into(), end.into()]
    };
    (0..CONTRACTS).map(request).collect()
}

/// Clients that ask over connections that they keep.
struct Load<'a> {
    program: &'a Program,
    threads: usize,
    sent: AtomicU64,
}

impl Load<'_> {
    /// Asks until so many were sent in all; how many a second that were, and the processor time for each.
    fn until(&self, most: u64, requests: &[[Vec<u8>; 2]]) -> String {
        let (begun, before) = (Instant::now(), self.sent.load(Ordering::Relaxed));
        let worked = self.program.worked();
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    let mut connection = BufReader::new(self.program.connect());
                    loop {
                        let number = self.sent.fetch_add(1, Ordering::Relaxed);
                        if number >= most {
                            break;
                        }
                        let [start, end] = &requests[number as usize % requests.len()];
                        let request = [start, format!("{number:020}").as_bytes(), end].concat();
                        ask(&mut connection, &request);
                    }
                });
            }
        });
        self.sent.store(most, Ordering::Relaxed);
        let (seconds, count) = (begun.elapsed().as_secs_f64(), (most - before) as f64);
        let worked = (self.program.worked() - worked) as f64 / count;
        format!("{:>6.0} a second, {worked:.2} ms of processor time each", count / seconds)
    }
}

fn ask(connection: &mut BufReader<TcpStream>, request: &[u8]) {
    connection.get_mut().write_all(request).expect("send");
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).expect("a line");
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).expect("a body");
    assert!(body.windows(11).any(|part| part == b"\"signValue\""), "{}", String::from_utf8_lossy(&body));
}

/// Reads what an open page is told, and gives the requests that it was told or told to be left out, and the events.
fn page(program: &Program, open: &mpsc::Sender<()>) -> (u64, u64) {
    let text = program.body("/");
    let (_, rest) = text.split_once("yspay-token\" content=\"").expect("a token");
    let token = rest.split_once('"').expect("its end").0;
    let (mut requests, mut events) = (0, 0);
    for line in program.get(&format!("/page/events?token={token}")).lines().map_while(Result::ok) {
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let told: Value = serde_json::from_str(data).expect("JSON");
        let Some(list) = told["requests"].as_array() else { continue };
        requests += list.len() as u64 + told["skipped"].as_u64().unwrap_or(0);
        events += 1;
        // The test goes on when the first one is here.
        let _ = open.send(());
    }
    (requests, events)
}

/// The rate of each kind, then both kinds until so many requests, with the memory at a tenth, at the half and at the end.
fn run(total: u64, threads: usize) -> [u64; 3] {
    let [sm, rsa] = [Algorithm::Sm, Algorithm::Rsa].map(requests);
    let both: Vec<_> = sm.iter().chain(&rsa).cloned().collect();
    let mut program = Program::start();
    let input = program.child.stdin.take();
    std::thread::scope(|scope| {
        let (open, is_open) = mpsc::channel();
        let told = scope.spawn({
            let program = &program;
            move || page(program, &open)
        });
        is_open.recv().expect("an open page");
        let load = Load { program: &program, threads, sent: AtomicU64::new(0) };
        println!("{threads} connections, one page open");
        println!("requests {:>9}: {}; SM", total / 25, load.until(total / 25, &sm));
        println!("requests {:>9}: {}; RSA", total * 2 / 25, load.until(total * 2 / 25, &rsa));
        let resident = [total / 10, total / 2, total].map(|until| {
            let rate = load.until(until, &both);
            let resident = program.resident();
            println!("requests {until:>9}: {rate}; both kinds; {resident:>7} KiB resident");
            resident
        });
        let stats: Value = serde_json::from_str(&program.body("/stats")).expect("JSON");
        assert_eq!((&stats["accepted"], &stats["refused"]), (&json!(total), &json!({})), "each id is new");
        drop(input);
        let (requests, events) = told.join().expect("the page");
        println!("the page: {events} events, {requests} requests told or counted as left out");
        assert_eq!(requests, total);
        resident
    })
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

#[test]
#[ignore = "takes minutes: a million requests"]
fn a_million_requests() {
    let total = number("YSPAY_LOAD_REQUESTS", 1_000_000);
    let [tenth, half, end] = run(total, number("YSPAY_LOAD_CONNECTIONS", 8) as usize);
    // With a million, what it keeps of the last thousand and of the latest ids is full at a tenth; their table grows once
    // more after that.
    const SPARE: u64 = 12 * 1024;
    let is_flat = half < tenth + SPARE && end < half + SPARE / 4;
    assert!(is_flat || total < 1_000_000, "memory grew: {tenth}, {half}, {end} KiB");
}

#[test]
fn some_hundred_requests() {
    run(500, 4);
}
