//! Proxies: HTTP CONNECT and SOCKS5, played by small servers here. A proxy is never used for a loopback address, so the
//! endpoint has a name that only the proxy knows.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use base64ct::{Base64, Encoding};
use serde_json::json;
use yspay::{Client, Code};
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{self, Kind, Scratch};

const HOST: &str = "platform.invalid";

/// Serves one connection, and returns what the proxy was asked.
fn proxy(serve: impl FnOnce(TcpStream) -> String + Send + 'static) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (address, std::thread::spawn(move || serve(listener.accept().unwrap().0)))
}

fn through(proxy: &str, sim: &Simulator) -> serde_json::Value {
    let mut config =
        support::config(Kind::Sm, &format!("http://{HOST}:{}/saas/orgSign/querySignSts", sim.address().port()));
    config["allowHttp"] = json!(true);
    config["proxy"] = json!(proxy);
    config["maxAttempts"] = json!(1);
    config
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

#[test]
fn an_http_proxy_carries_the_call() {
    let sim = support::start();
    let target = sim.address();
    let (address, asked) = proxy(move |mut stream| {
        let head = read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        support::relay(stream, target);
        head
    });
    // user:p@ss/#%+ü
    let config = through(&format!("http://user:p%40ss%2f%23%25+%C3%BC@{address}"), &sim);
    let client = Client::from_json(&config.to_string()).unwrap();
    assert_eq!(client.query_sign_sts("F1").map(|answer| answer.attempts), Ok(1));
    assert_eq!(client.stats().connections_opened, 1, "the one to the proxy is a part of it");
    drop(client);
    let head = asked.join().unwrap();
    assert!(head.starts_with(&format!("CONNECT {HOST}:{} HTTP/1.1\r\n", target.port())), "{head}");
    let credentials = Base64::encode_string("user:p@ss/#%+ü".as_bytes());
    assert!(head.contains(&format!("Proxy-Authorization: Basic {credentials}\r\n")), "{head}");
}

#[test]
fn tls_goes_through_an_http_proxy_to_the_platform_itself() {
    let sim = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let target = sim.address();
    let (address, asked) = proxy(move |mut stream| {
        let head = read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        support::relay(stream, target);
        head
    });
    let scratch = Scratch::new();
    let mut config = through(&format!("http://{address}"), &sim);
    config["endpoint"] = json!(format!("https://{HOST}:{}/saas/orgSign/querySignSts", target.port()));
    config["caFile"] = json!(scratch.write("ca.pem", sim.ca_pem().unwrap()));
    let client = Client::from_json(&config.to_string()).unwrap();
    let error = client.query_sign_sts("F1").unwrap_err();
    // The certificate is for localhost: verified end to end, the proxy cannot stand in.
    assert_eq!((error.code, error.sent), (Code::Transport, false));
    assert!(error.message.contains("another host name"), "{error}");
    assert_eq!(client.stats().connections_opened, 0, "it never stood");
    drop(client);
    asked.join().unwrap();
}

#[test]
fn a_proxy_that_refuses_is_quoted_and_nothing_was_sent() {
    let sim = support::start();
    let (address, asked) = proxy(|mut stream| {
        let head = read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").unwrap();
        head
    });
    let config = through(&format!("http://user:hunter2@{address}"), &sim);
    let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
    assert!(error.message.contains("proxy refused") && error.message.contains("407"), "{error}");
    assert!(!error.to_json().contains("hunter2"));
    asked.join().unwrap();
}

/// Who never heard of the proxy, for it is in the environment, would search at the endpoint.
#[test]
fn a_proxy_that_cannot_be_used_is_named() {
    let sim = support::start();
    // On an address of its own, so that nobody takes the port meanwhile.
    let closed = TcpListener::bind("127.0.0.78:0").unwrap().local_addr().unwrap();
    let (mute, asked) = proxy(|mut stream| read_head(&mut stream));
    for (scheme, address, expected) in [
        ("http", closed, format!("The proxy http://{closed} refused the connection")),
        ("socks5h", closed, format!("The proxy socks5h://{closed} refused the connection")),
        ("http", mute, format!("through the proxy http://{mute}")),
    ] {
        let config = through(&format!("{scheme}://user:hunter2@{address}"), &sim);
        let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
        assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
        assert!(error.message.contains(&expected), "{error}");
        assert!(!error.message.contains("Check the endpoint") && !error.to_json().contains("hunter2"), "{error}");
    }
    asked.join().unwrap();
}

#[test]
fn a_proxy_whose_name_is_not_found_is_named() {
    let sim = support::start();
    for scheme in ["http", "socks5h"] {
        let config = through(&format!("{scheme}://user:hunter2@proxy.invalid:3128"), &sim);
        let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
        assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
        let named = format!("The host name of the proxy {scheme}://proxy.invalid:3128 was not found");
        assert!(error.message.starts_with(&named) && error.message.contains("HTTPS_PROXY"), "{error}");
        assert!(!error.message.contains("endpoint") && !error.to_json().contains("hunter2"), "{error}");
    }
}

/// The one mistake that everybody makes: HTTPS_PROXY=https://… for a proxy that takes plain http.
#[test]
fn a_proxy_that_takes_no_tls_is_told_from_the_endpoint() {
    let sim = support::start();
    let (address, asked) = proxy(|mut stream| {
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").unwrap();
        format!("{hello:?}")
    });
    let config = through(&format!("https://user:hunter2@{address}"), &sim);
    let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
    let named = format!("write http:// in place of https:// before the host of the proxy https://{address}");
    assert!(error.message.contains(&named) && !error.to_json().contains("hunter2"), "{error}");
    assert!(asked.join().unwrap().starts_with("[22, 3"));
}

#[test]
fn a_socks_proxy_that_refuses_the_login_is_told() {
    let sim = support::start();
    for (user, answers) in [("", vec![[5, 0xff]]), ("user:hunter2@", vec![[5, 2], [1, 1]])] {
        let (address, asked) = proxy(move |mut stream| {
            for answer in answers {
                let mut bytes = [0; 64];
                assert!(stream.read(&mut bytes).unwrap() > 0);
                stream.write_all(&answer).unwrap();
            }
            String::new()
        });
        let config = through(&format!("socks5h://{user}{address}"), &sim);
        let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
        assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
        let named = format!("The proxy socks5h://{address} refuses the user and password, or wants some");
        assert!(error.message.starts_with(&named) && !error.message.contains("endpoint"), "{error}");
        assert!(!error.to_json().contains("hunter2"), "{error}");
        asked.join().unwrap();
    }
}

/// With `socks5://` the endpoint's name is looked up here, before anything is asked of the proxy.
#[test]
fn behind_a_socks5_proxy_it_is_told_whose_name_is_not_found() {
    let sim = support::start();
    let config = through("socks5://user:hunter2@127.0.0.78:1080", &sim);
    let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
    assert!(error.message.starts_with("The endpoint's host name was not found"), "{error}");
    assert!(error.message.contains("with socks5h:// the proxy looks it up"), "{error}");
    assert!(!error.to_json().contains("hunter2"), "{error}");
}

#[test]
fn a_socks5_proxy_carries_the_call_and_looks_up_the_name() {
    let sim = support::start();
    let target = sim.address();
    let (address, asked) = proxy(move |mut stream| {
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!(greeting, [5, 2, 2, 0]);
        stream.write_all(&[5, 2]).unwrap();
        let mut user = [0; 14];
        stream.read_exact(&mut user).unwrap();
        assert_eq!(&user, b"\x01\x04u:er\x07p@ss/#%");
        stream.write_all(&[1, 0]).unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(request[..4], [5, 1, 0, 3]);
        let mut name = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut name).unwrap();
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
        support::relay(stream, target);
        name.truncate(name.len() - 2);
        String::from_utf8(name).unwrap()
    });
    let config = through(&format!("socks5h://u%3Aer:p%40ss%2F%23%25@{address}"), &sim);
    let client = Client::from_json(&config.to_string()).unwrap();
    assert_eq!(client.query_sign_sts("F1").map(|answer| answer.attempts), Ok(1));
    assert_eq!(client.stats().connections_opened, 1);
    drop(client);
    assert_eq!(asked.join().unwrap(), HOST);
}

#[test]
fn a_loopback_endpoint_needs_no_proxy() {
    let sim = support::start();
    let mut config = support::config(Kind::Sm, &sim.endpoint());
    // Nothing listens there.
    config["proxy"] = json!("http://127.0.0.1:9");
    assert!(Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").is_ok());
}
