//! A cancelled call ends soon, wherever it stands, and what was sent is told as it was.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;
use yspay::{CancelToken, Client, Code, QueryOptions};

use crate::support::{self, Kind};

/// By design within 100 ms; the bound is for noisy machines, and shorter than any wait that would go on.
const SOON: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_secs(120);

/// Cancels a call that stands where the server leaves it.
fn ends_soon(what: &str, endpoint: &str, proxy: &str, sent: bool) {
    let mut config = support::config(Kind::Sm, endpoint);
    config["proxy"] = json!(proxy);
    config["allowHttp"] = json!(true);
    config["connectTimeoutMs"] = json!(LIMIT.as_millis() as u64);
    let client = Client::from_json(&config.to_string()).unwrap();
    let token = CancelToken::new();
    let options = QueryOptions { timeout: Some(LIMIT), cancel: Some(token.clone()) };
    std::thread::scope(|scope| {
        let call = scope.spawn(|| client.query_sign_sts_with("F1", &options));
        std::thread::sleep(Duration::from_millis(500));
        assert!(!call.is_finished(), "{what}: {:?}", call.join().unwrap().map(|answer| answer.attempts));
        let begun = Instant::now();
        token.trigger();
        let error = call.join().unwrap().unwrap_err();
        let took = begun.elapsed();
        assert_eq!((error.code, error.sent, error.attempts), (Code::Cancelled, sent, 1), "{what}: {error}");
        assert!(took < SOON, "{what}: {took:?}");
    });
}

/// Plays `serve` on every connection; ends with the test's process.
fn server(serve: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address.to_string()
}

/// Reads until the client has had enough.
fn silence(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// So slowly that it never ends.
fn drip(mut stream: &TcpStream, bytes: &[u8]) {
    for byte in bytes.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn drip_a_body(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    drip(&stream, b" ");
}

/// Without a length, so that an end would make it whole.
fn drip_a_body_without_end(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    drip(&stream, b" ");
}

fn drip_a_handshake(mut stream: TcpStream) {
    let _ = stream.write_all(&[22, 3, 3, 0x40, 0]);
    drip(&stream, &[2]);
}

fn drip_a_head(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ");
    drip(&stream, b"y");
}

#[test]
fn while_it_connects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Full: the kernel answers no more handshakes, so a connect hangs.
    let _filling: Vec<_> =
        (0..5_000).map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()).collect();
    ends_soon("a connect", &format!("http://{address}/"), "none", false);
    for scheme in ["http", "https", "socks5h"] {
        ends_soon(scheme, "http://platform.invalid/", &format!("{scheme}://{address}"), false);
    }
}

#[test]
fn while_it_shakes_hands() {
    for serve in [silence, drip_a_handshake] {
        ends_soon("TLS", &format!("https://{}/", server(serve)), "none", false);
    }
    for serve in [silence, drip_a_head] {
        ends_soon("a proxy", "http://platform.invalid/", &format!("http://{}", server(serve)), false);
    }
    ends_soon("SOCKS", "http://platform.invalid/", &format!("socks5h://{}", server(silence)), false);
}

#[test]
fn while_it_waits_for_the_answer() {
    for serve in [silence, drip_a_head, drip_a_body, drip_a_body_without_end] {
        ends_soon("an answer", &format!("http://{}/", server(serve)), "none", true);
    }
}
