//! Requests sent by hand and replies read by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use yspay_simulator::Simulator;
use yspay_simulator::crypto::Algorithm;

pub(crate) use crate::question::{Fields, KEYS, encrypt, next_id, post};

/// The bytes of a request that passes every check.
pub(crate) fn good_request(algorithm: Algorithm, flow_id: &str) -> Vec<u8> {
    post(&Fields::ask(algorithm, flow_id).signed().json())
}

/// What a server sent.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(|(other, _)| *other == name).map(|(_, value)| value).next()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The fields of `data`, whichever form it has.
    pub(crate) fn data(&self) -> Value {
        match &self.json()["data"] {
            Value::String(text) => serde_json::from_str(text).expect("data"),
            other => other.clone(),
        }
    }

    /// The message of an unsigned refusal.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        assert_eq!((self.status, &json["code"], &json["data"]), (200, &Value::from(400), &Value::Null), "{json}");
        assert!(json.get("signValue").is_none());
        json["message"].as_str().expect("message").to_owned()
    }
}

/// One connection.
pub(crate) struct Connection(pub(crate) TcpStream);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connect");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("timeout");
        stream.set_nodelay(true).expect("nodelay");
        Self(stream)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("send");
    }

    /// Reads a head, byte by byte, so that nothing after it is taken.
    pub(crate) fn read_head(&mut self) -> Reply {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&head)));
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("head");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("status");
        Reply { status, head, body: Vec::new() }
    }

    /// Reads a reply whose head gives its length.
    pub(crate) fn read(&mut self) -> Reply {
        let mut reply = self.read_head();
        let length = reply.header("Content-Length").map_or(0, |length| length.parse().expect("length"));
        reply.body = vec![0; length];
        self.0.read_exact(&mut reply.body).expect("body");
        reply
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Reply {
        self.send(request);
        self.read()
    }

    /// Reads until the other side closes; an error other than a close is a failure.
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).expect("an orderly close");
        bytes
    }

    pub(crate) fn is_silent_for(&mut self, time: Duration) -> bool {
        self.0.set_read_timeout(Some(time)).expect("timeout");
        let silent = self
            .0
            .read(&mut [0])
            .is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        self.0.set_read_timeout(Some(Duration::from_secs(20))).expect("timeout");
        silent
    }
}

/// One request on a connection of its own.
pub(crate) fn ask(simulator: &Simulator, request: &[u8]) -> Reply {
    Connection::open(simulator.address()).ask(request)
}
