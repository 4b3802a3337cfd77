//! A call that was given up writes no further byte. Its connection is closed at once if its request was not sent; else when
//! the answer begins, for until then the platform may yet read it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use yspay::{CancelToken, Client, Code, Error, QueryOptions};

use crate::support::{self, Kind};

/// Much longer than a close takes, and much shorter than [`CALL`].
const SOON: Duration = Duration::from_secs(10);
/// So long that nothing but giving up can end the exchange.
const CALL: Duration = Duration::from_secs(120);

/// Reads a request, and its body if it has one.
fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
    stream.read_exact(&mut vec![0; length]).unwrap();
}

/// The client closes without another byte.
#[track_caller]
fn ends_soon(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(SOON)).unwrap();
    match stream.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Ok(_) => panic!("an abandoned exchange went on writing"),
        Err(error) => panic!("the connection of an abandoned exchange is still open: {error}"),
    }
}

/// The client neither closes nor writes: the request may be read yet. Then the answer begins.
#[track_caller]
fn is_kept_until_the_answer_begins(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    match stream.read(&mut [0]) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Ok(0) => panic!("the connection of a request that may be read yet was closed"),
        Ok(_) => panic!("an abandoned exchange went on writing"),
        Err(error) => panic!("{error}"),
    }
    stream.write_all(b"H").unwrap();
}

/// Whoever wants the only turn looks at the connections of abandoned calls.
fn ask_until_finished(client: &Client, server: &std::thread::ScopedJoinHandle<'_, ()>) {
    while !server.is_finished() {
        let code = support::ask(client, "F1", 50).unwrap_err().code;
        assert!(matches!(code, Code::RateLimited | Code::Timeout | Code::Transport), "{code}");
    }
}

fn client(endpoint: &str, proxy: &str) -> Client {
    let mut config = support::config(Kind::Sm, endpoint);
    config["proxy"] = json!(proxy);
    config["allowHttp"] = json!(true);
    config["maxAttempts"] = json!(1);
    config["rateLimit"] = json!({"perSecond": 1});
    Client::from_json(&config.to_string()).unwrap()
}

/// Cancels a call once the server has read `under_way`, and has the server look once the call has returned.
fn cancel_when(
    client: &Client,
    listener: TcpListener,
    mut under_way: impl FnMut(&mut TcpStream) + Send,
    before: impl FnOnce(),
    mut afterwards: impl FnMut(&mut TcpStream) + Send,
) -> Error {
    let (tell, told) = mpsc::channel();
    let (returned, has_returned) = mpsc::channel();
    std::thread::scope(|scope| {
        let server = scope.spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.set_read_timeout(Some(SOON)).unwrap();
            under_way(&mut stream);
            tell.send(()).unwrap();
            has_returned.recv().unwrap();
            afterwards(&mut stream);
            ends_soon(&mut stream);
        });
        before();
        let token = CancelToken::new();
        let options = QueryOptions { timeout: Some(CALL), cancel: Some(token.clone()) };
        let call = scope.spawn(move || client.query_sign_sts_with("F1", &options));
        told.recv_timeout(SOON * 2).expect("the request comes");
        token.trigger();
        let error = call.join().unwrap().unwrap_err();
        assert_eq!(error.code, Code::Cancelled, "{error}");
        returned.send(()).unwrap();
        ask_until_finished(client, &server);
        error
    })
}

#[test]
fn a_cancel_leaves_a_fresh_connection_until_the_answer_begins() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("http://{}/", listener.local_addr().unwrap()), "none");
    assert!(cancel_when(&client, listener, read_request, || {}, is_kept_until_the_answer_begins).sent);
}

#[test]
fn a_cancel_leaves_a_reused_connection_until_the_answer_begins() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("http://{}/", listener.local_addr().unwrap()), "none");
    // Only one connection is accepted, so both requests must come over it.
    let twice = |stream: &mut TcpStream| {
        read_request(stream);
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\npage").unwrap();
        read_request(stream);
    };
    let first = || assert_eq!(client.query_sign_sts("F1").unwrap_err().http_status, Some(404));
    assert!(cancel_when(&client, listener, twice, first, is_kept_until_the_answer_begins).sent);
}

#[test]
fn a_deadline_leaves_the_connection_until_the_answer_begins() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("http://{}/", listener.local_addr().unwrap()), "none");
    let (returned, has_returned) = mpsc::channel();
    std::thread::scope(|scope| {
        let server = scope.spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            read_request(&mut stream);
            has_returned.recv().unwrap();
            is_kept_until_the_answer_begins(&mut stream);
            ends_soon(&mut stream);
        });
        let error = support::ask(&client, "F1", 1_000).unwrap_err();
        assert_eq!((error.code, error.sent), (Code::Timeout, true), "{error}");
        returned.send(()).unwrap();
        ask_until_finished(&client, &server);
    });
}

#[test]
fn a_call_cancelled_in_a_proxys_handshake_never_sends_its_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client("http://platform.invalid/", &format!("http://{}", listener.local_addr().unwrap()));
    // The proxy agrees too late.
    let agrees = |stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
    };
    assert!(!cancel_when(&client, listener, read_request, || {}, agrees).sent);
}
