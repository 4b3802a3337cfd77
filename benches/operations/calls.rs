//! What a call costs beyond the platform's own time, on a new connection and on one that is kept.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use yspay::Client;
use yspay_simulator::{Options, Simulator, Tls};

use super::table::{Table, quantile, show};
use super::{FLOW_ID, KINDS};

/// Asks `rounds` times on a kept connection, and a tenth as often with a new client each time.
///
/// The platform's own time is that of requests which were sealed before and sent by hand over a kept connection: what a
/// call takes longer than the median of these is ours. They take turns with the calls, so that both meet the same load.
/// With HTTPS the platform's share of TLS is counted as ours. *Busy* is the same beside two threads that never rest.
pub(crate) fn measure(rounds: usize, table: &mut Table) {
    let plain = Simulator::start(Options::default()).expect("a simulator");
    let secure = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).expect("a simulator");
    let ca_file = CaFile::write(secure.ca_pem().expect("an authority"));
    let mut new_connections = 0;
    for (kind, (scheme, sim)) in KINDS.iter().flat_map(|kind| [(kind, ("HTTP", &plain)), (kind, ("HTTPS", &secure))]) {
        let mut config = kind.config(&sim.endpoint());
        config["caFile"] = ca_file.0.to_str().expect("a path in UTF-8").into();
        let config = config.to_string();
        let client = || Client::from_json(&config).expect("a client");

        let (kept, mut by_hand) = (client(), Connection::to(&plain));
        let mut platform = Vec::new();
        let mut ask = |client: &Client, platform: &mut Vec<Duration>| {
            let request = client.build_request(FLOW_ID, None).expect("a request");
            let (time, answer) = timed(|| by_hand.exchange(&request));
            client.verify_response(FLOW_ID, &answer).expect("a good answer");
            platform.push(time);
            let (time, answer) = timed(|| client.query_sign_sts(FLOW_ID));
            assert_eq!(answer.expect("an answer").attempts, 1, "a call was repeated");
            time
        };
        ask(&kept, &mut platform);
        let connections = sim.stats().connections;
        let mut warm: Vec<_> = (0..rounds).map(|_| ask(&kept, &mut platform)).collect();
        new_connections += sim.stats().connections - connections;
        let mut cold: Vec<_> = (0..rounds.div_ceil(10)).map(|_| ask(&client(), &mut platform)).collect();
        let mut busy_platform = Vec::new();
        let mut busy: Vec<_> = beside_busy_threads(|| (0..rounds).map(|_| ask(&kept, &mut busy_platform)).collect());

        let base = quantile(&mut platform, 0.5);
        let busy_base = quantile(&mut busy_platform, 0.5);
        for (what, times, base, aim) in [
            ("platform alone", &mut platform, Duration::ZERO, ""),
            ("warm call adds", &mut warm, base, kind.call_aim),
            ("cold call adds", &mut cold, base, ""),
            ("busy: platform alone", &mut busy_platform, Duration::ZERO, ""),
            ("busy: warm call adds", &mut busy, busy_base, ""),
        ] {
            let [p50, p99] = [0.5, 0.99].map(|part| show(quantile(times, part).saturating_sub(base)));
            table.row(format!("{what}, {}, {scheme}: p50; p99", kind.name), format!("{p50}; {p99}"), aim);
        }
    }
    table.row(format!("new connections of {} warm calls", 4 * rounds), new_connections, "0");
}

/// Two threads keep two processors busy meanwhile, as other work does.
fn beside_busy_threads<T>(work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop()
                }
            });
        }
        let result = work();
        over.store(true, Ordering::Relaxed);
        result
    })
}

fn timed<T>(action: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = action();
    (begun.elapsed(), result)
}

/// The authority of the simulator in a file, which is removed at the end.
struct CaFile(PathBuf);

impl CaFile {
    fn write(pem: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-ca-{}.pem", std::process::id()));
        fs::write(&path, pem).expect("the authority is written");
        CaFile(path)
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A connection to the simulator for requests by hand.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn to(sim: &Simulator) -> Self {
        let stream = TcpStream::connect(sim.address()).expect("the simulator listens");
        stream.set_nodelay(true).expect("a socket without delay");
        Connection(BufReader::new(stream))
    }

    /// Posts a request; the body of the answer.
    pub(crate) fn exchange(&mut self, request: &str) -> Vec<u8> {
        let length = request.len();
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{request}",
            yspay_simulator::PATH
        );
        self.0.get_mut().write_all(request.as_bytes()).expect("the request is sent");
        let mut length = 0;
        for line in self.0.by_ref().lines() {
            let line = line.expect("the answer's head comes").to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("the answer's body comes");
        body
    }
}
