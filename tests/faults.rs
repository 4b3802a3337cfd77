//! Everything that a network and a server can do wrong, each with its exact code, with `sent` as it was, within the
//! deadline, the turn given back, and the next call healthy.

#[path = "support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Scratch, credential};
use yspay::{Client, Code, Error, QueryOptions};
use yspay_simulator::{Options, Simulator, Tls};

/// The contract that every test asks about, and the simulator's answer to it, head and body.
const FLOW_ID: &str = "STS8-fault";

/// What a server does with one connection after it has read the request.
#[derive(Clone, Debug)]
enum Act {
    Send(Vec<u8>),
    /// The same again and again, until the client has had enough.
    SendForEver(Vec<u8>),
    Wait(Duration),
    /// Says nothing more, until the client has had enough.
    Silence,
    /// Reads the head of a request.
    ReadHead,
    /// Reads another whole request, but for its last byte.
    ReadRequest,
    /// Waits until another connection is as far as this one.
    Meet(Arc<Barrier>),
    /// Reads so many bytes.
    Read(usize),
    /// Closes the sending side alone.
    HalfClose,
    /// Ends with a reset: closes with unread bytes.
    Reset,
    /// Leaves the rest of the connection to another server.
    Relay(SocketAddr),
}

/// A server that plays a script on each of its first connections, and relays all later ones to a healthy simulator.
struct Faulty {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Dropped last, so that relays end before it.
    sim: Arc<Simulator>,
}

/// What comes before the script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// Plays the script as soon as the connection stands.
    AtOnce,
    /// Reads the whole request first (but for its last byte, so that a close can be a reset).
    AfterTheRequest,
}

impl Faulty {
    fn start(begin: Begin, scripts: Vec<Vec<Act>>) -> Self {
        let healthy = Simulator::start(Options::default()).unwrap();
        Self::before(healthy, TcpListener::bind("127.0.0.1:0").unwrap(), begin, scripts)
    }

    fn before(healthy: Simulator, listener: TcpListener, begin: Begin, scripts: Vec<Vec<Act>>) -> Self {
        let sim = Arc::new(healthy);
        let (address, stop, target) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)), sim.address());
        let scripts = Mutex::new(scripts.into_iter());
        let stopping = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                for stream in listener.incoming() {
                    if stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    let script = scripts.lock().unwrap().next();
                    scope.spawn(move || match script {
                        Some(script) => play(stream.unwrap(), begin, &script),
                        None => relay(&stream.unwrap(), target),
                    });
                }
            });
        });
        Faulty { address, stop, thread: Some(thread), sim }
    }

    fn client(&self, settings: Value) -> Client {
        client(&format!("http://{}{}", self.address, yspay_simulator::PATH), settings)
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = &self.sim;
    }
}

fn play(mut stream: TcpStream, begin: Begin, script: &[Act]) {
    stream.set_nodelay(true).unwrap();
    if begin == Begin::AfterTheRequest && read_all_but_one(&mut stream).is_none() {
        return;
    }
    for act in script {
        match act {
            Act::Send(bytes) => {
                if stream.write_all(bytes).is_err() {
                    return;
                }
            }
            Act::SendForEver(bytes) => while stream.write_all(bytes).is_ok() {},
            Act::Wait(time) => std::thread::sleep(*time),
            Act::Silence => {
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
            Act::ReadHead => {
                if read_head(&mut stream).is_none() {
                    return;
                }
            }
            Act::ReadRequest => {
                if read_all_but_one(&mut stream).is_none() {
                    return;
                }
            }
            Act::Meet(others) => drop(others.wait()),
            Act::Read(count) => {
                if stream.read_exact(&mut vec![0; *count]).is_err() {
                    return;
                }
            }
            Act::HalfClose => {
                let _ = std::io::copy(&mut (&stream).take(1), &mut std::io::sink());
                let _ = stream.shutdown(Shutdown::Write);
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
            Act::Reset => return,
            Act::Relay(target) => return relay(&stream, *target),
        }
    }
    // Bytes that are still unread would make the close a reset.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Reads a request but for the last byte of its body.
fn read_all_but_one(stream: &mut TcpStream) -> Option<()> {
    let head = read_head(stream)?.to_ascii_lowercase();
    let length: usize = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    stream.read_exact(&mut vec![0; length - 1]).ok()
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn relay(stream: &TcpStream, target: SocketAddr) {
    let Ok(other) = TcpStream::connect(target) else { return };
    std::thread::scope(|scope| {
        for (mut from, mut to) in [(stream, &other), (&other, stream)] {
            scope.spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    });
}

/// With one turn at a time: were it not given back, the next call would have none.
fn client(endpoint: &str, settings: Value) -> Client {
    let mut config = json!({
        "endpoint": endpoint, "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "proxy": "none", "maxAttempts": 1,
        "privateKey": {"path": credential("merchant.sm2"), "password": "123456"},
        "platformCertificate": {"path": credential("platform-sm2.cer")}, "timeoutMs": 20_000,
        "rateLimit": {"perSecond": 1},
    });
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    Client::from_json(&config.to_string()).unwrap()
}

/// A whole healthy answer to the question about [`FLOW_ID`], head and body apart.
fn healthy() -> (Vec<u8>, Vec<u8>) {
    answer_about(FLOW_ID)
}

/// The same about any contract.
fn answer_about(flow_id: &str) -> (Vec<u8>, Vec<u8>) {
    let sim = Simulator::start(Options::default()).unwrap();
    let body = client(&sim.endpoint(), json!({})).build_request(flow_id, None).unwrap();
    let mut stream = TcpStream::connect(sim.address()).unwrap();
    write!(
        stream,
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        yspay_simulator::PATH,
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let body = answer.split_off(end);
    (
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes(),
        body,
    )
}

#[track_caller]
fn fails(client: &Client, code: Code, sent: bool) -> Error {
    let error = client.query_sign_sts(FLOW_ID).expect_err("a failure");
    assert_eq!((error.code, error.sent, error.attempts), (code, sent, 1), "{error}");
    assert!(
        ["Check", "check", "again later", "set endpoint", "caFile", "Write"]
            .iter()
            .any(|advice| error.message.contains(advice)),
        "{error}"
    );
    error
}

#[track_caller]
fn is_healthy(client: &Client) {
    // The one slot of a request that was abandoned is taken for up to 20 seconds: the server may read it yet.
    let options = QueryOptions { timeout: Some(Duration::from_secs(60)), ..QueryOptions::default() };
    let answer = client.query_sign_sts_with(FLOW_ID, &options).unwrap_or_else(|error| panic!("the next call: {error}"));
    assert_eq!(answer.verified.status().number(), 8);
}

/// A failure within the time limit of one second, then a healthy call.
#[track_caller]
fn hangs(begin: Begin, script: Vec<Act>, sent: bool) {
    let server = Faulty::start(begin, vec![script]);
    let client = server.client(json!({}));
    let options = QueryOptions { timeout: Some(Duration::from_secs(1)), ..QueryOptions::default() };
    let begun = Instant::now();
    let error = client.query_sign_sts_with(FLOW_ID, &options).unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Timeout, sent), "{error}");
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(990) && took < Duration::from_secs(10), "{took:?}");
    is_healthy(&client);
}

/// An attempt that wrote nothing gives its turn back at once: had it to rest, a shorter wait were hopeless.
#[track_caller]
fn has_turns_at_once(client: &Client) {
    for _ in 0..10 {
        let options = QueryOptions { timeout: Some(Duration::from_millis(900)), ..QueryOptions::default() };
        let error = client.query_sign_sts_with(FLOW_ID, &options).unwrap_err();
        assert_ne!(error.code, Code::RateLimited, "{error}");
    }
}

#[test]
fn a_refused_connection() {
    // On an address of its own, so that nobody takes the port meanwhile.
    let address = TcpListener::bind("127.0.0.77:0").unwrap().local_addr().unwrap();
    let client = client(&format!("http://{address}{}", yspay_simulator::PATH), json!({}));
    let error = fails(&client, Code::Transport, false);
    assert!(error.message.contains("refused"), "{error}");
    has_turns_at_once(&client);
    let healthy = Simulator::start(Options::default()).unwrap();
    let _server = Faulty::before(healthy, TcpListener::bind(address).unwrap(), Begin::AtOnce, Vec::new());
    is_healthy(&client);
    // Closes its connection, for which the relay waits.
    drop(client);
}

#[test]
fn a_reset_or_a_close_at_every_byte_of_the_head_and_at_many_of_the_body() {
    let (head, body) = healthy();
    let answer = [head.clone(), body].concat();
    let cuts: Vec<usize> = (0..head.len()).chain((head.len()..answer.len()).step_by(23)).collect();
    let mut scripts = Vec::new();
    for cut in &cuts {
        let sent = Act::Send(answer[..*cut].to_vec());
        scripts.push(vec![sent.clone(), Act::Reset]);
        scripts.push(vec![sent]);
    }
    let count = scripts.len();
    let server = Faulty::start(Begin::AfterTheRequest, scripts);
    // Or each call waits a second for its turn; one that was not given back would be missed after 100 failures.
    let client = server.client(json!({"rateLimit": {"perSecond": 100}}));
    for _ in 0..count {
        fails(&client, Code::Transport, true);
    }
    is_healthy(&client);
    // Each failure closed its connection.
    assert_eq!(server.sim.stats().connections, 1);
}

#[test]
fn half_a_close() {
    let (head, body) = healthy();
    let answer = [head, body].concat();
    // After half an answer it is an end, after a whole one it is none of our business.
    let half = vec![Act::Send(answer[..answer.len() / 2].to_vec()), Act::HalfClose];
    let whole = vec![Act::Send(answer.clone()), Act::HalfClose];
    let server = Faulty::start(Begin::AfterTheRequest, vec![half, whole]);
    let client = server.client(json!({}));
    fails(&client, Code::Transport, true);
    is_healthy(&client);
    is_healthy(&client);
}

/// The race of a platform that closes an idle connection while the next request is on its way: it costs that attempt
/// and nothing else.
#[test]
fn a_kept_connection_that_ends_under_the_next_request() {
    let (head, body) = healthy();
    let good = Act::Send([head, body].concat());
    for end in [vec![Act::ReadHead, Act::Reset], vec![Act::ReadHead]] {
        let script = [vec![good.clone()], end].concat();
        let server = Faulty::start(Begin::AfterTheRequest, vec![script.clone()]);
        let client = server.client(json!({}));
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 0, "the script answers");
        fails(&client, Code::Transport, true);
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 1);
        // With another attempt the caller sees nothing of it.
        let server = Faulty::start(Begin::AfterTheRequest, vec![script]);
        let client = server.client(json!({"maxAttempts": 2, "rateLimit": {"perSecond": 10}}));
        is_healthy(&client);
        assert_eq!(client.query_sign_sts(FLOW_ID).map(|answer| answer.attempts), Ok(2));
    }
}

/// What a kept connection may answer in place of the platform's answer to this question: a gateway's farewell to an idle
/// connection, and the answer to another question.
fn stale() -> [(Vec<u8>, Code); 3] {
    let (head, body) = answer_about("STS8-other");
    [
        (with_head("HTTP/1.1 408 Request Time-out\nConnection: close\nContent-Length: 0", b""), Code::HttpStatus),
        (with_head("HTTP/1.1 408 Request Timeout\nContent-Length: 0", b""), Code::HttpStatus),
        ([head, body].concat(), Code::Mismatch),
    ]
}

fn whole(answer: (Vec<u8>, Vec<u8>)) -> Act {
    Act::Send([answer.0, answer.1].concat())
}

#[test]
fn a_kept_connection_with_a_stale_answer_is_closed_and_the_question_repeated() {
    for (stale, code) in stale() {
        let again = [Act::ReadRequest, Act::Send(stale)];
        let script = [vec![whole(healthy())], again.to_vec(), again.to_vec()].concat();
        let server = Faulty::start(Begin::AfterTheRequest, vec![script.clone()]);
        let client = server.client(json!({"maxAttempts": 2}));
        let begun = Instant::now();
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 0, "the script answers");
        assert_eq!(client.query_sign_sts(FLOW_ID).map(|answer| answer.attempts), Ok(2), "{code}");
        assert_eq!(server.sim.stats().requests, 1);
        // Each attempt has its turn: one a second.
        assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
        // Without another attempt it is told, and the connection closed all the same.
        let server = Faulty::start(Begin::AfterTheRequest, vec![script]);
        let client = server.client(json!({"rateLimit": {"perSecond": 10}}));
        is_healthy(&client);
        fails(&client, code, true);
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 1);
    }
}

#[test]
fn a_stale_answer_is_repeated_on_a_new_connection_and_once() {
    for (stale, code) in stale() {
        // Two kept connections, both with a stale answer.
        let both = Arc::new(Barrier::new(2));
        let script = vec![Act::Meet(both), whole(healthy()), Act::ReadRequest, Act::Send(stale.clone())];
        let server = Faulty::start(Begin::AfterTheRequest, vec![script.clone(), script]);
        let client = server.client(json!({"maxAttempts": 5, "rateLimit": {"perSecond": 10}}));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| is_healthy(&client));
            }
        });
        assert_eq!(server.sim.stats().requests, 0, "the scripts answer");
        assert_eq!(client.query_sign_sts(FLOW_ID).map(|answer| answer.attempts), Ok(2), "{code}");
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 2);
        // The new connection answers no better: that is the answer.
        let script = vec![whole(healthy()), Act::ReadRequest, Act::Send(stale.clone())];
        let server = Faulty::start(Begin::AfterTheRequest, vec![script, vec![Act::Send(stale)]]);
        let client = server.client(json!({"maxAttempts": 5, "rateLimit": {"perSecond": 10}}));
        is_healthy(&client);
        let error = client.query_sign_sts(FLOW_ID).unwrap_err();
        assert_eq!((error.code, error.attempts), (code, 2), "{error}");
        is_healthy(&client);
    }
}

/// Another call's connection is kept meanwhile, and as stale.
#[test]
fn a_stale_answer_is_repeated_on_no_kept_connection() {
    let farewell = with_head("HTTP/1.1 408 Request Timeout\nRetry-After: 2\nContent-Length: 0", b"");
    let told = Arc::new(Barrier::new(2));
    let script = |meet: Act| vec![whole(healthy()), Act::ReadRequest, Act::Send(farewell.clone()), meet];
    let scripts = vec![script(Act::Meet(Arc::clone(&told))), script(Act::Silence)];
    let server = Faulty::start(Begin::AfterTheRequest, scripts);
    let client = server.client(json!({"maxAttempts": 5, "rateLimit": {"perSecond": 10}}));
    is_healthy(&client);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| client.query_sign_sts(FLOW_ID).map(|answer| answer.attempts));
        told.wait();
        is_healthy(&client);
        assert_eq!(server.sim.stats().requests, 0, "the scripts answer");
        assert_eq!(call.join().unwrap(), Ok(2));
    });
}

#[test]
fn the_same_answer_on_a_new_connection_is_final() {
    for (stale, code) in stale() {
        let server = Faulty::start(Begin::AfterTheRequest, vec![vec![Act::Send(stale)]]);
        let client = server.client(json!({"maxAttempts": 5}));
        let error = fails(&client, code, true);
        assert!(!error.retryable(), "{error}");
        is_healthy(&client);
    }
}

#[test]
fn silence_after_the_connection_stands() {
    // The request fits into the socket's buffer, so it was written for all that we know.
    hangs(Begin::AtOnce, vec![Act::Silence], true);
}

#[test]
fn silence_after_the_request() {
    hangs(Begin::AfterTheRequest, vec![Act::Silence], true);
}

#[test]
fn silence_after_the_head() {
    hangs(Begin::AfterTheRequest, vec![Act::Send(healthy().0), Act::Silence], true);
}

#[test]
fn one_byte_at_a_time() {
    let (head, body) = healthy();
    let slowly = |bytes: &[u8]| {
        bytes.iter().flat_map(|byte| [Act::Send(vec![*byte]), Act::Wait(Duration::from_millis(50))]).collect::<Vec<_>>()
    };
    hangs(Begin::AfterTheRequest, slowly(&head), true);
    hangs(Begin::AfterTheRequest, [vec![Act::Send(head)], slowly(&body)].concat(), true);
}

#[test]
fn what_was_sent_once_stays_sent() {
    // The first attempt is reset after its request, the second is refused.
    let listener = TcpListener::bind("127.0.0.78:0").unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        drop(listener);
        read_all_but_one(&mut stream)
    });
    let settings = json!({"maxAttempts": 2, "rateLimit": {"perSecond": 10}});
    let error = client(&endpoint, settings).query_sign_sts(FLOW_ID).unwrap_err();
    assert!(server.join().unwrap().is_some());
    assert_eq!((error.code, error.sent, error.attempts), (Code::Transport, true, 2), "{error}");
    assert!(error.message.contains("refused"), "{error}");
}

/// One answer, written as it is, with the failure that it leads to; `None`: it is a good one.
#[track_caller]
fn answered(answer: &[u8], expected: Option<Code>) -> Option<Error> {
    let server = Faulty::start(Begin::AfterTheRequest, vec![vec![Act::Send(answer.to_vec())]]);
    let client = server.client(json!({}));
    let error = match expected {
        Some(code) => Some(fails(&client, code, true)),
        None => {
            is_healthy(&client);
            None
        }
    };
    is_healthy(&client);
    error
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    [head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat()
}

#[test]
fn lengths_that_lie() {
    let (_, body) = healthy();
    let length = |n: usize| with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {n}"), &body);
    answered(&length(body.len() + 1), Some(Code::Transport));
    // Too short: what is read is not the whole object.
    answered(&length(body.len() - 1), Some(Code::MalformedResponse));
    answered(&with_head("HTTP/1.1 200 OK", &body), None);
    for bad in ["x", "-1", &format!("+{}", body.len()), &format!("{}\nContent-Length: {}", body.len(), body.len() - 1)]
    {
        answered(&with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {bad}"), &body), Some(Code::Transport));
    }
    answered(&with_head("HTTP/1.1 200 OK\nContent-Length: 99999999999999999999", &body), Some(Code::Transport));
    answered(&with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {}", usize::MAX), &body), Some(Code::Transport));
}

#[test]
fn chunks_that_lie() {
    let (_, body) = healthy();
    let head = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked";
    let chunks = |size: &str, end: &[u8]| with_head(head, &[size.as_bytes(), b"\r\n", &body, end].concat());
    let size = format!("{:x}", body.len());
    answered(&chunks(&size, b"\r\n0\r\n\r\n"), None);
    for bad in [
        chunks("xyz", b"\r\n0\r\n\r\n"),
        chunks("-1", b"\r\n0\r\n\r\n"),
        chunks("ffffffffffffffffff", b"\r\n0\r\n\r\n"),
        chunks(&format!("{:x}", body.len() + 5), b"\r\n0\r\n\r\n"),
        chunks(&format!("{:x}", body.len() - 5), b"\r\n0\r\n\r\n"),
        chunks(&size, b""),
        chunks(&size, b"\r\n"),
    ] {
        answered(&bad, Some(Code::Transport));
    }
}

#[test]
fn answers_that_are_not_http_or_not_wanted() {
    let (_, body) = healthy();
    let length = body.len();
    answered(b"hello there\r\n\r\n", Some(Code::Transport));
    answered(b"\x16\x03\x01\x02\x00\x01", Some(Code::Transport));
    answered(&[b'x'; 100_000], Some(Code::Transport));
    // Nobody asked for compression, so nothing is unpacked.
    let gzip = with_head(
        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 19",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03garbage!!",
    );
    answered(&gzip, Some(Code::MalformedResponse));
    answered(&with_head(&format!("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: {length}"), &body), None);
    // Only 200 is an answer, whatever the body says.
    for status in ["201 Created", "203 Non-Authoritative Information", "206 Partial Content"] {
        answered(&with_head(&format!("HTTP/1.1 {status}\nContent-Length: {length}"), &body), Some(Code::HttpStatus));
    }
    let error = answered(&with_head("HTTP/1.1 204 No Content", b""), Some(Code::HttpStatus)).unwrap();
    assert_eq!(error.http_status, Some(204));
    let redirect = with_head("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:9/\nContent-Length: 0", b"");
    let error = answered(&redirect, Some(Code::HttpStatus)).unwrap();
    assert_eq!((error.http_status, error.retryable()), (Some(302), false));
    let huge = with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {}", 3 << 20), &vec![b' '; 3 << 20]);
    let error = answered(&huge, Some(Code::Transport)).unwrap();
    assert!(error.message.contains("1048576 bytes"), "{error}");
}

/// `bytes`, as Python's expression `what` makes them.
fn python(what: &str, bytes: &[u8]) -> Vec<u8> {
    let program = format!("import gzip, sys, zlib; b = sys.stdin.buffer.read(); sys.stdout.buffer.write({what})");
    let mut process = Command::new("python3")
        .args(["-c", &program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test");
    process.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn an_answer_that_is_compressed_all_the_same() {
    let (_, body) = healthy();
    let coded = |coding: &str, body: &[u8]| {
        with_head(&format!("HTTP/1.1 200 OK\n{coding}Content-Length: {}", body.len()), body)
    };
    let (gzip, deflate) = (python("gzip.compress(b)", &body), python("zlib.compress(b)", &body));
    for (answer, names) in [
        (coded("Content-Encoding: gzip\n", &gzip), "compressed with gzip"),
        (coded("", &gzip), "compressed with gzip"),
        (coded("Content-Encoding: deflate\n", &deflate), "compressed with deflate"),
        (coded("", &deflate), "compressed with deflate"),
        // What only its header tells.
        (coded("Content-Encoding: br\n", b"\x1b\x2a\x00\xf8\x8d\x94\x6e"), "compressed with br"),
        (coded("Content-Encoding: identity\n", b"\x1b\x2a\x00\xf8\x8d\x94\x6e"), "not UTF-8"),
        (coded("Content-Encoding: br\n", b"<html>"), "Content-Encoding br"),
        // Many a program states its character encoding there.
        (coded("Content-Encoding: GBK\n", b"{\"note\":\"\xb3\xc9\xb9\xa6\"}"), "not UTF-8 but GBK"),
        (coded("Content-Encoding: utf-8\n", b"caf\xe9 cr\xe8me"), "not UTF-8 text"),
    ] {
        let error = answered(&answer, Some(Code::MalformedResponse)).unwrap();
        assert!(error.message.contains(names), "{error}");
        assert_eq!(error.message.contains("identity"), names.contains("compressed"), "{error}");
    }
    let head = format!("HTTP/1.1 502 Bad Gateway\nContent-Length: {}", gzip.len());
    let error = answered(&with_head(&head, &gzip), Some(Code::HttpStatus)).unwrap();
    assert!(error.message.ends_with("Its page is compressed with gzip, though asked for plain."), "{error}");
    // What is signed and can be read is an answer, whatever stands before it.
    for coding in ["Content-Encoding: identity\n", "Content-Encoding: gzip\n", "Content-Encoding: utf-8\n"] {
        answered(&coded(coding, &body), None);
    }
}

#[test]
fn an_answer_in_another_character_encoding() {
    let coded = |body: &[u8]| with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {}", body.len()), body);
    let told = r#"{"code":"99","note":"系统异常，请稍后再试"}"#;
    let mark = "begins with a byte order mark";
    for (encoding, names, shows) in [
        ("gbk", "GBK", told.to_owned()),
        ("gb2312", "GBK", told.to_owned()),
        ("utf-16", "UTF-16", told.to_owned()),
        ("utf-8-sig", mark, format!("\\u{{feff}}{told}")),
    ] {
        let body = python(&format!("b.decode().encode('{encoding}')"), told.as_bytes());
        let error = answered(&coded(&body), Some(Code::MalformedResponse)).unwrap();
        assert!(error.message.contains(names), "{encoding}: {error}");
        assert_eq!(error.unverified.as_deref(), Some(shows.as_str()), "{encoding}");
    }
    // A signature that fits makes them no better.
    for encoding in ["gbk", "gb18030", "utf-16", "utf-8-sig"] {
        let body = python(&format!("b.decode().encode('{encoding}')"), &healthy().1);
        answered(&coded(&body), Some(Code::MalformedResponse));
    }
    // The page of a bad status, too.
    let page = python("b.decode().encode('gbk')", "<h1>网关错误</h1>".as_bytes());
    let head = format!("HTTP/1.1 502 Bad Gateway\nContent-Length: {}", page.len());
    let error = answered(&with_head(&head, &page), Some(Code::HttpStatus)).unwrap();
    assert_eq!(error.unverified.as_deref(), Some("<h1>网关错误</h1>"));
}

#[test]
fn answers_without_end() {
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    for (begin, again, code) in [
        ("", "HTTP/1.1 100 Continue\r\n\r\n", Code::Transport),
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n", Code::Transport),
        ("HTTP/1.1 200 OK\r\nX: ", "y", Code::Transport),
        (CHUNKED, &chunk, Code::Transport),
        (CHUNKED, "0", Code::Transport),
        (&format!("{CHUNKED}1;"), "x", Code::Transport),
        // Nothing of these is kept, so only the deadline ends them.
        (&format!("{CHUNKED}0\r\n"), "X: y\r\n", Code::Timeout),
    ] {
        let script = vec![Act::Send(begin.into()), Act::SendForEver(again.into())];
        let server = Faulty::start(Begin::AfterTheRequest, vec![script]);
        let client = server.client(json!({"timeoutMs": 5_000}));
        let begun = Instant::now();
        let error = fails(&client, code, true);
        assert!(begun.elapsed() < Duration::from_secs(15), "{begin:?} {again:?}: {error}");
        is_healthy(&client);
    }
}

#[test]
fn a_bad_status_stays_one_when_its_page_cannot_be_read() {
    let length = |n: usize| format!("HTTP/1.1 500 Internal Server Error\nContent-Length: {n}");
    let page = vec![b'x'; 2 << 20];
    for answer in [
        with_head(&length(page.len()), &page),
        with_head(&length(page.len()), &page[..1_000]),
        with_head(&length(page.len()), b""),
        with_head("HTTP/1.1 500 Internal Server Error\nTransfer-Encoding: chunked", b"xyz\r\n"),
    ] {
        let error = answered(&answer, Some(Code::HttpStatus)).unwrap();
        assert_eq!((error.http_status, error.retryable()), (Some(500), true), "{error}");
    }
}

#[test]
fn the_largest_answer_that_is_taken() {
    const MOST: usize = 1 << 20;
    let (_, body) = healthy();
    // Beside `data`, where the signature does not look.
    let padded = |length: usize| {
        let begin = r#"{"padding":""#;
        let padding = "x".repeat(length - begin.len() - "\",".len() - (body.len() - 1));
        let body = [begin.as_bytes(), padding.as_bytes(), b"\",", &body[1..]].concat();
        assert_eq!(body.len(), length);
        with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {length}"), &body)
    };
    answered(&padded(900_000), None);
    answered(&padded(MOST), None);
    answered(&padded(MOST + 1), Some(Code::Transport));
}

#[test]
fn trouble_that_passes_is_repeated() {
    let (_, body) = healthy();
    let status = |head: &str| vec![Act::Send(with_head(&format!("HTTP/1.1 {head}\nContent-Length: 0"), b""))];
    let good = vec![Act::Send(with_head(&format!("HTTP/1.1 200 OK\nContent-Length: {}", body.len()), &body))];
    for (first, least) in [
        (status("500 Internal Server Error"), 100),
        (status("429 Too Many Requests"), 100),
        (status("429 Too Many Requests\nRetry-After: 1"), 1_000),
        (status("503 Service Unavailable\nRetry-After: 1"), 1_000),
        // Impatience does not make us press.
        (status("503 Service Unavailable\nRetry-After: 0"), 100),
        (vec![Act::Reset], 100),
    ] {
        let server = Faulty::start(Begin::AfterTheRequest, vec![first, good.clone()]);
        // A turn is free at once, so that any wait is the pause.
        let settings = json!({"maxAttempts": 2, "rateLimit": {"perSecond": 10}});
        let begun = Instant::now();
        let answer = server.client(settings).query_sign_sts(FLOW_ID).unwrap();
        assert_eq!(answer.attempts, 2);
        assert!(begun.elapsed() >= Duration::from_millis(least), "{:?}", begun.elapsed());
    }
}

/// Meets a TLS server that `roots` do not make good, and then a good one at the same address.
#[track_caller]
fn distrusted(bad: SocketAddr, roots: &str) -> Error {
    let healthy = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let scratch = Scratch::new();
    let settings = json!({"caFile": scratch.write("ca.pem", [roots, healthy.ca_pem().unwrap()].concat())});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Faulty::before(healthy, listener, Begin::AtOnce, vec![vec![Act::Relay(bad)]]);
    let client = client(&format!("https://localhost:{}{}", server.address.port(), yspay_simulator::PATH), settings);
    let error = fails(&client, Code::Transport, false);
    is_healthy(&client);
    error
}

#[test]
fn tls_that_cannot_be_trusted() {
    for (tls, trusted, says) in [
        (Tls::default(), false, "not a trusted root"),
        (Tls { names: vec!["other.test".into()], ..Tls::default() }, true, "another host name"),
        (Tls { expired: true, ..Tls::default() }, true, "it has expired"),
    ] {
        let sim = Simulator::start(Options { tls: Some(tls), ..Options::default() }).unwrap();
        let error = distrusted(sim.address(), if trusted { sim.ca_pem().unwrap() } else { "" });
        assert!(
            error.message.contains("we refused the server's certificate") && error.message.contains(says),
            "{error}"
        );
        assert_eq!(sim.stats().requests, 0);
    }
}

#[test]
fn tls_of_another_age() {
    let scratch = Scratch::new();
    scratch.sh("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 2");
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-key"])
        .arg(scratch.path("key.pem"))
        .arg("-cert")
        .arg(scratch.path("cert.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the openssl command line is needed for this test");
    // It prints: ACCEPT 127.0.0.1:PORT
    let mut output = server.stdout.take().unwrap();
    let mut told = String::new();
    while !(told.contains("ACCEPT ") && told.ends_with('\n')) {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        told.push(char::from(byte[0]));
    }
    let port: u16 = told.trim().rsplit(':').next().unwrap().parse().unwrap();
    let error = distrusted(([127, 0, 0, 1], port).into(), "");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(error.message.contains("TLS") && error.message.contains("version"), "{error}");
}

/// Faults of an answer that comes through TLS: the request was sent, which a handshake is not.
#[test]
fn faults_behind_tls() {
    for (id, code) in [
        ("RESET-1", Code::Transport),
        ("CLOSE-1", Code::Transport),
        ("TRUNC-1", Code::Transport),
        ("BADCHUNK-1", Code::Transport),
        ("HANG-1", Code::Timeout),
    ] {
        let sim = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
        let scratch = Scratch::new();
        let client = client(&sim.endpoint(), json!({"caFile": scratch.write("ca.pem", sim.ca_pem().unwrap())}));
        let options = QueryOptions { timeout: Some(Duration::from_secs(2)), ..QueryOptions::default() };
        let begun = Instant::now();
        let error = client.query_sign_sts_with(id, &options).unwrap_err();
        assert_eq!((error.code, error.sent, error.attempts), (code, true, 1), "{id}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{id}: {:?}", begun.elapsed());
        is_healthy(&client);
    }
}

/// `connectTimeoutMs` covers handshakes too, and what hangs there costs no turn.
#[test]
fn silence_in_a_tls_handshake() {
    let healthy = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let scratch = Scratch::new();
    let ca = scratch.write("ca.pem", healthy.ca_pem().unwrap());
    let scripts = vec![vec![Act::Silence], vec![Act::Silence]];
    let server = Faulty::before(healthy, TcpListener::bind("127.0.0.1:0").unwrap(), Begin::AtOnce, scripts);
    let endpoint = format!("https://localhost:{}{}", server.address.port(), yspay_simulator::PATH);
    hangs_while_connecting(&client(&endpoint, json!({"caFile": ca, "connectTimeoutMs": 900})));
}

/// Connects three times: too slowly for `connectTimeoutMs` (900), too slowly for the deadline, and well.
#[track_caller]
fn hangs_while_connecting(client: &Client) {
    let begun = Instant::now();
    let error = fails(client, Code::Transport, false);
    assert!(error.message.contains("connectTimeoutMs (900 ms)"), "{error}");
    // Shorter than a turn that was used would rest.
    let options = QueryOptions { timeout: Some(Duration::from_millis(500)), ..QueryOptions::default() };
    let error = client.query_sign_sts_with(FLOW_ID, &options).unwrap_err();
    assert_eq!((error.code, error.sent, error.attempts), (Code::Timeout, false, 1), "{error}");
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(1_390) && took < Duration::from_secs(10), "{took:?}");
    is_healthy(client);
}

/// Bytes that never come to an end: each comes in time, all of them do not.
fn drips(begin: &[u8], again: u8) -> Vec<Act> {
    let drops = (0..1_000).flat_map(|_| [Act::Send(vec![again]), Act::Wait(Duration::from_millis(10))]);
    std::iter::once(Act::Send(begin.to_vec())).chain(drops).collect()
}

#[test]
fn a_tls_handshake_one_byte_at_a_time() {
    let healthy = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let scratch = Scratch::new();
    let ca = scratch.write("ca.pem", healthy.ca_pem().unwrap());
    // A record of 16 KiB that begins a long message.
    let record = drips(&[22, 3, 3, 0x40, 0], 2);
    let server =
        Faulty::before(healthy, TcpListener::bind("127.0.0.1:0").unwrap(), Begin::AtOnce, vec![record.clone(), record]);
    let endpoint = format!("https://localhost:{}{}", server.address.port(), yspay_simulator::PATH);
    hangs_while_connecting(&client(&endpoint, json!({"caFile": ca, "connectTimeoutMs": 900})));
}

const PROXIED: &str = "platform.invalid";

/// How a proxy agrees to connect.
fn agrees(scheme: &str) -> Vec<Act> {
    if scheme == "http" {
        return vec![Act::ReadHead, Act::Send(with_head("HTTP/1.1 200 Connection established", b""))];
    }
    // No password; then a name and a port.
    let connected = vec![5, 0, 0, 1, 127, 0, 0, 1, 0, 0];
    vec![Act::Read(3), Act::Send(vec![5, 0]), Act::Read(5 + PROXIED.len() + 2), Act::Send(connected)]
}

/// A proxy that does this with its first connections, and carries all later ones.
fn through_proxy(mut scripts: Vec<Vec<Act>>, scheme: &str) -> (Simulator, Faulty, Client) {
    let sim = Simulator::start(Options::default()).unwrap();
    scripts.push([agrees(scheme), vec![Act::Relay(sim.address())]].concat());
    let proxy = Faulty::start(Begin::AtOnce, scripts);
    let settings =
        json!({"proxy": format!("{scheme}://{}", proxy.address), "allowHttp": true, "connectTimeoutMs": 900});
    // A port of its own, so that clients do not share their turns.
    let endpoint = format!("http://{PROXIED}:{}{}", proxy.address.port(), yspay_simulator::PATH);
    let client = client(&endpoint, settings);
    (sim, proxy, client)
}

#[test]
fn a_proxy_that_refuses_or_hangs() {
    let refusal = vec![Act::ReadHead, Act::Send(with_head("HTTP/1.1 403 Forbidden\nContent-Length: 0", b""))];
    let (_sim, _proxy, client) = through_proxy(vec![refusal], "http");
    let error = fails(&client, Code::Transport, false);
    assert!(error.message.contains("proxy refused") && error.message.contains("403"), "{error}");
    is_healthy(&client);
    let (_sim, _proxy, client) = through_proxy(vec![vec![Act::Send(vec![5, 0xff])]], "socks5h");
    fails(&client, Code::Transport, false);
    is_healthy(&client);
    for scheme in ["http", "socks5h"] {
        let (_sim, _proxy, client) = through_proxy(vec![vec![Act::Silence], vec![Act::Silence]], scheme);
        hangs_while_connecting(&client);
    }
    // Each byte of the proxy's answer comes in time, all of them do not.
    let head = [vec![Act::ReadHead], drips(b"HTTP/1.1 200 OK\r\nX: ", b'y')].concat();
    let (_sim, _proxy, client) = through_proxy(vec![head.clone(), head], "http");
    hangs_while_connecting(&client);
}

/// Once the proxy has agreed, what is written is the request.
#[test]
fn faults_behind_a_proxy() {
    for scheme in ["http", "socks5h"] {
        // Bytes of the request that nobody reads make the close a reset.
        for (end, code) in [(vec![Act::Read(1), Act::Reset], Code::Transport), (vec![Act::Silence], Code::Timeout)] {
            let (_sim, _proxy, client) = through_proxy(vec![[agrees(scheme), end].concat()], scheme);
            let options = QueryOptions { timeout: Some(Duration::from_secs(2)), ..QueryOptions::default() };
            let begun = Instant::now();
            let error = client.query_sign_sts_with(FLOW_ID, &options).unwrap_err();
            assert_eq!((error.code, error.sent, error.attempts), (code, true, 1), "{scheme}: {error}");
            assert!(begun.elapsed() < Duration::from_secs(10), "{scheme}: {:?}", begun.elapsed());
            is_healthy(&client);
        }
    }
}

#[test]
fn a_name_that_does_not_exist() {
    let client = client("https://platform.invalid/", json!({}));
    let error = fails(&client, Code::Transport, false);
    assert!(error.message.contains("host name"), "{error}");
    has_turns_at_once(&client);
}
