//! A platform that stops reading for a while, behind clients that do not wait for it: when it wakes, it finds no more
//! requests than it may see in a second.

#[path = "support/mod.rs"]
mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use support::{Scratch, credential};
use yspay::{Client, Code};
use yspay_simulator::{Options, Simulator, Tls};

/// A line to the platform on which nothing gets through while it is stalled; what is sent meanwhile waits, as in the
/// buffers of a machine that is too busy to read.
struct Line {
    address: SocketAddr,
    stalled: Arc<AtomicBool>,
}

impl Line {
    fn to(platform: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stalled) = (listener.local_addr().unwrap(), Arc::<AtomicBool>::default());
        let flag = Arc::clone(&stalled);
        // Ends with the test's process.
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let (near, flag) = (near.unwrap(), Arc::clone(&flag));
                std::thread::spawn(move || {
                    wait_out(&flag);
                    let far = TcpStream::connect(platform).unwrap();
                    let (near_back, far_back) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                    std::thread::spawn(move || carry(far_back, near_back, &AtomicBool::new(false)));
                    carry(near, far, &flag);
                });
            }
        });
        Line { address, stalled }
    }
}

fn wait_out(stalled: &AtomicBool) {
    while stalled.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, stalled: &AtomicBool) {
    // So short, that a stall begins for a line that is silent, too.
    from.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let mut buffer = [0; 16 << 10];
    loop {
        wait_out(stalled);
        match from.read(&mut buffer) {
            Ok(amount) if amount > 0 => {
                wait_out(stalled);
                if to.write_all(&buffer[..amount]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => break,
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Twelve callers ask again and again, through a stall and for three seconds after it.
fn play(stall: Duration, time_limit: Duration, tls: Option<Tls>) {
    let case = format!("a stall of {stall:?}, a time limit of {time_limit:?}, TLS: {}", tls.is_some());
    let sim = Simulator::start(Options { tls, ..Options::default() }).unwrap();
    let line = Line::to(sim.address());
    let scratch = Scratch::new();
    let scheme = if sim.ca_pem().is_some() { "https" } else { "http" };
    let mut config = json!({
        "endpoint": format!("{scheme}://localhost:{}{}", line.address.port(), yspay_simulator::PATH),
        "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY,
        "privateKey": {"path": credential("merchant-sm2.key.pem")},
        "platformCertificate": {"path": credential("platform-sm2.cer")},
        "timeoutMs": time_limit.as_millis() as u64,
    });
    if let Some(ca) = sim.ca_pem() {
        config["caFile"] = json!(scratch.write("ca.pem", ca));
    }
    let client = Client::from_json(&config.to_string()).unwrap();
    let (answered, abandoned, refused) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let answered_when_it_woke = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for caller in 0..12 {
            let (client, answered, abandoned, refused, over, case) =
                (&client, &answered, &abandoned, &refused, &over, &case);
            scope.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    match client.query_sign_sts(&format!("STS8-{caller}")) {
                        Ok(_) => answered.fetch_add(1, Ordering::SeqCst),
                        Err(error) if error.code == Code::Timeout && error.sent => {
                            abandoned.fetch_add(1, Ordering::SeqCst)
                        }
                        Err(error) if matches!(error.code, Code::RateLimited | Code::Timeout) => {
                            assert!(!error.sent, "{case}: {error}");
                            std::thread::sleep(Duration::from_millis(10));
                            refused.fetch_add(1, Ordering::SeqCst)
                        }
                        Err(error) => panic!("{case}: {error}"),
                    };
                }
            });
        }
        // Kept connections first: a TLS handshake needs somebody who reads.
        let begun = Instant::now();
        while answered.load(Ordering::SeqCst) < 20 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{case}: nothing is answered");
            std::thread::sleep(Duration::from_millis(10));
        }
        line.stalled.store(true, Ordering::SeqCst);
        std::thread::sleep(stall);
        answered_when_it_woke.store(answered.load(Ordering::SeqCst), Ordering::SeqCst);
        line.stalled.store(false, Ordering::SeqCst);
        let woke = Instant::now();
        while answered.load(Ordering::SeqCst) < answered_when_it_woke.load(Ordering::SeqCst) + 10
            || woke.elapsed() < Duration::from_secs(3)
        {
            assert!(woke.elapsed() < Duration::from_secs(60), "{case}: nothing is answered after it");
            std::thread::sleep(Duration::from_millis(10));
        }
        over.store(true, Ordering::SeqCst);
    });
    let stats = sim.stats();
    let saw = stats.busiest_second;
    assert!(saw <= 10, "{case}: the platform read {saw} requests in one second");
    assert!(abandoned.into_inner() > 0 && refused.into_inner() > 0, "{case}: nobody gave up, or turns did not run out");
}

#[test]
fn a_platform_that_wakes_from_a_stall_reads_no_more_than_ten_requests_in_a_second() {
    std::thread::scope(|scope| {
        for (stall, time_limit) in [(2_000, 300), (5_000, 1_000), (10_000, 500)] {
            for tls in [None, Some(Tls::default())] {
                let (stall, time_limit) = (Duration::from_millis(stall), Duration::from_millis(time_limit));
                scope.spawn(move || play(stall, time_limit, tls));
            }
        }
    });
}
